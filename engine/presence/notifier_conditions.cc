// What the notifier does where no NOTIFY follows: it holds them back for watchers who have said what they have (RFC
// 5839; see suppression.h), and for those who see only a part of what changes; and ends subscriptions without one: of
// such a watcher, or when its connection is gone.
#include "engine/presence/notifier.h"

#include "engine/presence/packages/package.h"

namespace vedette::engine {

using Event = SubscriptionEvent;
using State = SubscriptionState;

void Notifier::on_subscription_kept(Instant now, uint32_t index) {
  const Subscription& subscription = core_.subscriptions[index];
  core_.counters.add(Counter::kSubscriptionsRefreshed);
  core_.counters.add(Counter::kNotifiesSuppressed);
  // What it has is overtaken by what is on its way, and that by what is shown now, which it is told in the end.
  const bool is_overtaken =
      is_in_flight(subscription.state) && !subscription.suppresses && !subscription.is_quenched;
  apply(now, index, is_overtaken ? Event::kChanged : Event::kKept);
}

void Notifier::conclude(Instant now, uint32_t index) {
  core_.counters.add(Counter::kSubscriptionsEnded);
  core_.counters.add(Counter::kNotifiesSuppressed);
  leave(now, index, Event::kConcluded);
}

// RFC 4235 §3.7.2: who is shown less than there is is told of what he is shown, and sees of nothing else that it
// happens. RFC 4660 §5.3: with triggers, "whenever there is a change in the resource state that matches the triggers".
bool Notifier::concerns(uint32_t index) {
  const Subscription& subscription = core_.subscriptions[index];
  if (subscription.filter == kNoFilter || subscription.filter_is_off) return true;
  if (package_of(core_.presentities[subscription.presentity].package).select != nullptr) {
    const DocumentRef* const document = suppression_.document_of(index);
    return document == nullptr || document->is_null() || document->serial() != subscription.told;
  }
  if (!filters_.has_triggers(subscription.filter)) return true;
  const DocumentRef* const whole = views_.document_of(index);
  return whole == nullptr || whole->is_null() || filters_.fires(subscription.filter, *whole);
}

bool Notifier::has_news_in_header(const Subscription& subscription) const {
  return subscription.is_told_pending != core_.is_pending(subscription);
}

// A NOTIFY carries this document, or its watcher has it.
void Notifier::note_told(uint32_t index, const DocumentRef* document) {
  Subscription& subscription = core_.subscriptions[index];
  const Presentity& presentity = core_.presentities[subscription.presentity];
  if (presentity.authorization != kNoIndex) views_.on_told(index);
  if (subscription.filter == kNoFilter || subscription.filter_is_off) return;
  const bool is_known = document != nullptr && !document->is_null();
  if (package_of(presentity.package).select != nullptr) {
    subscription.told = is_known ? views_.partial().number(*document) : 0;
  } else if (is_known && filters_.has_triggers(subscription.filter)) {
    const DocumentRef* const whole = views_.document_of(index);
    if (whole != nullptr && !whole->is_null()) filters_.note_told(subscription.filter, *whole);
  }
}

void Notifier::hold_back(Instant now, uint32_t index, const DocumentRef* document) {
  Subscription& subscription = core_.subscriptions[index];
  suppression_.keep(subscription, document);
  note_told(index, document);
  core_.counters.add(Counter::kNotifiesSuppressed);
  apply(now, index, Event::kHeldBack);
}

void Notifier::on_connection_lost(Instant now, uint32_t index) {
  Subscription& subscription = core_.subscriptions[index];
  core_.connection_users.leave(index);
  subscription.follows_connection = false;
  // RFC 6665 §4.2.2: as if a NOTIFY had failed, which every one would from now on.
  if (!is_ending(subscription.state)) core_.counters.add(Counter::kSubscriptionsUnreachable);
  leave(now, index, Event::kLost);
}

// No NOTIFY follows. Who is in the queue leaves when its turn comes.
void Notifier::leave(Instant now, uint32_t index, Event event) {
  const Subscription& subscription = core_.subscriptions[index];
  // Where it leaves at once, that is when it is noted.
  const bool leaves = step_of(subscription.state, event).action == SubscriptionAction::kRelease;
  if (!leaves && !is_ending(subscription.state)) note_end(now, index, EndReason::kTimeout);
  // Who waits for room in the store waits for no turn.
  const bool has_to_leave_now = subscription.state == State::kReady && !subscription.queued;
  apply(now, index, event);
  if (has_to_leave_now) apply(now, index, Event::kTurn);
}

// What it was sent had no body.
void Notifier::on_proved(Instant now, uint32_t index) {
  core_.counters.add(Counter::kSubscriptionsProven);
  if (!core_.subscriptions.is_live(index) || is_ending(core_.subscriptions[index].state)) return;
  core_.subscriptions[index].full_due = true;
  apply(now, index, Event::kSubscribed);
}

}  // namespace vedette::engine
