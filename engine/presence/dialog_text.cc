#include "engine/presence/dialog_text.h"

#include <algorithm>

#include "engine/presence/packages/package.h"
#include "parsers/param.h"

namespace vedette::engine {
namespace {

using parsers::HeaderId;

constexpr std::string_view kRoutePrefix = "Route: ";
constexpr std::string_view kEventId = ";id=";
constexpr std::string_view kFromBegin = "<sip:";
constexpr std::string_view kFromEnd = ">";

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
  subscription.target_offset = 0;
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

// Ours in every NOTIFY, from the Call-ID's end to the package in Event.
void put_local_lines(const Core& core, const DialogParts& parts, parsers::Writer& writer) {
  writer.put("\r\nMax-Forwards: 70\r\n");
  write_contact(parts.request, writer);
  if (!core.config.server_name.empty()) writer.put_header("User-Agent", core.config.server_name);
  writer.put("Event: ").put(parts.event.package);
}

// Whether it is what From is made of where none is kept.
bool is_from_of(std::string_view presentity, std::string_view from) {
  return from.size() == kFromBegin.size() + presentity.size() + kFromEnd.size() && from.starts_with(kFromBegin) &&
         from.ends_with(kFromEnd) && from.substr(kFromBegin.size(), presentity.size()) == presentity;
}

// [From][To][Call-ID][;id=][watcher][kept]
void put_parties(const DialogParts& parts, parsers::Writer& writer, Subscription& subscription) {
  const parsers::Message& message = *parts.request.message;
  const std::string_view from = message.value(HeaderId::kTo), to = message.value(HeaderId::kFrom);
  subscription.from_offset = offset_in(writer);
  if (!is_from_of(parts.presentity, from)) writer.put(from);
  subscription.from_length = static_cast<uint16_t>(offset_in(writer) - subscription.from_offset);
  const uint16_t to_offset = offset_in(writer);
  const auto in_to = [&](std::string_view part) {
    return static_cast<uint16_t>(to_offset + (part.data() - to.data()));
  };
  const std::string_view tag = parts.request.from.tag;
  writer.put(to);
  subscription.to_length = static_cast<uint16_t>(to.size());
  if (!tag.empty()) subscription.remote_tag_offset = in_to(tag);
  subscription.remote_tag_length = static_cast<uint16_t>(tag.size());
  const uint16_t call_id_offset = offset_in(writer);
  subscription.call_id_length = static_cast<uint16_t>(parts.request.call_id.size());
  writer.put(parts.request.call_id);
  if (!parts.event.id.empty()) writer.put(kEventId).put(parts.event.id);
  subscription.event_id_length =
      static_cast<uint16_t>(offset_in(writer) - call_id_offset - subscription.call_id_length);
  const size_t watcher = to.find(parts.watcher);
  subscription.watcher_offset = watcher == std::string_view::npos ? offset_in(writer) : in_to(to.substr(watcher));
  subscription.watcher_length = static_cast<uint16_t>(parts.watcher.size());
  if (watcher == std::string_view::npos) writer.put(parts.watcher);
  writer.put(std::string_view("\0\0\0\0\0\0\0\0", Subscription::kKeptBytes));
}

// Of `dialog`, in each NOTIFY.
size_t told_bytes(size_t dialog, const LocalEnd& end, std::string_view presentity) {
  return dialog + end.lines().size() + kFromBegin.size() + presentity.size() + kFromEnd.size();
}

}  // namespace

Reason begin_dialog(Core& core, const DialogParts& parts, Subscription& subscription) {
  parsers::Writer lines(core.scratch.data(), core.scratch.size());
  put_local_lines(core, parts, lines);
  if (lines.overflowed()) return Reason::kMessageTooLong;
  uint32_t end = kNoIndex;
  Reason reason = core.local_ends.try_enter(parts.flow, lines.text(), end);
  if (reason != Reason::kNone) return reason;
  const size_t room = std::min<size_t>(core.limits.dialog_bytes_max, core.scratch.size());
  parsers::Writer writer(core.scratch.data(), room);
  put_route_set(parts, writer, subscription);
  put_parties(parts, writer, subscription);
  writer.put(parts.pace);
  if (writer.overflowed() || told_bytes(writer.length(), core.local_ends[end], parts.presentity) > room) {
    reason = Reason::kMessageTooLong;
  } else {
    subscription.dialog = core.texts.try_store(writer.text(), TextStore::Claim::kNew);
    if (!subscription.dialog) reason = Reason::kDocumentsFull;
  }
  if (reason != Reason::kNone) {
    core.local_ends.leave(end);
    return reason;
  }
  subscription.has_pace = !parts.pace.empty();
  subscription.local_end = end;
  subscription.remote = RemoteEnd(parts.flow);
  return Reason::kNone;
}

size_t dialog_bytes(const Core& core, const Subscription& subscription) {
  return told_bytes(subscription.dialog.length, core.local_ends[subscription.local_end],
                    core.presentities[subscription.presentity].aor.view());
}

namespace {

// The same text with another target and pace. On a refusal nothing has changed.
Reason change_text(Core& core, const DialogChange& change, Subscription& subscription) {
  const std::string_view target = change.target, old_pace = subscription.pace_text();
  // Who asks for the same rates again keeps what has been counted for them.
  const std::string_view pace = rates_in(change.pace) == subscription.rates() ? old_pace : change.pace;
  if (target == subscription.target() && pace.data() == old_pace.data()) return Reason::kNone;
  const std::string_view old = subscription.dialog.view();
  const std::string_view before = old.substr(0, subscription.target_offset);
  std::string_view behind = old.substr(before.size() + subscription.target_length);
  behind.remove_suffix(old_pace.size());
  const size_t bytes = before.size() + target.size() + behind.size() + pace.size();
  const size_t told = dialog_bytes(core, subscription) - old.size() + bytes;
  if (told > core.limits.dialog_bytes_max) return Reason::kMessageTooLong;
  const Text text = core.texts.try_allocate(bytes, TextStore::Claim::kNew);
  if (!text) return Reason::kDocumentsFull;
  parsers::Writer(text.bytes, bytes).put(before).put(target).put(behind).put(pace);
  const auto move = [&](uint16_t& offset) {
    offset = static_cast<uint16_t>(offset - subscription.target_length + target.size());
  };
  if (before.empty()) move(subscription.request_uri_length);
  move(subscription.from_offset);
  move(subscription.watcher_offset);
  if (subscription.remote_tag_length > 0) move(subscription.remote_tag_offset);
  subscription.target_length = static_cast<uint16_t>(target.size());
  core.texts.release(subscription.dialog);
  subscription.dialog = text;
  subscription.has_pace = !pace.empty();
  return Reason::kNone;
}

}  // namespace

Reason change_dialog(Core& core, const DialogChange& change, Subscription& subscription) {
  const uint32_t old_end = subscription.local_end;
  uint32_t end = old_end;
  Reason reason = Reason::kNone;
  if (!core.local_ends[end].is_of(change.flow)) {
    reason = core.local_ends.try_enter(change.flow, core.local_ends[old_end].lines(), end);
  }
  if (reason == Reason::kNone) reason = change_text(core, change, subscription);
  if (end != old_end && reason == Reason::kNone) core.local_ends.leave(old_end);
  if (reason == Reason::kNone) {
    subscription.local_end = end;
    subscription.remote = RemoteEnd(change.flow);
  } else if (end != old_end && end != kNoIndex) {
    core.local_ends.leave(end);
  }
  return reason;
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
  const PaceText pace(core.config.pace, wanted);
  change_text(core, {subscription.target(), pace.view(), core.flow_of(subscription)}, subscription);
}

bool is_event_of(const Core& core, const Subscription& subscription, const parsers::Event& event) {
  const PackageId package = core.presentities[subscription.presentity].package;
  if (event.package != package_of(package).name) return false;
  // RFC 6665 §8.2.1: compared byte by byte; an Event with an id never matches one without.
  const std::string_view own = subscription.event_id();
  return own.substr(std::min(kEventId.size(), own.size())) == event.id;
}

bool has_route_set(const Subscription& subscription) { return !subscription.route_lines().empty(); }

std::string_view display_name_of(const Subscription& subscription) {
  // Our From is their To, and the other way round.
  parsers::Address address;
  return parsers::parse_address(subscription.to(), address) == parsers::ParseError::kOk ? address.display_name
                                                                                         : std::string_view{};
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
