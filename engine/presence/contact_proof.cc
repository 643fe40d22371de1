#include "engine/presence/contact_proof.h"

#include <algorithm>

#include "engine/presence/dialog_text.h"

namespace vedette::engine {
namespace {

constexpr size_t kNotifyHead = 200;      // What a NOTIFY has besides its dialog's lines.
constexpr size_t kSendsMax = 3;

// A connection that is there leads to who opened it; one that we would open leads where the Contact says. By TLS that
// is a peer of the operator's, which hears nothing before its certificate has proved it.
bool is_known(const Core& core, const Request& request, const Subscription& subscription) {
  const EngineConfig& config = core.config;
  const Flow to = core.flow_of(subscription);
  return to.remote.address == request.flow.remote.address || subscription.through_binding ||
         (is_reliable(to.transport) && !to.may_open) || to.transport == Transport::kTls ||
         config.is_trusted(request.flow.remote.address) ||
         config.is_trusted(to.remote.address);
}

}  // namespace

bool demand_proof(const Core& core, const Request& request, bool moves, Subscription& subscription) {
  if (!moves && subscription.is_proven) return false;
  subscription.is_proven = !core.config.prove_contacts || is_known(core, request, subscription);
  if (subscription.is_proven) return false;
  if (moves) {
    // What is in flight was sent elsewhere, so its answer proves nothing; sent again, it has no body.
    subscription.asks_proof = false;
    subscription.sent_without_body = true;
  }
  const size_t fitting = request.message->bytes().size() / (dialog_bytes(core, subscription) + kNotifyHead);
  subscription.sends_left = static_cast<uint8_t>(std::clamp<size_t>(fitting, 1, kSendsMax)) & 3;
  return true;
}

}  // namespace vedette::engine
