#include "engine/presence/dialog_text.h"

#include "parsers/param.h"

namespace vedette::engine {
namespace {

using parsers::HeaderId;

// The lines begin with the route set, so that its presence is seen at once.
constexpr std::string_view kRoutePrefix = "Route: ";
constexpr std::string_view kToPrefix = "\r\nTo: ";
constexpr std::string_view kCallIdPrefix = "\r\nCall-ID: ";
constexpr std::string_view kEventPrefix = "\r\nEvent: ";
constexpr std::string_view kEventId = ";id=";

// RFC 3261 §26.2.2 deprecates "transport=tls", but without it a watcher could not come back the way it came
// unless its own URIs are sips, too.
std::string_view transport_param(Transport transport) {
  switch (transport) {
    case Transport::kTcp: return ";transport=tcp";
    case Transport::kTls: return ";transport=tls";
    // RFC 7118 §5.2.4: secure or not.
    case Transport::kWs:
    case Transport::kWss: return ";transport=ws";
    default: return "";
  }
}

uint16_t offset_in(const parsers::Writer& writer) { return static_cast<uint16_t>(writer.length()); }

// RFC 3261 §19.1.1, Table 1: a Request-URI has no method parameter and no headers.
void put_request_uri(const parsers::Uri& uri, parsers::Writer& writer) {
  const size_t tail = uri.params.size() + uri.headers.size();
  writer.put(uri.text.substr(0, uri.text.size() - tail));
  std::string_view rest = uri.params;
  parsers::Param param;
  for (std::string_view before = rest; parsers::next_uri_param(rest, param); before = rest) {
    if (!parsers::equal_ignoring_case(param.name, "method")) writer.put(before.substr(0, before.size() - rest.size()));
  }
}

// The Request-URI and the Route lines of every NOTIFY.
void put_route_set(const DialogParts& parts, parsers::Writer& writer, Subscription& subscription) {
  const parsers::Message& message = *parts.request.message;
  const parsers::HeaderField* field = message.find(HeaderId::kRecordRoute);
  std::string_view routes = field == nullptr ? std::string_view() : message.value(*field);
  parsers::Address first;
  parsers::Param lr;
  // SubscribeHandler has read them all.
  const bool has_routes = field != nullptr && parsers::next_address(routes, first) == parsers::ParseError::kOk;
  // RFC 3261 §12.2.1.1: a first URI without lr is that of a strict router. It becomes the Request-URI, the rest of the
  // route set the Route, and the remote target the last value of it.
  const bool is_strict = has_routes && !parsers::find_uri_param(first.uri, "lr", lr);
  const std::string_view target = parts.contact.uri.text;
  subscription.target_length = static_cast<uint16_t>(target.size());
  is_strict ? put_request_uri(first.uri, writer) : void(writer.put(target));
  subscription.request_uri_length = offset_in(writer);
  // RFC 3261 §12.1.1: the route set of a UAS is the Record-Route in order.
  while (routes.starts_with(' ')) routes.remove_prefix(1);
  if (is_strict && !routes.empty()) writer.put(kRoutePrefix).put(routes).put("\r\n");
  for (bool taken = is_strict; field != nullptr; field = message.find_next(*field), taken = false) {
    if (!taken) writer.put(kRoutePrefix).put(message.value(*field)).put("\r\n");
  }
  if (!is_strict) return;
  writer.put(kRoutePrefix).put('<');
  subscription.target_offset = offset_in(writer);
  writer.put(target).put(">\r\n");
}

}  // namespace

Reason write_dialog_text(Core& core, const DialogParts& parts, Subscription& subscription) {
  const parsers::Message& message = *parts.request.message;
  const size_t room = std::min<size_t>(core.limits.dialog_bytes_max, core.scratch.size());
  parsers::Writer writer(core.scratch.data(), room);
  put_route_set(parts, writer, subscription);
  char tag[kTagDigits];
  write_tag(parts.partition, subscription.tag, tag);
  writer.put("From: ").put(message.value(HeaderId::kTo)).put(";tag=").put({tag, sizeof tag}).put(kToPrefix);
  const std::string_view from = message.value(HeaderId::kFrom);
  subscription.remote_tag_length = static_cast<uint16_t>(parts.request.from.tag.size());
  if (subscription.remote_tag_length > 0) {
    subscription.remote_tag_offset =
        static_cast<uint16_t>(offset_in(writer) + (parts.request.from.tag.data() - from.data()));
  }
  writer.put(from).put(kCallIdPrefix);
  subscription.call_id_offset = offset_in(writer);
  subscription.call_id_length = static_cast<uint16_t>(parts.request.call_id.size());
  writer.put(parts.request.call_id).put("\r\nMax-Forwards: 70").put(kEventPrefix).put(parts.event.package);
  // RFC 6665 §4.5.2: the id of the SUBSCRIBE is that of its NOTIFYs.
  if (!parts.event.id.empty()) writer.put(kEventId).put(parts.event.id);
  writer.put("\r\n");
  write_contact(parts.request, writer);
  if (!core.config.server_name.empty()) writer.put_header("User-Agent", core.config.server_name);
  writer.put(std::string_view("\0\0\0\0\0\0\0\0", Subscription::kKeptBytes));
  subscription.watcher_offset = offset_in(writer);
  subscription.watcher_length = static_cast<uint16_t>(parts.watcher.size());
  writer.put(parts.watcher).put(parts.pace);
  if (writer.overflowed()) return Reason::kMessageTooLong;
  subscription.has_pace = !parts.pace.empty();
  subscription.dialog = core.texts.try_store(writer.text(), TextStore::Claim::kNew);
  return subscription.dialog ? Reason::kNone : Reason::kDocumentsFull;
}

Reason change_dialog(Core& core, const DialogChange& change, Subscription& subscription) {
  const std::string_view target = change.target, old_pace = subscription.pace_text();
  // Who asks for the same rates again keeps what has been counted for them.
  const std::string_view pace = rates_in(change.pace) == subscription.rates() ? old_pace : change.pace;
  if (target == subscription.target() && pace.data() == old_pace.data()) return Reason::kNone;
  const std::string_view old = subscription.dialog.view();
  const std::string_view before = old.substr(0, subscription.target_offset);
  std::string_view behind = old.substr(before.size() + subscription.target_length);
  behind.remove_suffix(old_pace.size());
  const size_t bytes = before.size() + target.size() + behind.size() + pace.size();
  if (bytes > core.limits.dialog_bytes_max) return Reason::kMessageTooLong;
  const Text text = core.texts.try_allocate(bytes, TextStore::Claim::kNew);
  if (!text) return Reason::kDocumentsFull;
  parsers::Writer(text.bytes, bytes).put(before).put(target).put(behind).put(pace);
  const auto move = [&](uint16_t& offset) {
    offset = static_cast<uint16_t>(offset - subscription.target_length + target.size());
  };
  if (before.empty()) move(subscription.request_uri_length);
  move(subscription.call_id_offset);
  move(subscription.watcher_offset);
  if (subscription.remote_tag_length > 0) move(subscription.remote_tag_offset);
  subscription.target_length = static_cast<uint16_t>(target.size());
  core.texts.release(subscription.dialog);
  subscription.dialog = text;
  subscription.has_pace = !pace.empty();
  return Reason::kNone;
}

// RFC 6446 §9.3: "A subscriber that wishes to update the previously agreed value ... MUST include all desired values
// for the ... parameters in an Event header field of the 2xx response to a NOTIFY request." What cannot be read, or is
// of another package, changes nothing.
void take_rates(Core& core, Instant now, std::string_view text, Subscription& subscription) {
  WantedPace wanted{.package = core.presentities[subscription.presentity].package,
                    .expires = std::max(subscription.expires_at - now, Duration())};
  parsers::Event event;
  if (parsers::parse_event(text, event) != parsers::ParseError::kOk ||
      event.package != package_of(wanted.package).name ||
      parsers::parse_notification_rates(event.params, wanted.rates) != parsers::ParseError::kOk) {
    return;
  }
  // Where there is no room for them the rates stay as they are, and as the watcher was told.
  change_dialog(core, {subscription.target(), PaceText(core.config.pace, wanted).view()}, subscription);
}

bool is_event_of(const Subscription& subscription, const parsers::Event& event) {
  std::string_view lines = subscription.lines();
  const size_t at = lines.find(kEventPrefix);
  lines = lines.substr(at + kEventPrefix.size());
  std::string_view own = lines.substr(0, lines.find("\r\n"));
  if (!own.starts_with(event.package)) return false;
  own.remove_prefix(event.package.size());
  // RFC 6665 §8.2.1: compared byte by byte; an Event with an id never matches one without.
  if (event.id.empty()) return own.empty();
  return own.starts_with(kEventId) && own.substr(kEventId.size()) == event.id;
}

bool has_route_set(const Subscription& subscription) { return subscription.lines().starts_with(kRoutePrefix); }

std::string_view display_name_of(const Subscription& subscription) {
  // Our From is their To, and the other way round.
  const std::string_view text = subscription.dialog.view().substr(0, subscription.call_id_offset);
  const size_t begin = text.rfind(kToPrefix);
  const size_t end = text.rfind(kCallIdPrefix);
  parsers::Address address;
  if (begin == std::string_view::npos || end == std::string_view::npos || begin + kToPrefix.size() > end) return {};
  const std::string_view to = text.substr(begin + kToPrefix.size(), end - begin - kToPrefix.size());
  return parsers::parse_address(to, address) == parsers::ParseError::kOk ? address.display_name : std::string_view{};
}

namespace {

// RFC 3261 §12.1.1: "If the request that initiated the dialog contained a SIPS URI in the Request-URI or in the top
// Record-Route header field value, if there was any, or the Contact header field if there was no Record-Route header
// field, the Contact header field in the response MUST be a SIPS URI." In the dialog our Contact is the Request-URI.
bool is_of_sips(const Request& request) {
  // RFC 3261 §19.1.2: SIPS is never for UDP.
  if (!is_reliable(request.flow.transport)) return false;
  if (request.uri.scheme == parsers::UriScheme::kSips) return true;
  const HeaderId id = request.message->find(HeaderId::kRecordRoute) == nullptr ? HeaderId::kContact
                                                                               : HeaderId::kRecordRoute;
  std::string_view values = request.message->value(id);
  parsers::Address first;
  return !values.empty() && parsers::next_address(values, first) == parsers::ParseError::kOk &&
         first.uri.scheme == parsers::UriScheme::kSips;
}

}  // namespace

void write_contact(const Request& request, parsers::Writer& writer) {
  const Flow& flow = request.flow;
  const bool is_sips = is_of_sips(request);
  writer.put(is_sips ? "Contact: <sips:" : "Contact: <sip:");
  flow.local.address.write_host(writer);
  // RFC 6665 §4.5.1, RFC 7621 §2: a notifier's local target is a GRUU, which its gr parameter says (RFC 5627 §3.1). So
  // subscribers put nothing else into this dialog.
  writer.put(':').put_uint(flow.local.port).put(is_sips ? "" : transport_param(flow.transport)).put(";gr>\r\n");
}

}  // namespace vedette::engine
