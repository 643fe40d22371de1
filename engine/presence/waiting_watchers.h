// Watchers who wait (RFC 3857 §4.7.1): a pending subscription has timed out, was given up by its watcher or a fetch,
// and nobody has decided on it. One for each watcher of a presentity with rules; until rules decide, the watcher
// subscribes anew, or limits.waiting_watcher_seconds have passed. Where a presentity has limits.
// waiting_watchers_per_presentity_max, the one who has waited longest gives up; where the shard has
// limits.waiting_watchers_max, or the watcher waits for limits.waiting_watchers_per_watcher_max presentities of it,
// nobody is added. Runs on the shard's worker.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/core.h"
#include "engine/presence/rule_sets.h"
#include "engine/presence/watcher_lists.h"

namespace vedette::engine {

class WaitingWatchers {
 public:
  WaitingWatchers(Core& core, RuleSets& rules, WatcherLists& lists) : core_(core), rules_(rules), lists_(lists) {}

  // Each gives the presentity of presence.winfo whose watchers are to be told; kNoIndex: nobody is.

  // A subscription to presence ends for want of time. `is_over`: it does not wait, and nobody has been told anything.
  uint32_t on_timeout(Instant now, uint32_t subscription, bool& is_over);
  // One has been made.
  uint32_t on_subscribed(uint32_t subscription);
  // Rules have other answers now.
  uint32_t on_rules_changed(Instant now, uint32_t presentity);
  // An operator has ended it, as he would have ended a subscription.
  uint32_t on_ended(uint32_t waiting, EndReason reason);
  // The timer has fired: one of them gives up.
  uint32_t on_timer(Instant now);

  void check_invariants() const;

 private:
  uint32_t find(const Presentity& presentity, std::string_view aor) const;
  bool waits_for_too_many(std::string_view aor) const;
  bool try_add(Instant now, const Subscription& subscription);
  uint32_t end(uint32_t waiting, WatcherEvent event);
  void arm_timer();

  Core& core_;
  RuleSets& rules_;
  WatcherLists& lists_;
  uint32_t oldest_ = kNoIndex, newest_ = kNoIndex;
};

}  // namespace vedette::engine
