#include "engine/presence/subscribe.h"

#include <algorithm>
#include <array>

#include "engine/base/check.h"
#include "engine/presence/contact_proof.h"
#include "engine/presence/dialog_text.h"
#include "engine/presence/watch_policy.h"
#include "parsers/event.h"
#include "parsers/media_type.h"
#include "parsers/param.h"

namespace vedette::engine {

using parsers::HeaderId;
using parsers::ParseError;

namespace {

// RFC 4661.
bool is_filter(const parsers::Message& message) {
  parsers::MediaType type;
  return parsers::parse_media_type(message.value(HeaderId::kContentType), type) == ParseError::kOk &&
         parsers::equal_ignoring_case(type.type, "application") &&
         parsers::equal_ignoring_case(type.subtype, "simple-filter+xml");
}

// RFC 3261 §20.11: "If the handling parameter is missing, the value "required" SHOULD be assumed."
bool is_optional(const parsers::Message& message) {
  const parsers::HeaderField* disposition = message.find("Content-Disposition");
  if (disposition == nullptr) return false;
  const std::string_view value = message.value(*disposition);
  parsers::Param handling;
  return parsers::find_param(value.substr(std::min(value.find(';'), value.size())), "handling", handling) &&
         parsers::equal_ignoring_case(handling.value, "optional");
}

void set_filter(Subscription& subscription, const FilterState& state) {
  subscription.filter = state.filter;
  subscription.filter_is_off = state.is_off;
}

}  // namespace

// RFC 6665 §4.2.1.1: what lasts an hour is never too brief, whatever the operator's minimum.
constexpr Duration kNeverTooBrief = Duration::seconds(3600);

struct SubscribeHandler::Wish {
  PackageId package{};
  parsers::Event event;
  bool has_contact = false;
  parsers::Address contact;
  Duration expires;
  bool too_brief = false;
  parsers::NotificationRates rates;
  bool takes_patches = false;
  SuppressCondition suppress;
  std::string_view filter;  // Its document (RFC 4660).
};

struct SubscribeHandler::Parties {
  std::string_view watcher;
  std::string_view presentity;
};

void SubscribeHandler::on_request(Exchange& exchange, std::string_view watcher) {
  Wish wish;
  const Reason reason = read_wish(exchange.request(), wish);
  if (reason != Reason::kNone) return exchange.refuse(reason);
  // RFC 6665 §4.2.1.1: "greater than zero AND smaller than one hour AND less than a notifier-configured minimum": 423.
  if (wish.too_brief) return exchange.refuse_too_brief(core_.config.subscription.min);
  if (exchange.request().to.tag.empty()) {
    create(exchange, wish, watcher);
  } else {
    refresh(exchange, wish, watcher);
  }
}

Reason SubscribeHandler::read_wish(const Request& request, Wish& out) const {
  const parsers::Message& message = *request.message;
  // RFC 6665 §4.2.1.1: a package that the notifier does not know: 489. §4.2.3: Event is mandatory.
  const parsers::HeaderField* event = message.find(HeaderId::kEvent);
  if (event == nullptr) return Reason::kMissingEvent;
  if (parsers::parse_event(message.value(*event), out.event) != ParseError::kOk) return Reason::kBadEvent;
  const EventPackage* package = find_package(out.event.package, out.package);
  if (package == nullptr) return Reason::kEventUnknown;
  // RFC 6446 §9.2: rates are positive decimal numbers.
  if (parsers::parse_notification_rates(out.event.params, out.rates) != ParseError::kOk) return Reason::kBadEvent;
  // RFC 3856 §6.5, RFC 3857 §4.5, RFC 4235 §3.5, RFC 3842 §3.5, RFC 3680 §4.5: one type is what there is; without
  // Accept it is the default.
  const parsers::Acceptance whole = parsers::acceptance_of(message, package->type, package->subtype, {.q = 1000});
  // RFC 5263 §4.3: partial presence is for those who name it; q says what they like better.
  const parsers::Acceptance partial = parsers::acceptance_of(message, package->type, package->partial_subtype, {});
  out.takes_patches = !package->partial_subtype.empty() && partial.is_named && partial.q > 0 && partial.q >= whole.q;
  if (whole.q == 0 && !out.takes_patches) return Reason::kNotAcceptable;
  out.takes_patches |= package->tells_changes;
  // RFC 3261 §8.2.3: a body that is not understood, "and that body part is not optional", is refused.
  if (!message.body().empty()) {
    const bool is_understood = package->takes_filters && is_filter(message);
    if (!is_understood && !is_optional(message)) return Reason::kMediaTypeUnknown;
    if (is_understood) out.filter = message.body();
  }
  if (!read_suppress_condition(message, out.suppress)) return Reason::kBadCondition;
  RequestedExpiry expiry;
  const Reason reason = read_expires(message, expiry);
  if (reason != Reason::kNone) return reason;
  const ExpiryRange& range = core_.config.subscription;
  const Duration wanted = expiry.present ? Duration::seconds(expiry.seconds) : range.when_absent;
  out.too_brief = wanted > Duration() && wanted < std::min(range.min, kNeverTooBrief);
  out.expires = range.grant(wanted, core_.random.next());
  return read_targets(request, out);
}

// What the dialog's requests would be sent by: Contact and Record-Route.
Reason SubscribeHandler::read_targets(const Request& request, Wish& out) const {
  const parsers::Message& message = *request.message;
  std::string_view contacts = message.value(HeaderId::kContact);
  out.has_contact = contacts.data() != nullptr;
  if (!out.has_contact) {
    // RFC 3261 §12.2.2: a refresh replaces the target with its Contact "if present"; §8.1.1.8: what makes a dialog
    // has one.
    return request.to.tag.empty() ? Reason::kMissingContact : Reason::kNone;
  }
  // RFC 3261 §8.1.1.8, §12.1.1: exactly one Contact, a SIP or SIPS URI.
  parsers::Address second;
  if (parsers::next_address(contacts, out.contact) != ParseError::kOk || out.contact.wildcard ||
      parsers::next_address(contacts, second) != ParseError::kEmpty || message.count(HeaderId::kContact) != 1 ||
      (out.contact.uri.scheme != parsers::UriScheme::kSip && out.contact.uri.scheme != parsers::UriScheme::kSips) ||
      // It becomes the Request-URI of every NOTIFY, and those have no headers (RFC 3261 §19.1.1).
      !out.contact.uri.headers.empty()) {
    return Reason::kBadContact;
  }
  // What every NOTIFY would carry as its Route is read before it is believed.
  for (const auto* route = message.find(HeaderId::kRecordRoute); route != nullptr; route = message.find_next(*route)) {
    std::string_view rest = message.value(*route);
    parsers::Address hop;
    ParseError error = ParseError::kOk;
    while (error == ParseError::kOk) error = parsers::next_address(rest, hop);
    if (error != ParseError::kEmpty) return Reason::kBadRoute;
  }
  return Reason::kNone;
}

// Whether the watcher may watch, and what it may see: by rules, of the presence of somebody who has any; else by the
// domain's policy.
Reason SubscribeHandler::authorise(Instant now, const Parties& parties, PackageId package,
                                   parsers::Permissions& permissions) const {
  if (package_of(package).audience == PackageAudience::kNobodyElse) {
    return parties.watcher == parties.presentity ? Reason::kNone : Reason::kForbidden;
  }
  const uint32_t index = package == PackageId::kPresence ? core_.find_presentity(parties.presentity) : kNoIndex;
  if (index == kNoIndex || core_.presentities[index].authorization == kNoIndex) {
    return may_watch_by_policy(core_.config, {parties.watcher, parties.presentity}) ? Reason::kNone
                                                                                    : Reason::kForbidden;
  }
  permissions = rules_.ask(now, index, parties.watcher);
  // RFC 5025 §3.2.1: the subscription is rejected. RFC 3856 §6.6.1: with 403, if the presentity wants that known; who
  // does not has polite-block.
  if (permissions.sub_handling == parsers::SubHandling::kBlock) return Reason::kBlockedByRules;
  return views_.check_room(index, permissions);
}

void SubscribeHandler::create(Exchange& exchange, const Wish& wish, std::string_view watcher) {
  const CanonicalAor presentity(exchange.request().uri);
  const Domain* domain = core_.config.find_domain(presentity.domain());
  if (domain == nullptr) return exchange.refuse(Reason::kNotLocalDomain);
  // RFC 6665 §4.2.1.1 wants a known resource; RFC 3261 §21.4.5: nobody by that name here.
  if (domain->authenticate && find_user(*core_.users, presentity.view()) == nullptr) {
    return exchange.refuse(Reason::kPresentityUnknown);
  }
  const Parties parties = {watcher, presentity.view()};
  parsers::Permissions permissions;
  Reason reason = authorise(exchange.now(), parties, wish.package, permissions);
  if (reason == Reason::kNone && core_.quiescing) reason = Reason::kQuiescing;
  uint32_t index = kNoIndex;
  FilterState filter;
  if (reason == Reason::kNone) reason = try_filter(wish, parties, filter);
  if (reason == Reason::kNone) reason = try_add(exchange, wish, parties, index);
  if (reason != Reason::kNone) {
    filters_.leave(filter.filter);
    return exchange.refuse(reason);
  }
  set_filter(core_.subscriptions[index], filter);
  if (permissions.sub_handling != parsers::SubHandling::kBlock) views_.enter(index, permissions);
  // RFC 5839 §6.2: what is not sent within a dialog is answered by a NOTIFY all the same, but "with a suppressed entity
  // body".
  notifier_.suppression().try_begin(index, wish.suppress);
  const Answer given = {core_.subscriptions[index].tag, 0, static_cast<uint32_t>(wish.expires.to_seconds())};
  exchange.remember(given);
  answer(exchange, given);
  notifier_.on_subscription_created(exchange.now(), index);
  // RFC 6665 §4.4.3: Expires 0 asks for the state once; the final NOTIFY carries it.
  if (wish.expires == Duration()) notifier_.end(exchange.now(), index, EndReason::kTimeout);
}

// What of documents it is to be shown, in place of `state`, for one subscription more.
Reason SubscribeHandler::try_filter(const Wish& wish, const Parties& parties, FilterState& state) {
  if (package_of(wish.package).select == nullptr) {
    return filters_.try_change(wish.filter, {parties.watcher, parties.presentity}, state);
  }
  const PackageQuestion question = {core_.config, {parties.watcher, parties.presentity}, wish.event};
  return filters_.try_select(wish.package, question, state);
}

// Makes the record with its dialog. kNone, or the limit that refused it; then nothing has changed.
Reason SubscribeHandler::try_add(Exchange& exchange, const Wish& wish, const Parties& parties, uint32_t& index) {
  const Request& request = exchange.request();
  uint32_t presentity = kNoIndex;
  Reason reason = core_.obtain_presentity(parties.presentity, wish.package, presentity);
  if (reason != Reason::kNone) return reason;
  Subscription draft;
  const auto random = static_cast<uint32_t>(core_.random.next());
  const RemoteTarget target = resolve_remote_target(core_.config, request, wish.contact.uri);
  const uint64_t watcher_key = core_.watcher_key(parties.watcher);
  reason = check_room(core_.presentities[presentity], watcher_key, target);
  if (reason != Reason::kNone) {
    // One more would be too many.
  } else if (index = core_.subscriptions.try_acquire(); index == kNoIndex) {
    reason = Reason::kSubscriptionsFull;
  } else {
    draft.tag = dialog_tag(random, index);
    draft.presentity = presentity;
    const PaceText pace(core_.config.pace, {wish.package, wish.rates, wish.expires});
    draft.through_binding = target.through_binding;
    reason = begin_dialog(core_, {.request = request, .event = wish.event, .contact = wish.contact,
                                  .watcher = parties.watcher, .presentity = parties.presentity, .flow = target.flow,
                                  .pace = pace.view()}, draft);
    if (reason != Reason::kNone) core_.subscriptions.release(index);
  }
  if (reason != Reason::kNone) {
    core_.release_if_idle(presentity);
    return reason;
  }
  draft.remote_cseq = request.cseq.number;
  draft.set_expires_at(exchange.now() + wish.expires);
  const bool has_to_prove = demand_proof(core_, request, true, draft);
  if (has_to_prove) core_.counters.add(Counter::kSubscriptionsToProve);
  draft.takes_patches = wish.takes_patches;
  draft.full_due = true;
  if (package_of(wish.package).tells_changes) {
    draft.set_goes_on_with(ListPlace());
  } else {
    draft.set_created_at(exchange.now());
  }
  draft.is_counted = core_.try_count(watcher_key);
  core_.subscriptions[index] = draft;
  return Reason::kNone;
}

// Whether there may be one subscription more to this presentity, of this watcher, on this connection.
Reason SubscribeHandler::check_room(const Presentity& presentity, uint64_t watcher_key,
                                    const RemoteTarget& target) const {
  const Limits& limits = core_.limits;
  if (presentity.watcher_count >= limits.subscriptions_per_presentity_max) return Reason::kPresentitySubscriptionsFull;
  const uint32_t watcher_max = limits.subscriptions_per_watcher_max;
  if (watcher_key != 0 && core_.subscriptions_by_watcher.count(watcher_key) >= watcher_max) {
    return Reason::kWatcherSubscriptionsFull;
  }
  const uint32_t connection_max = limits.subscriptions_per_connection_max;
  const uint32_t connection = target.through_binding ? 0 : ConnectionUsers::connection_in(target.flow);
  if (connection != 0 && connection_max != 0 && core_.connection_users.count(connection) >= connection_max) {
    return Reason::kConnectionSubscriptionsFull;
  }
  return Reason::kNone;
}

Reason SubscribeHandler::find_dialog(const Request& request, uint32_t& index) const {
  // RFC 3261 §12.2.2: a dialog is its Call-ID and both tags, ours with its partition.
  uint64_t tag = 0;
  Partition partition;
  if (!read_tag(request.to.tag, tag) || !partition_of_tag(request.to.tag, partition)) return Reason::kDialogUnknown;
  index = index_of_dialog(tag);
  if (!core_.subscriptions.is_live(index)) return Reason::kDialogUnknown;
  const Subscription& found = core_.subscriptions[index];
  if (found.tag != tag || found.call_id() != request.call_id || found.remote_tag() != request.from.tag ||
      core_.presentities[found.presentity].partition != partition || is_ending(found.state)) {
    return Reason::kDialogUnknown;
  }
  // RFC 3261 §12.2.2: a lower CSeq is out of order: 500. So is the same one in another transaction: §12.2.1.1 has each
  // request of a dialog count on. A refused refresh has not counted: nothing is remembered of refusals, and its
  // retransmission must be refused alike.
  if (request.cseq.number <= core_.subscriptions[index].remote_cseq) return Reason::kCSeqOutOfOrder;
  return Reason::kNone;
}

void SubscribeHandler::refresh(Exchange& exchange, const Wish& wish, std::string_view watcher) {
  const Request& request = exchange.request();
  uint32_t index = kNoIndex;
  Reason reason = find_dialog(request, index);
  if (reason != Reason::kNone) return exchange.refuse(reason);
  Subscription& subscription = core_.subscriptions[index];
  if (subscription.watcher() != watcher) return exchange.refuse(Reason::kForbidden);
  // RFC 6665 §4.5.2 with RFC 7621 §2: another Event or id is another subscription; this dialog has one, and is that
  // one's alone, as our Contact, a GRUU, says.
  if (!is_event_of(core_, subscription, wish.event)) return exchange.refuse(Reason::kDialogTaken);
  // RFC 4660 §5.2.2: a filter stays until another one comes, or one that removes it.
  FilterState filter = {subscription.filter, subscription.filter_is_off};
  const std::string_view presentity = core_.presentities[subscription.presentity].aor.view();
  reason = try_filter(wish, {watcher, presentity}, filter);
  if (reason != Reason::kNone) return exchange.refuse(reason);
  const PaceText pace(core_.config.pace, {wish.package, wish.rates, wish.expires});
  const bool has_same_rates = rates_in(pace.view()) == subscription.rates();
  reason = refresh_dialog(request, wish, pace, subscription);
  if (reason != Reason::kNone) {
    filters_.leave(filter.filter);
    return exchange.refuse(reason);
  }
  filters_.leave(subscription.filter);
  set_filter(subscription, filter);
  subscription.remote_cseq = request.cseq.number;
  subscription.takes_patches = wish.takes_patches;
  core_.follow_connection(index);
  notifier_.settle(exchange.now(), index);
  const bool is_met = notifier_.suppression().try_begin(index, wish.suppress);
  // RFC 5839 §6.3: "the notifier MUST suppress the resulting NOTIFY request, and generate a 204 (No Notification)
  // response"; §6.2: but where there is something to be said besides the state, there is a NOTIFY without a body.
  const bool has_news = subscription.full_due || !has_same_rates || notifier_.has_news_in_header(subscription);
  const bool is_silent = is_met && !has_news;
  if (!is_silent) subscription.full_due = true;
  const Answer given = {subscription.tag, 0, static_cast<uint32_t>(wish.expires.to_seconds()), is_silent};
  exchange.remember(given);
  answer(exchange, given);
  go_on(exchange.now(), index, wish.expires, is_silent);
}

void SubscribeHandler::go_on(Instant now, uint32_t index, Duration expires, bool is_silent) {
  if (expires == Duration()) {
    // RFC 5839 §5.7: the 204 "concludes the subscription".
    return is_silent ? notifier_.conclude(now, index) : notifier_.end(now, index, EndReason::kTimeout);
  }
  core_.subscriptions[index].set_expires_at(now + expires);
  is_silent ? notifier_.on_subscription_kept(now, index) : notifier_.on_subscription_refreshed(now, index);
}

namespace {

// Who comes by another connection than before has most likely lost that one: NOTIFYs go where the next hop is now, also
// when its Contact or the route set says nothing new.
void follow_connection(const Flow& now, Flow& flow) {
  if (!is_reliable(flow.transport) || now.transport != flow.transport) return;
  flow.connection = now.connection;
  if (!flow.may_open) flow = now;
}

}  // namespace

// RFC 3261 §12.2.2: a refresh replaces the remote target with its Contact. The route set stays. RFC 6446 §4.1: it also
// replaces the rates, by none where it has none.
Reason SubscribeHandler::refresh_dialog(const Request& request, const Wish& wish, const PaceText& pace,
                                        Subscription& subscription) {
  const std::string_view uri = wish.has_contact ? wish.contact.uri.text : subscription.target();
  const bool may_move = wish.has_contact && !has_route_set(subscription);
  Flow flow = core_.flow_of(subscription);
  follow_connection(request.flow, flow);
  const RemoteTarget target = may_move ? target_of_contact(core_.config, request, wish.contact.uri)
                                       : RemoteTarget{flow, subscription.through_binding};
  const bool moves = target.flow.remote.address != flow.remote.address;
  const Reason reason = change_dialog(core_, {uri, pace.view(), target.flow}, subscription);
  if (reason != Reason::kNone || !may_move) return reason;
  subscription.through_binding = target.through_binding;
  const bool has_to_prove = demand_proof(core_, request, moves, subscription);
  if (has_to_prove) core_.counters.add(Counter::kSubscriptionsToProve);
  return Reason::kNone;
}

void SubscribeHandler::answer(Exchange& exchange, const Answer& given) {
  const Request& request = exchange.request();
  char tag[kTagDigits];
  // An in-dialog request has its To tag already; for the one that made the dialog it is ours to add.
  write_tag(partition_of_aor(CanonicalAor(request.uri).view()), given.tag, tag);
  const auto write = [&](parsers::Writer& writer) {
    // RFC 3261 §12.1.1: the response that makes a dialog copies the Record-Route.
    for (const auto* field = request.message->find(HeaderId::kRecordRoute); field != nullptr;
         field = request.message->find_next(*field)) {
      writer.put_header("Record-Route", request.message->value(*field));
    }
    writer.put_header_uint("Expires", given.expires);
    // RFC 6665 §4.4.4: Allow-Events "indicating all supported events in all methods which initiate dialogs and their
    // responses".
    if (request.to.tag.empty()) writer.put_header("Allow-Events", package_names());
    write_contact(request, writer);
  };
  const std::string_view to_tag(tag, sizeof tag);
  given.no_notification ? exchange.accept_without_notification(to_tag, write) : exchange.accept(to_tag, write);
  core_.counters.add(Counter::kSubscribesAccepted);
}

}  // namespace vedette::engine
