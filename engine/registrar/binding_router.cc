#include "engine/registrar/binding_router.h"

#include <array>
#include <cstring>

#include "parsers/param.h"

namespace vedette::engine {
namespace {

constexpr std::string_view kStart = "NOTIFY ";

constexpr std::string_view kVia = " SIP/2.0\r\nVia: SIP/2.0/";
constexpr std::string_view kBranch = ";branch=";

// A piece of a slot's message.
struct Piece {
  size_t at = 0;
  size_t length = 0;
};

// Puts `text` in its place. False when it does not fit.
bool replace(OutSlot& slot, Piece old, std::string_view text) {
  const size_t behind = old.at + old.length;
  if (slot.length - old.length + text.size() > slot.capacity) return false;
  std::memmove(slot.bytes + old.at + text.size(), slot.bytes + behind, slot.length - behind);
  std::memcpy(slot.bytes + old.at, text.data(), text.size());
  slot.length = static_cast<uint32_t>(slot.length - old.length + text.size());
  return true;
}

// Makes a NOTIFY to a URI of `target_length` one to the binding: Request-URI, and in the Via the transport and the
// address of ours that the binding's flow has (RFC 3261 §18.1.1). False when it does not fit.
bool aim_at(const Binding& binding, size_t target_length, OutSlot& slot) {
  const std::string_view message(slot.bytes, slot.length);
  const size_t via = kStart.size() + target_length + kVia.size();
  const size_t branch = message.find(kBranch, via);
  const bool has_our_via = message.substr(kStart.size() + target_length).starts_with(kVia);
  if (!has_our_via || branch == std::string_view::npos) return false;
  std::array<char, 80> sent_by;
  parsers::Writer writer(sent_by.data(), sent_by.size());
  writer.put(to_string(binding.flow.transport)).put(' ');
  binding.flow.local.address.write_host(writer);
  writer.put(':').put_uint(binding.flow.local.port);
  slot.flow = binding.flow;
  return replace(slot, {via, branch - via}, writer.text()) &&
         replace(slot, {kStart.size(), target_length}, binding.contact());
}

}  // namespace

const Binding* BindingRouter::find_binding(const parsers::Uri& target, std::string_view aor) const {
  const uint32_t presentity = core_.find_presentity(aor);
  if (presentity == kNoIndex) return nullptr;
  parsers::Param gr;
  const bool has_gr = parsers::find_uri_param(target, "gr", gr);
  return registrations_.find(core_.presentities[presentity].bindings, has_gr ? gr.value : std::string_view{});
}

bool BindingRouter::route_notify(OutSlot& slot, std::string_view target, Transmission transmission, Outbox& out) {
  parsers::Uri uri;
  if (parsers::parse_uri(target, uri) != parsers::ParseError::kOk) return false;
  const CanonicalAor aor(uri);
  const ShardIndex owner = core_.partitions.owner(partition_of_aor(aor.view()));
  core_.counters.add(Counter::kNotifiesForwarded);
  if (owner != core_.shard) {
    slot.kind = OutKind::kPeer;
    slot.peer_kind = transmission == Transmission::kFirst ? PeerKind::kForwardNotify : PeerKind::kForwardResend;
    slot.shard = owner;
    out.commit();
    return true;
  }
  const Binding* binding = find_binding(uri, aor.view());
  if (binding == nullptr) return false;
  if (!is_sent(*binding, transmission)) return true;
  if (!aim_at(*binding, target.size(), slot)) return false;
  slot.kind = OutKind::kDatagram;
  core_.counters.add(Counter::kDatagramsOut);
  out.commit_message();
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
  const bool is_first = peer.kind == PeerKind::kForwardNotify;
  if (binding != nullptr && !is_sent(*binding, is_first ? Transmission::kFirst : Transmission::kResend)) return;
  if (binding != nullptr && aim_at(*binding, notify.request_uri().size(), *slot)) {
    slot->kind = OutKind::kDatagram;
    core_.counters.add(Counter::kDatagramsOut);
    return out.commit_message();
  }
  slot->kind = OutKind::kPeer;
  slot->peer_kind = PeerKind::kNotifyFailed;
  slot->shard = sender;
  slot->flow = peer.flow;
  out.commit();
}

}  // namespace vedette::engine
