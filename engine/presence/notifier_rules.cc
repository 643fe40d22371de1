// What the notifier does where a presentity has rules (RFC 5025): watchers are asked for anew when they may have other
// answers, told what that changes, and ended when they are blocked.
#include "engine/presence/notifier.h"

namespace vedette::engine {

using Event = SubscriptionEvent;
using State = SubscriptionState;

void Notifier::on_rules_changed(Instant now, uint32_t index) {
  ask_anew(now, index);
  start_fanout(index);
}

void Notifier::ask_anew(Instant now, uint32_t index) {
  views_.ask_anew(index);
  tell_watchers_of(waiting_.on_rules_changed(now, index));
}

// Of a presentity with rules: a watcher is told when what it may see has become something else.
void Notifier::visit(Instant now, uint32_t index) {
  Subscription& subscription = core_.subscriptions[index];
  const bool was_pending = core_.is_pending(subscription);
  switch (views_.look(now, index)) {
    case Views::Look::kSame: break;
    case Views::Look::kChanged: {
      // That it was decided on is no news of the presentity, whose pace it would wait for.
      const bool is_decided = was_pending != core_.is_pending(subscription) && subscription.state != State::kBackoff;
      if (is_decided || concerns(index)) apply(now, index, is_decided ? Event::kSubscribed : Event::kChanged);
      break;
    }
    // RFC 5025 §3.2.1, RFC 6665 §4.1.3.
    case Views::Look::kBlocked:
      if (!is_ending(subscription.state)) core_.counters.add(Counter::kSubscriptionsBlocked);
      end(now, index, EndReason::kRejected);
      break;
    case Views::Look::kNoRoom:
      core_.counters.add(Reason::kPresentityViewsFull);
      end(now, index, EndReason::kProbation);
      break;
  }
  // RFC 3857 §4.7.1: who is watched sees that a subscription was approved, or has to be.
  if (was_pending == core_.is_pending(subscription) || is_ending(subscription.state)) return;
  subscription.was_approved = was_pending;
  tell_watchers_of(watchers_.on_changed(index));
}

void Notifier::settle(Instant now, uint32_t index) {
  const bool has_rules = core_.presentities[core_.subscriptions[index].presentity].authorization != kNoIndex;
  if (has_rules && !views_.is_settled(now, index)) visit(now, index);
}

// Nobody is left whom rules have to be asked for.
void Notifier::finish_if_visited(uint32_t index) {
  const Presentity& presentity = core_.presentities[index];
  if (presentity.authorization != kNoIndex && presentity.fanout_left == 0) views_.finish(index);
}

}  // namespace vedette::engine
