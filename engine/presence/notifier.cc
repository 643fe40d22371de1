#include "engine/presence/notifier.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/presence/contact_proof.h"
#include "engine/presence/dialog_text.h"
#include "engine/presence/packages/package.h"
#include "engine/registrar/binding_router.h"

namespace vedette::engine {
namespace {

using Event = SubscriptionEvent;
using State = SubscriptionState;

// How long a watcher is left alone after a failed attempt that named no Retry-After.
constexpr Duration kRetryDelay = Duration::seconds(32);
// How long a NOTIFY waits for room in the document store.
constexpr Duration kRoomDelay = Duration::seconds(1);

// RFC 4235 §4.1.1, RFC 3680 §5.1, RFC 3858 §3.1: a watcher's documents are counted from 0. RFC 5263 §4.4: "for the
// first partial notification (within a given subscription), the PA MUST initialize version to value one (1). This
// version counter ... is incremented by one within each partial notification."
uint32_t version_of(const EventPackage& package, const Subscription& subscription) {
  return subscription.local_cseq - subscription.uncounted - (package.partial_media_type.empty() ? 1 : 0);
}

// What the NOTIFY in flight carries is one of these: a SUBSCRIBE may have come since then that takes others.
bool is_counted(const Subscription& subscription) {
  return !subscription.sent_without_body && (subscription.sent_as_full || subscription.document.version_offset() != 0);
}

}  // namespace

void Notifier::on_presentity_changed(Instant now, uint32_t index) {
  if (views_.on_presentity_changed(index)) ask_anew(now, index);
  start_fanout(index);
}

void Notifier::start_fanout(uint32_t index) {
  turns_.begin_fanout(index);
  finish_if_visited(index);
}

void Notifier::on_subscription_created(Instant now, uint32_t index) {
  Subscription& subscription = core_.subscriptions[index];
  Presentity& presentity = core_.presentities[subscription.presentity];
  forget_ended(presentity);
  if (presentity.watchers == kNoIndex) {
    presentity.watchers = subscription.next = subscription.previous = index;
  } else {
    // Before the first one: at the end of the ring.
    const uint32_t first = presentity.watchers;
    const uint32_t last = core_.subscriptions[first].previous;
    subscription.next = first;
    subscription.previous = last;
    core_.subscriptions[first].previous = core_.subscriptions[last].next = index;
  }
  ++presentity.watcher_count;
  core_.follow_connection(index);
  turns_.on_watcher_joins(presentity);
  core_.counters.add(Counter::kSubscriptionsCreated);
  tell_watchers_of(waiting_.on_subscribed(index));
  tell_watchers_of(watchers_.on_changed(index));
  apply(now, index, Event::kSubscribed);
}

void Notifier::on_subscription_refreshed(Instant now, uint32_t index) {
  forget_ended(core_.presentities[core_.subscriptions[index].presentity]);
  core_.counters.add(Counter::kSubscriptionsRefreshed);
  apply(now, index, Event::kSubscribed);
}

// RFC 3680 §4.7.1: "When the contact is no longer bound to the address-of-record, the FSM moves to the terminated
// state, and once a NOTIFY is sent, the state machine is destroyed." Who asks afterwards is not told of it.
void Notifier::forget_ended(Presentity& presentity) {
  if (!presentity.tells_of_ended || presentity.fanout_left > 0) return;
  presentity.tells_of_ended = false;
  presentity.document.release(core_.texts);
}

void Notifier::end(Instant now, uint32_t index, EndReason reason) {
  Subscription& subscription = core_.subscriptions[index];
  if (is_ending(subscription.state)) return;
  subscription.end_reason = reason;
  core_.counters.add(Counter::kSubscriptionsEnded);
  note_end(now, index, reason);
  apply(now, index, Event::kEnded);
}

bool Notifier::on_response(Instant now, const NotifyResponse& response) {
  if (!is_awaited(response.branch, response.cseq)) return false;
  const uint32_t index = response.branch.index;
  Subscription& subscription = core_.subscriptions[index];
  if (response.status < 200) {
    // RFC 3261 §17.1.2.2: a provisional response slows the resends down to T2.
    subscription.resends = UINT8_MAX;
    return true;
  }
  if (response.status < 300) {
    core_.counters.add(Counter::kNotifiesAcknowledged);
    if (subscription.has_pace && !response.event.empty()) take_rates(core_, now, response.event, subscription);
    if (subscription.takes_patches && is_counted(subscription)) on_document_acknowledged(now, index);
    const bool has_proved = take_proof(subscription);
    apply(now, index, Event::kAccepted);
    if (has_proved) on_proved(now, index);
    return true;
  }
  core_.counters.add(Counter::kNotifiesRefused);
  if (ends_subscription(response.status)) {
    core_.counters.add(Counter::kSubscriptionsRejectedByWatcher);
    apply(now, index, Event::kFailedForGood);
    return true;
  }
  // RFC 5057 §5.1: any other failure is one of this attempt; Retry-After says when to try again.
  subscription.resend_at =
      now + (response.retry_after > 0 ? Duration::seconds(response.retry_after) : kRetryDelay);
  subscription.acknowledged = 0;
  subscription.full_due = true;
  apply(now, index, Event::kFailedForNow);
  return true;
}

bool Notifier::on_undeliverable(Instant now, const NotifyBranch& branch, uint32_t cseq) {
  const uint32_t index = branch.index;
  if (!is_awaited(branch, cseq)) return false;
  // RFC 3261 §17.1.4: a transport error ends the transaction; RFC 6665 §4.2.2: and like Timer F the subscription.
  core_.counters.add(Counter::kSubscriptionsUnreachable);
  apply(now, index, Event::kFailedForGood);
  return true;
}

// RFC 3261 §17.1.3: the whole branch is that of the NOTIFY in flight.
bool Notifier::is_awaited(const NotifyBranch& branch, uint32_t cseq) const {
  if (!core_.subscriptions.is_live(branch.index)) return false;
  const Subscription& subscription = core_.subscriptions[branch.index];
  const NotifyBranch expected = branch_of(branch.index);
  return is_in_flight(subscription.state) && expected.partition == branch.partition &&
         expected.generation == branch.generation && expected.token == branch.token && subscription.local_cseq == cseq;
}

void Notifier::on_document_acknowledged(Instant now, uint32_t index) {
  Subscription& subscription = core_.subscriptions[index];
  subscription.acknowledged = subscription.document.serial();
  if (core_.presentities[subscription.presentity].package != PackageId::kWatcherInfo) return;
  watchers_.on_acknowledged(subscription.presentity);
  if (is_ending(subscription.state) || !watchers_.goes_on(subscription)) return;
  // What is left of the list belongs to the answer to the SUBSCRIBE, and does not wait for the pace.
  core_.counters.add(Counter::kWatcherListsContinued);
  apply(now, index, Event::kSubscribed);
}

void Notifier::run(Instant now, Outbox& out) {
  uint32_t left = core_.limits.notifies_per_turn_max;
  for (; left > 0 && out.room() > 0 && turns_.has_work(); --left) {
    const uint32_t watcher = turns_.take_visit();
    if (watcher != kNoIndex) on_visited(now, watcher);
    const uint32_t subscription = turns_.take_turn();
    if (subscription == kNoIndex) continue;
    // What leaves by a connection waits for room on the way there: nothing would send it again.
    const bool is_by_stream = is_reliable(core_.transport_of(core_.subscriptions[subscription]));
    is_by_stream && out.stream_room() == 0 ? turns_.add(subscription) : send(now, subscription, out);
  }
}

void Notifier::on_registrations_changed(Instant now, uint32_t index) {
  // A device that publishes shows by what it says, whatever it registers.
  if (views_.shows_registrations(index)) on_presentity_changed(now, index);
}

void Notifier::apply(Instant now, uint32_t index, Event event) {
  Subscription& subscription = core_.subscriptions[index];
  const bool was_ending = is_ending(subscription.state);
  const SubscriptionStep step = step_of(subscription.state, event);
  VEDETTE_CHECK(step.action != SubscriptionAction::kImpossible);
  if (is_in_flight(subscription.state) && !is_in_flight(step.next)) finish_transaction(index);
  subscription.state = step.next;
  switch (step.action) {
    case SubscriptionAction::kEnqueue: turns_.add(index); break;
    case SubscriptionAction::kPace:
      subscription.resend_at = paced_until(subscription);
      if (now < subscription.resend_at) {
        core_.counters.add(Counter::kNotifiesPaced);
        break;
      }
      // Its timer stays as it is: due when it expires, or before that, which harms nobody.
      subscription.state = step_of(subscription.state, Event::kPaceOver).next;
      return turns_.add(index);
    case SubscriptionAction::kCoalesce: core_.counters.add(Counter::kNotifiesCoalesced); break;
    case SubscriptionAction::kSend:
    case SubscriptionAction::kSendFinal: start_transaction(now, index); break;
    case SubscriptionAction::kRelease:
      // RFC 3857 §4.7.1: a watcher that cannot be reached any more is over like one that has expired.
      if (!was_ending) note_end(now, index, EndReason::kTimeout);
      return release(index);
    case SubscriptionAction::kNone:
    case SubscriptionAction::kResend:
    case SubscriptionAction::kWait:
    case SubscriptionAction::kImpossible: break;
  }
  arm_timer(index);
}

void Notifier::on_visited(Instant now, uint32_t index) {
  const uint32_t presentity = core_.subscriptions[index].presentity;
  if (core_.presentities[presentity].authorization == kNoIndex) {
    const bool has_filter = core_.subscriptions[index].filter != kNoFilter;
    if (!has_filter || concerns(index)) apply(now, index, Event::kChanged);
    return;
  }
  visit(now, index);
  finish_if_visited(presentity);
}

void Notifier::send(Instant now, uint32_t index, Outbox& out) {
  Subscription& subscription = core_.subscriptions[index];
  if (subscription.state == State::kConcluded) return apply(now, index, Event::kTurn);
  const Presentity& presentity = core_.presentities[subscription.presentity];
  // Nobody is shown what he was allowed before. It may end here, and is then told that instead.
  const bool has_rules = presentity.authorization != kNoIndex;
  if (has_rules && !views_.is_settled(now, index)) visit(now, index);
  // RFC 5839 §6.3: "As long as the condition remains true, and there are no reportable changes in the NOTIFY header,
  // all subsequent NOTIFY requests MUST also be suppressed."
  const bool has_news = subscription.full_due || is_ending(subscription.state) || has_news_in_header(subscription);
  // Who watches is told to each in a document of his own, which is of this moment.
  const bool has_own = package_of(presentity.package).tells_changes;
  const bool makes_own = has_own && !subscription.is_quenched && subscription.is_proven;
  const bool is_shown_none = !subscription.is_proven || has_own;
  DocumentRef own = makes_own ? take_watcher_list(now, index) : DocumentRef();
  const DocumentRef* const document = makes_own ? &own : is_shown_none ? nullptr : suppression_.document_of(index);
  subscription.asks_proof = !subscription.is_proven;
  if (document != nullptr && document->is_null() && !is_ending(subscription.state)) {
    core_.counters.add(Reason::kDocumentsFull);
    subscription.resend_at = now + kRoomDelay;
    arm_timer(index);
    return;
  }
  const bool is_suppressed = suppression_.holds(subscription, document);
  if (is_suppressed && !has_news) return hold_back(now, index, document);
  suppression_.take(subscription, document, is_suppressed);
  own.release(core_.texts);
  if (has_rules || subscription.filter != kNoFilter) note_told(index, document);
  apply(now, index, Event::kTurn);
  core_.counters.add(Counter::kNotifiesOut);
  if (!transmit(index, out, Transmission::kFirst)) give_up_unreachable(now, index);
}

// Null when the store has no room for it.
DocumentRef Notifier::take_watcher_list(Instant now, uint32_t index) {
  Subscription& subscription = core_.subscriptions[index];
  const DocumentRef list = watchers_.compose(now, index);
  // The last NOTIFY of a subscription has none behind it that could go on.
  const bool is_cut = is_ending(subscription.state) && watchers_.goes_on(subscription);
  if (is_cut && !list.is_null()) core_.counters.add(Counter::kWatcherListsCut);
  return list;
}

// As if a 480 had come: its target is an AOR or GRUU of ours, and nobody is bound to it.
void Notifier::give_up_unreachable(Instant now, uint32_t index) {
  core_.counters.add(Counter::kNotifiesRefused);
  core_.counters.add(Counter::kSubscriptionsRejectedByWatcher);
  apply(now, index, Event::kFailedForGood);
}

// False when it cannot reach anybody: its target is a GRUU of ours that nothing is bound to, or has not proved itself.
bool Notifier::transmit(uint32_t index, Outbox& out, Transmission transmission) {
  Subscription& subscription = core_.subscriptions[index];
  OutSlot* slot = out.try_slot();
  if (slot == nullptr) return true;  // The resend timer tries again.
  if (!try_spend_send(subscription)) return false;
  const EventPackage& package = package_of(core_.presentities[subscription.presentity].package);
  const bool final = subscription.state == State::kFinalInFlight;
  NotifyParts parts = {.subscription = &subscription,
                       .end = &core_.local_ends[subscription.local_end],
                       .presentity = core_.presentities[subscription.presentity].aor.view(),
                       .branch = branch_of(index),
                       .full_media_type = package.partial_media_type,
                       .tag_of_nothing = suppression_.tag_of_nothing(),
                       .version = version_of(package, subscription),
                       .is_pending = subscription.is_told_pending,
                       .final = final,
                       .retry_after_seconds = final ? core_.limits.retry_after(subscription.branch_token) : 0};
  parsers::Writer writer(slot->bytes, slot->capacity);
  write_notify(parts, writer);
  if (writer.overflowed()) {
    // A buffer smaller than limits.datagram_bytes_max: the watcher is told that it still watches, without a body.
    core_.counters.add(Reason::kResponseTooLong);
    core_.subscriptions[index].full_due = true;
    parts.fits = false;
    writer = parsers::Writer(slot->bytes, slot->capacity);
    write_notify(parts, writer);
    if (writer.overflowed()) return true;
  }
  slot->length = static_cast<uint32_t>(writer.length());
  slot->flow = core_.flow_of(subscription);
  if (subscription.through_binding) {
    return bindings_.route_notify(*slot, subscription.request_uri(), transmission, out);
  }
  slot->kind = OutKind::kDatagram;
  core_.counters.add(Counter::kDatagramsOut);
  out.commit_message();
  return true;
}

void Notifier::release(uint32_t index) {
  Subscription& subscription = core_.subscriptions[index];
  VEDETTE_CHECK(!subscription.queued && !subscription.awaits_first_resend);
  if (subscription.follows_connection) core_.connection_users.leave(index);
  core_.timers.cancel(core_.subscription_timer(index));
  leave_ring(index);
  views_.leave(index);
  if (subscription.is_counted) core_.subscriptions_by_watcher.remove(core_.watcher_key(subscription.watcher()));
  subscription.document.release(core_.texts);
  core_.local_ends.leave(subscription.local_end);
  core_.texts.release(subscription.dialog);
  filters_.leave(subscription.filter);
  const uint32_t presentity = subscription.presentity;
  core_.subscriptions.release(index);
  finish_if_visited(presentity);
  watchers_.on_left(presentity);
  core_.release_if_idle(presentity);
}

// RFC 3857 §4.7.1: who is watched is told, and a watcher that he has not decided on waits for that.
void Notifier::note_end(Instant now, uint32_t index, EndReason reason) {
  bool is_over = true;
  if (reason == EndReason::kTimeout) tell_watchers_of(waiting_.on_timeout(now, index, is_over));
  if (is_over) tell_watchers_of(watchers_.on_ended(index, reason));
}

void Notifier::tell_watchers_of(uint32_t winfo) {
  if (winfo != kNoIndex) start_fanout(winfo);
}

void Notifier::leave_ring(uint32_t index) {
  Subscription& subscription = core_.subscriptions[index];
  Presentity& presentity = core_.presentities[subscription.presentity];
  const bool alone = subscription.next == index;
  if (presentity.watchers == index) presentity.watchers = alone ? kNoIndex : subscription.next;
  turns_.on_watcher_leaves(presentity, index);
  core_.subscriptions[subscription.previous].next = subscription.next;
  core_.subscriptions[subscription.next].previous = subscription.previous;
  --presentity.watcher_count;
}

NotifyBranch Notifier::branch_of(uint32_t index) const {
  const Subscription& subscription = core_.subscriptions[index];
  return {core_.presentities[subscription.presentity].partition, index,
          static_cast<uint16_t>(core_.subscriptions.handle(index).generation), subscription.branch_token};
}

void Notifier::check_invariants() const {
  turns_.check_invariants();
  watchers_.check_invariants();
  waiting_.check_invariants();
  uint64_t counted = 0;
  for (uint32_t i = 0; i < core_.subscriptions.high_water(); ++i) {
    if (!core_.subscriptions.is_live(i)) continue;
    const Subscription& s = core_.subscriptions[i];
    VEDETTE_CHECK(core_.subscriptions[s.next].previous == i && core_.subscriptions[s.previous].next == i);
    VEDETTE_CHECK(core_.presentities[s.presentity].watcher_count > 0);
    VEDETTE_CHECK(s.document.is_null() || is_in_flight(s.state) || s.suppresses);
    VEDETTE_CHECK(!s.queued || is_waiting_for_turn(s.state));
    const uint32_t connection = core_.connection_users.connection_of(i);
    VEDETTE_CHECK(connection == 0 || (s.follows_connection && connection == s.remote.connection));
    counted += s.is_counted ? 1 : 0;
    const uint32_t most = core_.limits.subscriptions_per_watcher_max;
    VEDETTE_CHECK(!s.is_counted || core_.subscriptions_by_watcher.count(core_.watcher_key(s.watcher())) <= most);
    // Nobody is forgotten: whoever waits is in the queue or has a timer, everybody else has a timer.
    VEDETTE_CHECK(s.queued || s.awaits_first_resend || core_.timers.is_armed(core_.subscription_timer(i)));
    VEDETTE_CHECK(!s.expiry_is_armed || core_.timers.is_armed(core_.subscription_timer(i)));
    VEDETTE_CHECK(!s.awaits_first_resend || core_.first_resends.holds(s.resend_place, i));
    VEDETTE_CHECK(!s.awaits_first_resend || is_in_flight(s.state));
  }
  VEDETTE_CHECK(counted == core_.subscriptions_by_watcher.total());
}

}  // namespace vedette::engine
