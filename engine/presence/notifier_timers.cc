// When what of a subscription is due: its NOTIFY in flight (RFC 3261 §17.1.2.2), its pace (RFC 6446), its end.
#include <algorithm>

#include "engine/presence/contact_proof.h"
#include "engine/presence/notifier.h"
#include "engine/registrar/binding_router.h"

namespace vedette::engine {

using Event = SubscriptionEvent;
using State = SubscriptionState;

void Notifier::on_timer(Instant now, uint32_t index, Outbox& out) {
  Subscription& subscription = core_.subscriptions[index];
  if (is_in_flight(subscription.state)) {
    if (now >= subscription.give_up_at) {
      // RFC 6665 §4.2.2: a NOTIFY that times out ends the subscription.
      core_.counters.add(Counter::kSubscriptionsTimedOut);
      apply(now, index, Event::kFailedForGood);
      return;
    }
    if (!may_send(subscription)) {
      subscription.resend_at = Instant::never();
    } else if (now >= subscription.resend_at && out.room() > 0) {
      apply(now, index, Event::kResendDue);
      core_.counters.add(Counter::kNotifyRetransmissions);
      if (!transmit(index, out, Transmission::kResend)) return give_up_unreachable(now, index);
      if (subscription.resends < UINT8_MAX) ++subscription.resends;
      const Duration t1 = core_.config.t1, t2 = core_.config.t2;
      const Duration doubled = t1 * (int64_t{1} << std::min<int>(subscription.resends, 16));
      subscription.resend_at = now + std::min(doubled, t2);
    }
  } else if (subscription.state == State::kBackoff && now >= subscription.resend_at) {
    apply(now, index, Event::kRetryDue);
  } else if (subscription.state == State::kPaced && now >= subscription.resend_at) {
    apply(now, index, Event::kPaceOver);
  } else if (subscription.state == State::kQuiet && now >= unchanged_due(subscription)) {
    // RFC 6446 §6.2: the state again, so that the watcher knows that it holds.
    core_.counters.add(Counter::kNotifiesUnchanged);
    apply(now, index, Event::kUnchangedDue);
  } else if (is_waiting_for_turn(subscription.state) && !subscription.queued && now >= subscription.resend_at) {
    turns_.add(index);
  }
  if (!is_ending(subscription.state) && now >= subscription.expires_at) {
    core_.counters.add(Counter::kSubscriptionsExpired);
    end(now, index, EndReason::kTimeout);
    return;
  }
  arm_timer(index);
}

uint32_t Notifier::run_first_resends(Instant now, uint32_t most, Outbox& out) {
  uint32_t taken = 0;
  for (; taken < most && out.room() > 0; ++taken) {
    const uint32_t index = core_.first_resends.take_due(now);
    if (index == kNoIndex) break;
    core_.subscriptions[index].awaits_first_resend = false;
    on_timer(now, index, out);
  }
  return taken;
}

void Notifier::start_transaction(Instant now, uint32_t index) {
  Subscription& subscription = core_.subscriptions[index];
  ++subscription.local_cseq;
  subscription.branch_token = static_cast<uint32_t>(core_.random.next());
  subscription.told_expires = seconds_left(now, subscription.expires_at);
  subscription.resends = 0;
  // RFC 3261 §17.1.2.2: Timer E is for unreliable transports alone. Which one a binding has is known where it is.
  const bool is_resent = subscription.through_binding || !is_reliable(core_.transport_of(subscription));
  subscription.resend_at = is_resent ? now + core_.config.t1 : Instant::never();
  subscription.give_up_at = now + core_.config.t1 * 64;
  if (is_resent) await_answer(index);
  if (!subscription.has_pace) return;
  Pace pace = subscription.pace();
  pace.on_told(now);
  subscription.set_pace(pace);
}

// Nearly all NOTIFYs are answered before they are due again, so they do not go through the wheel, which would
// sort them. When there is no place for one more, that which was sent first goes there: it is likely to need
// it.
void Notifier::await_answer(uint32_t index) {
  Subscription& subscription = core_.subscriptions[index];
  if (core_.first_resends.is_full()) {
    const uint32_t first = core_.first_resends.take_first();
    core_.subscriptions[first].awaits_first_resend = false;
    arm_timer(first);
  }
  // Not if the configuration has made T1 shorter.
  uint32_t place = 0;
  if (!core_.first_resends.try_add(index, subscription.resend_at, place)) return;
  subscription.resend_place = place;
  subscription.awaits_first_resend = true;
}

void Notifier::finish_transaction(uint32_t index) {
  Subscription& subscription = core_.subscriptions[index];
  if (subscription.awaits_first_resend) {
    subscription.awaits_first_resend = false;
    core_.first_resends.remove(subscription.resend_place, index);
  }
  if (!subscription.suppresses) subscription.document.release(core_.texts);
}

Duration Notifier::pace(const Subscription& subscription) const {
  if (subscription.has_pace) return subscription.pace().interval;
  return core_.config.pace.interval[static_cast<size_t>(core_.presentities[subscription.presentity].package)];
}

Instant Notifier::unchanged_due(const Subscription& subscription) const {
  // RFC 5839 §6.3: nor is it told so again if it said that it has it.
  if (!subscription.has_pace || subscription.suppresses || subscription.is_quenched) return Instant::never();
  return subscription.pace().unchanged_due(told_at(subscription));
}

void Notifier::arm_timer(uint32_t index) {
  Subscription& subscription = core_.subscriptions[index];
  Instant deadline = is_ending(subscription.state) ? Instant::never() : subscription.expires_at;
  if (subscription.awaits_first_resend) {
    // Until then nothing of the NOTIFY is due.
  } else if (is_in_flight(subscription.state)) {
    deadline = std::min({deadline, subscription.resend_at, subscription.give_up_at});
  } else if (subscription.state == State::kQuiet) {
    if (subscription.has_pace) deadline = std::min(deadline, unchanged_due(subscription));
  } else if (subscription.state == State::kBackoff || subscription.state == State::kPaced ||
             (is_waiting_for_turn(subscription.state) && !subscription.queued)) {
    deadline = std::min(deadline, subscription.resend_at);
  }
  const bool is_expiry = deadline == subscription.expires_at && !is_ending(subscription.state);
  if (is_expiry && subscription.expiry_is_armed) return;
  subscription.expiry_is_armed = is_expiry;
  const uint32_t timer = core_.subscription_timer(index);
  if (deadline == Instant::never()) {
    core_.timers.cancel(timer);
  } else {
    core_.timers.arm(timer, deadline);
  }
}

}  // namespace vedette::engine
