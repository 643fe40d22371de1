#include "engine/presence/waiting_watchers.h"

#include "engine/base/check.h"
#include "engine/presence/watcher_machine.h"

namespace vedette::engine {

using parsers::Permissions;
using parsers::SubHandling;

// RFC 3857 §4.7.1: "If a pending subscription suffers a timeout, it moves into the waiting state. ... The waiting state
// is also needed to allow for authorization of fetch attempts, which are subscriptions that expire immediately."
uint32_t WaitingWatchers::on_timeout(Instant now, uint32_t index, bool& is_over) {
  const Subscription& subscription = core_.subscriptions[index];
  is_over = true;
  if (!core_.is_pending(subscription) || core_.limits.waiting_watcher_seconds == 0) return kNoIndex;
  const uint32_t presentity = subscription.presentity;
  // Rules may have decided meanwhile, and the fan-out not have come here.
  const Permissions permissions = rules_.ask(now, presentity, subscription.watcher());
  if (permissions.sub_handling != SubHandling::kConfirm) return kNoIndex;
  const uint32_t winfo = on_subscribed(index);
  if (waits_for_too_many(subscription.watcher())) {
    core_.counters.add(Counter::kWaitingWatchersTooMany);
    return winfo;
  }
  if (!try_add(now, subscription)) {
    core_.counters.add(Counter::kWaitingWatchersForgotten);
    return winfo;
  }
  is_over = false;
  rules_.note_valid_until(core_.presentities[presentity].authorization, permissions.valid_until);
  const Authorization& authorization = core_.authorizations[core_.presentities[presentity].authorization];
  if (authorization.waiting_count > core_.limits.waiting_watchers_per_presentity_max) {
    // "At any time, the server can decide to end a pending or waiting subscription because it is concerned about
    // allocating memory and CPU resources to unauthorized subscription state."
    uint32_t longest = authorization.waiting;
    while (core_.waiting_watchers[longest].next != kNoIndex) longest = core_.waiting_watchers[longest].next;
    core_.counters.add(Counter::kWaitingWatchersGaveUp);
    end(longest, WatcherEvent::kGiveup);
  }
  return lists_.on_row(presentity, core_.waiting_watchers[authorization.waiting].row());
}

// "if another subscription is received to the same resource, from the same watcher, for the same event package ... the
// FSM enters the terminated state with a "giveup" event, and is destroyed."
uint32_t WaitingWatchers::on_subscribed(uint32_t index) {
  const Subscription& subscription = core_.subscriptions[index];
  const uint32_t waiting = find(core_.presentities[subscription.presentity], subscription.watcher());
  return waiting == kNoIndex ? kNoIndex : end(waiting, WatcherEvent::kGiveup);
}

// "if the subscription is approved or denied, the FSM enters the terminated state, and is destroyed."
uint32_t WaitingWatchers::on_rules_changed(Instant now, uint32_t presentity) {
  const uint32_t authorization = core_.presentities[presentity].authorization;
  uint32_t winfo = kNoIndex;
  uint32_t next = kNoIndex;
  for (uint32_t i = core_.authorizations[authorization].waiting; i != kNoIndex; i = next) {
    next = core_.waiting_watchers[i].next;
    const Permissions permissions = rules_.ask(now, presentity, core_.waiting_watchers[i].watcher.aor());
    if (permissions.sub_handling == SubHandling::kConfirm) {
      rules_.note_valid_until(authorization, permissions.valid_until);
      continue;
    }
    const bool is_rejected = permissions.sub_handling == SubHandling::kBlock;
    core_.counters.add(is_rejected ? Counter::kWaitingWatchersRejected : Counter::kWaitingWatchersApproved);
    winfo = end(i, is_rejected ? WatcherEvent::kRejected : WatcherEvent::kApproved);
  }
  return winfo;
}

uint32_t WaitingWatchers::on_timer(Instant now) {
  uint32_t winfo = kNoIndex;
  if (oldest_ != kNoIndex && core_.waiting_watchers[oldest_].gives_up_at <= now) {
    core_.counters.add(Counter::kWaitingWatchersGaveUp);
    winfo = end(oldest_, WatcherEvent::kGiveup);
  }
  arm_timer();
  return winfo;
}

// RFC 3857 §4.7.1, Figure 1, knows no other ends of who waits.
uint32_t WaitingWatchers::on_ended(uint32_t index, EndReason reason) {
  const WatcherEvent event = event_of(reason);
  const bool has_event = event == WatcherEvent::kRejected || event == WatcherEvent::kNoResource;
  return end(index, has_event ? event : WatcherEvent::kGiveup);
}

// One watcher is not to take the room of all others by asking everybody.
bool WaitingWatchers::waits_for_too_many(std::string_view aor) const {
  uint32_t count = 0;
  core_.waiting_watcher_index.find(core_.hash(aor), [&](uint32_t i) {
    count += core_.waiting_watchers[i].watcher.aor() == aor;
    return count == core_.limits.waiting_watchers_per_watcher_max;
  });
  return count == core_.limits.waiting_watchers_per_watcher_max;
}

// They are few: limits.waiting_watchers_per_presentity_max.
uint32_t WaitingWatchers::find(const Presentity& presentity, std::string_view aor) const {
  if (presentity.authorization == kNoIndex) return kNoIndex;
  uint32_t i = core_.authorizations[presentity.authorization].waiting;
  while (i != kNoIndex && core_.waiting_watchers[i].watcher.aor() != aor) i = core_.waiting_watchers[i].next;
  return i;
}

// False when there is no room for it.
bool WaitingWatchers::try_add(Instant now, const Subscription& subscription) {
  const uint32_t index = core_.waiting_watchers.try_acquire();
  if (index == kNoIndex) return false;
  WaitingWatcher& waiting = core_.waiting_watchers[index];
  if (!waiting.watcher.try_keep(core_.texts, lists_.row_of(subscription))) {
    core_.waiting_watchers.release(index);
    return false;
  }
  core_.waiting_watcher_index.insert(core_.hash(waiting.watcher.aor()), index);
  Authorization& authorization = core_.authorizations[core_.presentities[subscription.presentity].authorization];
  waiting.presentity = subscription.presentity;
  waiting.gives_up_at = now + Duration::seconds(core_.limits.waiting_watcher_seconds);
  waiting.next = authorization.waiting;
  authorization.waiting = index;
  ++authorization.waiting_count;
  waiting.older = newest_;
  (newest_ == kNoIndex ? oldest_ : core_.waiting_watchers[newest_].newer) = index;
  newest_ = index;
  if (oldest_ == index) arm_timer();
  core_.counters.add(Counter::kWatchersWaiting);
  return true;
}

uint32_t WaitingWatchers::end(uint32_t index, WatcherEvent event) {
  WaitingWatcher& waiting = core_.waiting_watchers[index];
  const uint32_t presentity = waiting.presentity;
  WatcherRow row = waiting.row();
  row.status = status_after(row.status, event);
  row.event = event;
  VEDETTE_CHECK(row.status == WatcherStatus::kTerminated);
  const uint32_t winfo = lists_.on_row(presentity, row);
  Authorization& authorization = core_.authorizations[core_.presentities[presentity].authorization];
  uint32_t* link = &authorization.waiting;
  while (*link != index) link = &core_.waiting_watchers[*link].next;
  *link = waiting.next;
  --authorization.waiting_count;
  (waiting.older == kNoIndex ? oldest_ : core_.waiting_watchers[waiting.older].newer) = waiting.newer;
  (waiting.newer == kNoIndex ? newest_ : core_.waiting_watchers[waiting.newer].older) = waiting.older;
  core_.waiting_watcher_index.erase(core_.hash(waiting.watcher.aor()), index);
  core_.texts.release(waiting.watcher.text);
  core_.waiting_watchers.release(index);
  if (oldest_ == kNoIndex) arm_timer();
  return winfo;
}

// For the one who gives up next. One that ended in another way leaves it to fire for nothing, once.
void WaitingWatchers::arm_timer() {
  if (oldest_ == kNoIndex) return core_.timers.cancel(core_.waiting_timer());
  core_.timers.arm(core_.waiting_timer(), core_.waiting_watchers[oldest_].gives_up_at);
}

void WaitingWatchers::check_invariants() const {
  uint32_t count = 0;
  Instant before;
  for (uint32_t i = oldest_; i != kNoIndex; i = core_.waiting_watchers[i].newer, ++count) {
    const WaitingWatcher& waiting = core_.waiting_watchers[i];
    VEDETTE_CHECK(waiting.gives_up_at >= before);
    VEDETTE_CHECK((waiting.newer == kNoIndex) == (i == newest_));
    VEDETTE_CHECK(find(core_.presentities[waiting.presentity], waiting.watcher.aor()) == i);
    before = waiting.gives_up_at;
  }
  VEDETTE_CHECK(count == core_.waiting_watchers.size() && count == core_.waiting_watcher_index.size());
  VEDETTE_CHECK((count > 0) == core_.timers.is_armed(core_.waiting_timer()));
  for (uint32_t i = 0; i < core_.authorizations.high_water(); ++i) {
    if (!core_.authorizations.is_live(i)) continue;
    const Authorization& authorization = core_.authorizations[i];
    VEDETTE_CHECK(authorization.waiting_count <= core_.limits.waiting_watchers_per_presentity_max);
    VEDETTE_CHECK(authorization.waiting_count == 0 || authorization.rules);
    count -= authorization.waiting_count;
  }
  VEDETTE_CHECK(count == 0);
}

}  // namespace vedette::engine
