#include "engine/presence/dialog_text.h"

#include <cstring>

namespace vedette::engine {
namespace {

using parsers::HeaderId;

// The lines begin with the route set, so that its presence is seen at once.
constexpr std::string_view kRoutePrefix = "Route: ";
constexpr std::string_view kEventPrefix = "\r\nEvent: ";
constexpr std::string_view kEventId = ";id=";

uint16_t offset_in(const parsers::Writer& writer) { return static_cast<uint16_t>(writer.length()); }

}  // namespace

Reason write_dialog_text(Core& core, const DialogParts& parts, Subscription& subscription) {
  const parsers::Message& message = *parts.request.message;
  const size_t room = std::min<size_t>(core.limits.dialog_bytes_max, core.scratch.size());
  parsers::Writer writer(core.scratch.data(), room);
  writer.put(parts.contact.uri.text);
  subscription.target_length = offset_in(writer);
  // RFC 3261 §12.1.1: the route set of a UAS is the Record-Route in order.
  for (const auto* field = message.find(HeaderId::kRecordRoute); field != nullptr; field = message.find_next(*field)) {
    writer.put(kRoutePrefix).put(message.value(*field)).put("\r\n");
  }
  char tag[kTagDigits];
  write_tag(parts.partition, subscription.tag, tag);
  writer.put("From: ").put(message.value(HeaderId::kTo)).put(";tag=").put({tag, sizeof tag}).put("\r\nTo: ");
  const std::string_view from = message.value(HeaderId::kFrom);
  subscription.remote_tag_length = static_cast<uint16_t>(parts.request.from.tag.size());
  if (subscription.remote_tag_length > 0) {
    subscription.remote_tag_offset =
        static_cast<uint16_t>(offset_in(writer) + (parts.request.from.tag.data() - from.data()));
  }
  writer.put(from).put("\r\nCall-ID: ");
  subscription.call_id_offset = offset_in(writer);
  subscription.call_id_length = static_cast<uint16_t>(parts.request.call_id.size());
  writer.put(parts.request.call_id).put("\r\nMax-Forwards: 70").put(kEventPrefix).put(parts.event.package);
  // RFC 6665 §8.2.1: the id of the SUBSCRIBE is that of its NOTIFYs.
  if (!parts.event.id.empty()) writer.put(kEventId).put(parts.event.id);
  writer.put("\r\n");
  write_contact(parts.request.flow, writer);
  if (!core.config.server_name.empty()) writer.put_header("User-Agent", core.config.server_name);
  subscription.watcher_offset = offset_in(writer);
  subscription.watcher_length = static_cast<uint16_t>(parts.watcher.size());
  writer.put(parts.watcher);
  if (writer.overflowed()) return Reason::kMessageTooLong;
  subscription.dialog = core.texts.try_store(writer.text(), TextStore::Claim::kNew);
  return subscription.dialog ? Reason::kNone : Reason::kDocumentsFull;
}

Reason replace_target(Core& core, std::string_view target, Subscription& subscription) {
  const size_t kept = subscription.dialog.length - subscription.target_length;
  if (target.size() + kept > core.limits.dialog_bytes_max) return Reason::kMessageTooLong;
  const Text text = core.texts.try_allocate(target.size() + kept, TextStore::Claim::kNew);
  if (!text) return Reason::kDocumentsFull;
  std::memcpy(text.bytes, target.data(), target.size());
  std::memcpy(text.bytes + target.size(), subscription.dialog.bytes + subscription.target_length, kept);
  const auto move = [&](uint16_t& offset) {
    offset = static_cast<uint16_t>(offset - subscription.target_length + target.size());
  };
  move(subscription.call_id_offset);
  move(subscription.watcher_offset);
  if (subscription.remote_tag_length > 0) move(subscription.remote_tag_offset);
  subscription.target_length = static_cast<uint16_t>(target.size());
  core.texts.release(subscription.dialog);
  subscription.dialog = text;
  return Reason::kNone;
}

bool is_event_of(const Subscription& subscription, const parsers::Event& event) {
  std::string_view lines = subscription.lines();
  const size_t at = lines.find(kEventPrefix);
  lines = lines.substr(at + kEventPrefix.size());
  std::string_view own = lines.substr(0, lines.find("\r\n"));
  if (!own.starts_with(event.package)) return false;
  own.remove_prefix(event.package.size());
  if (!own.empty() && own.front() != ';') return false;
  // A refresh that leaves its id out means the only subscription there is.
  return event.id.empty() || (own.starts_with(kEventId) && own.substr(kEventId.size()) == event.id);
}

bool has_route_set(const Subscription& subscription) { return subscription.lines().starts_with(kRoutePrefix); }

void write_contact(const Flow& flow, parsers::Writer& writer) {
  writer.put("Contact: <sip:");
  flow.local.address.write_host(writer);
  writer.put(':').put_uint(flow.local.port).put(">\r\n");
}

}  // namespace vedette::engine
