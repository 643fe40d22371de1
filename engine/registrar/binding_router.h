// NOTIFYs whose target is an AOR or a GRUU of ours (RFC 5627 §6.1): the shard that owns that AOR puts the bound
// Contact in the Request-URI and sends it to the binding's flow. The response comes back by our Via.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/core.h"
#include "engine/registrar/registrar.h"

namespace vedette::engine {

// Whether a NOTIFY is sent for the first time or again, by Timer E.
enum class Transmission : uint8_t { kFirst, kResend };

class BindingRouter {
 public:
  BindingRouter(Core& core, const Registrar& registrations) : core_(core), registrations_(registrations) {}

  // `slot` is out.try_slot() and holds a NOTIFY to `target`: sends it through the binding here, or to the shard that
  // owns the AOR. False, and nothing committed, when the AOR is ours and nothing is bound.
  bool route_notify(OutSlot& slot, std::string_view target, Transmission transmission, Outbox& out);

  // A NOTIFY of the shard `sender`: sent on, or given back as kNotifyFailed. A resend goes to UDP bindings alone.
  void forward_notify(const PeerMessage& peer, const parsers::Message& notify, ShardIndex sender, Outbox& out);

 private:
  static bool is_sent(const Binding& binding, Transmission transmission) {
    // RFC 3261 §17.1.2.2: Timer E is for unreliable transports alone.
    return transmission == Transmission::kFirst || !is_reliable(binding.flow.transport);
  }
  const Binding* find_binding(const parsers::Uri& target, std::string_view aor) const;

  Core& core_;
  const Registrar& registrations_;
};

}  // namespace vedette::engine
