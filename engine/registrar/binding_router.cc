#include "engine/registrar/binding_router.h"

#include <cstring>

#include "parsers/param.h"

namespace vedette::engine {
namespace {

constexpr std::string_view kStart = "NOTIFY ";

// Puts another Request-URI into a message that begins with kStart and a URI of `old_length`. False when it
// does not fit.
bool replace_request_uri(OutSlot& slot, size_t old_length, std::string_view uri) {
  const size_t rest_at = kStart.size() + old_length;
  const size_t rest_length = slot.length - rest_at;
  if (kStart.size() + uri.size() + rest_length > slot.capacity) return false;
  std::memmove(slot.bytes + kStart.size() + uri.size(), slot.bytes + rest_at, rest_length);
  std::memcpy(slot.bytes + kStart.size(), uri.data(), uri.size());
  slot.length = static_cast<uint32_t>(kStart.size() + uri.size() + rest_length);
  return true;
}

}  // namespace

const Binding* BindingRouter::find_binding(const parsers::Uri& target, std::string_view aor) const {
  const uint32_t presentity = core_.find_presentity(aor);
  if (presentity == kNoIndex) return nullptr;
  parsers::Param gr;
  const bool has_gr = parsers::find_uri_param(target, "gr", gr);
  return registrations_.find(core_.presentities[presentity].bindings, has_gr ? gr.value : std::string_view{});
}

bool BindingRouter::route_notify(OutSlot& slot, std::string_view target, Outbox& out) {
  parsers::Uri uri;
  if (parsers::parse_uri(target, uri) != parsers::ParseError::kOk) return false;
  const CanonicalAor aor(uri);
  const ShardIndex owner = core_.partitions.owner(partition_of_aor(aor.view()));
  core_.counters.add(Counter::kNotifiesForwarded);
  if (owner != core_.shard) {
    slot.kind = OutKind::kPeer;
    slot.peer_kind = PeerKind::kForwardNotify;
    slot.shard = owner;
    out.commit();
    return true;
  }
  const Binding* binding = find_binding(uri, aor.view());
  if (binding == nullptr || !replace_request_uri(slot, target.size(), binding->contact())) return false;
  slot.kind = OutKind::kDatagram;
  slot.flow = binding->flow;
  core_.counters.add(Counter::kDatagramsOut);
  out.commit();
  return true;
}

void BindingRouter::forward_notify(const PeerMessage& peer, const parsers::Message& notify, ShardIndex sender,
                                   Outbox& out) {
  OutSlot* slot = out.try_slot();
  if (slot == nullptr || peer.bytes.size() > slot->capacity || !peer.bytes.starts_with(kStart)) {
    core_.counters.add(slot == nullptr ? Reason::kOutboxFull : Reason::kPeerBadMessage);
    return;
  }
  std::memcpy(slot->bytes, peer.bytes.data(), peer.bytes.size());
  slot->length = static_cast<uint32_t>(peer.bytes.size());
  parsers::Uri uri;
  const Binding* binding = nullptr;
  if (parsers::parse_uri(notify.request_uri(), uri) == parsers::ParseError::kOk) {
    binding = find_binding(uri, CanonicalAor(uri).view());
  }
  if (binding != nullptr && replace_request_uri(*slot, notify.request_uri().size(), binding->contact())) {
    slot->kind = OutKind::kDatagram;
    slot->flow = binding->flow;
    core_.counters.add(Counter::kDatagramsOut);
  } else {
    slot->kind = OutKind::kPeer;
    slot->peer_kind = PeerKind::kNotifyFailed;
    slot->shard = sender;
    slot->flow = peer.flow;
  }
  out.commit();
}

}  // namespace vedette::engine
