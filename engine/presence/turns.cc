#include "engine/presence/turns.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/prefetch.h"

namespace vedette::engine {

void Turns::add(uint32_t index) {
  Subscription& subscription = core_.subscriptions[index];
  VEDETTE_CHECK(!subscription.queued);
  subscription.queued = true;
  subscription.ready_next = kNoIndex;
  Presentity& presentity = core_.presentities[subscription.presentity];
  if (presentity.waiting_tail != kNoIndex) {
    core_.subscriptions[presentity.waiting_tail].ready_next = index;
  } else {
    presentity.waiting_head = index;
  }
  presentity.waiting_tail = index;
  if (!presentity.in_turn_queue) join_queue(subscription.presentity);
}

void Turns::begin_fanout(uint32_t index) {
  Presentity& presentity = core_.presentities[index];
  if (presentity.watcher_count == 0) return;
  if (presentity.fanout_cursor == kNoIndex) presentity.fanout_cursor = presentity.watchers;
  presentity.fanout_left = presentity.watcher_count;
  if (!presentity.in_turn_queue) join_queue(index);
}

void Turns::join_queue(uint32_t index) {
  Presentity& presentity = core_.presentities[index];
  presentity.in_turn_queue = true;
  presentity.turn_next = kNoIndex;
  if (tail_ != kNoIndex) {
    core_.presentities[tail_].turn_next = index;
  } else {
    head_ = index;
  }
  tail_ = index;
}

// It stands somewhere in the ring that a fan-out under way walks: one more to visit, so that none is missed.
void Turns::on_watcher_joins(Presentity& presentity) {
  if (presentity.fanout_left > 0) ++presentity.fanout_left;
}

void Turns::on_watcher_leaves(Presentity& presentity, uint32_t index) {
  const Subscription& subscription = core_.subscriptions[index];
  if (presentity.fanout_cursor == index) {
    presentity.fanout_cursor = subscription.next == index ? kNoIndex : subscription.next;
  }
  // Visiting one more than needed is harmless; visiting an empty ring is not.
  presentity.fanout_left = std::min(presentity.fanout_left, presentity.watcher_count - 1);
}

uint32_t Turns::take_visit() {
  Presentity& presentity = core_.presentities[head_];
  if (presentity.fanout_left == 0) return kNoIndex;
  // While others wait already, every other turn is theirs alone: the fan-out neither floods nor starves.
  if (presentity.waiting_head != kNoIndex && (presentity.spared = !presentity.spared)) return kNoIndex;
  const uint32_t watcher = presentity.fanout_cursor;
  presentity.fanout_cursor = --presentity.fanout_left == 0 ? kNoIndex : core_.subscriptions[watcher].next;
  fetch_ahead(presentity);
  return watcher;
}

// The watchers of a presentity lie anywhere in memory. While one is told, the next one's dialog comes, and the record
// of the one behind that: its number is in the next one's, which came a visit ago.
void Turns::fetch_ahead(const Presentity& presentity) const {
  if (presentity.fanout_left == 0) return;
  const Subscription& next = core_.subscriptions[presentity.fanout_cursor];
  prefetch_bytes(next.dialog.bytes, next.dialog.length);
  if (presentity.fanout_left > 1) core_.subscriptions.prefetch(next.next);
}

uint32_t Turns::take_turn() {
  const uint32_t index = head_;
  Presentity& presentity = core_.presentities[index];
  const uint32_t taken = presentity.waiting_head;
  if (taken != kNoIndex) {
    Subscription& subscription = core_.subscriptions[taken];
    presentity.waiting_head = subscription.ready_next;
    if (presentity.waiting_head == kNoIndex) presentity.waiting_tail = kNoIndex;
    subscription.queued = false;
  }
  const bool has_more = presentity.fanout_left > 0 || presentity.waiting_head != kNoIndex;
  if (has_more && tail_ == index) return taken;
  head_ = presentity.turn_next;
  if (head_ == kNoIndex) tail_ = kNoIndex;
  presentity.in_turn_queue = false;
  if (has_more) {
    join_queue(index);
  } else {
    core_.release_if_idle(index);
  }
  return taken;
}

void Turns::check_invariants() const {
  uint32_t waiting = 0;
  for (uint32_t p = head_; p != kNoIndex; p = core_.presentities[p].turn_next) {
    const Presentity& presentity = core_.presentities[p];
    VEDETTE_CHECK(presentity.in_turn_queue && (presentity.turn_next != kNoIndex) == (p != tail_));
    VEDETTE_CHECK((presentity.fanout_left > 0) == (presentity.fanout_cursor != kNoIndex));
    for (uint32_t i = presentity.waiting_head; i != kNoIndex; i = core_.subscriptions[i].ready_next) {
      const Subscription& subscription = core_.subscriptions[i];
      VEDETTE_CHECK(subscription.queued && subscription.presentity == p && is_waiting_for_turn(subscription.state));
      VEDETTE_CHECK((subscription.ready_next == kNoIndex) == (i == presentity.waiting_tail));
      ++waiting;
    }
  }
  uint32_t queued = 0;
  for (uint32_t i = 0; i < core_.subscriptions.high_water(); ++i) {
    queued += core_.subscriptions.is_live(i) && core_.subscriptions[i].queued;
  }
  VEDETTE_CHECK(waiting == queued);
}

}  // namespace vedette::engine
