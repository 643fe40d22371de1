#include "engine/base/timer_wheel.h"

#include <algorithm>
#include <bit>

#include "engine/base/check.h"

namespace vedette::engine {
namespace {

constexpr int64_t kTickNanoseconds = 1'000'000;
constexpr int64_t kLatestTick = (int64_t{1} << 48) - 1;

int64_t tick_at_or_before(Instant t) { return t.unix_nanoseconds() / kTickNanoseconds; }
// Rounded up, so that no timer fires early.
int64_t tick_at_or_after(Instant t) { return (t.unix_nanoseconds() + (kTickNanoseconds - 1)) / kTickNanoseconds; }

}  // namespace

TimerWheel::TimerWheel(uint32_t timers) : entries_(timers) { heads_.fill(kNoIndex); }

void TimerWheel::start(Instant now) {
  if (armed_ == 0) cursor_ = tick_at_or_before(now);
}

void TimerWheel::arm(uint32_t timer, Instant deadline) {
  cancel(timer);
  const int64_t tick = std::clamp<int64_t>(tick_at_or_after(deadline), 0, kLatestTick);
  entries_[timer].deadline = static_cast<uint64_t>(tick) & kLatestTick;
  link(timer);
  ++armed_;
}

void TimerWheel::cancel(uint32_t timer) {
  if (!is_armed(timer)) return;
  unlink(timer);
  --armed_;
}

void TimerWheel::link(uint32_t timer) {
  Entry& entry = entries_[timer];
  int64_t tick = static_cast<int64_t>(entry.deadline);
  const int64_t ahead = tick - cursor_;
  unsigned level = 0;
  if (ahead < 0) {
    tick = cursor_;
  } else if (ahead >= int64_t{1} << 24) {
    // Beyond the horizon: the farthest slot; it is linked anew when the wheel comes by.
    level = 2;
    tick = cursor_ + (int64_t{1} << 24) - 1;
  } else if (ahead >= int64_t{1} << 16) {
    level = 2;
  } else if (ahead >= int64_t{1} << 8) {
    level = 1;
  }
  const unsigned position = static_cast<unsigned>(tick >> (8 * level)) % kSlots;
  const unsigned slot = level * kSlots + position;
  entry.slot = static_cast<uint16_t>(slot);
  uint32_t& head = heads_[slot];
  entry.next = head;
  entry.previous = kNoIndex;
  if (head != kNoIndex) entries_[head].previous = timer;
  head = timer;
  occupied_[slot / 64] |= uint64_t{1} << (slot % 64);
}

void TimerWheel::unlink(uint32_t timer) {
  Entry& entry = entries_[timer];
  if (entry.previous != kNoIndex) {
    entries_[entry.previous].next = entry.next;
  } else {
    const unsigned slot = entry.slot;
    heads_[slot] = entry.next;
    if (entry.next == kNoIndex) occupied_[slot / 64] &= ~(uint64_t{1} << (slot % 64));
  }
  if (entry.next != kNoIndex) entries_[entry.next].previous = entry.previous;
  entry.slot = kUnarmed;
}

unsigned TimerWheel::distance_to_occupied(unsigned level, unsigned position) const {
  for (unsigned distance = 1; distance <= kSlots;) {
    const unsigned slot = level * kSlots + (position + distance) % kSlots;
    const uint64_t word = occupied_[slot / 64] >> (slot % 64);
    if (word != 0) {
      distance += static_cast<unsigned>(std::countr_zero(word));
      return distance <= kSlots ? distance : 0;
    }
    distance += 64 - slot % 64;
  }
  return 0;
}

int64_t TimerWheel::next_event() const {
  int64_t best = INT64_MAX;
  for (unsigned level = 0; level < kLevels; ++level) {
    const int64_t position = cursor_ >> (8 * level);
    const unsigned distance = distance_to_occupied(level, static_cast<unsigned>(position % kSlots));
    if (distance != 0) best = std::min(best, (position + distance) << (8 * level));
  }
  return best;
}

void TimerWheel::cascade(unsigned level) {
  const unsigned slot = level * kSlots + static_cast<unsigned>(cursor_ >> (8 * level)) % kSlots;
  uint32_t timer = heads_[slot];
  heads_[slot] = kNoIndex;
  occupied_[slot / 64] &= ~(uint64_t{1} << (slot % 64));
  while (timer != kNoIndex) {
    const uint32_t next = entries_[timer].next;
    link(timer);
    timer = next;
  }
}

uint32_t TimerWheel::take_due(Instant now) {
  if (armed_ == 0) return kNoIndex;
  const int64_t tick = tick_at_or_before(now);
  while (true) {
    const uint32_t timer = heads_[static_cast<unsigned>(cursor_ % kSlots)];
    if (timer != kNoIndex && cursor_ <= tick) {
      unlink(timer);
      --armed_;
      VEDETTE_CHECK(static_cast<int64_t>(entries_[timer].deadline) <= tick);
      return timer;
    }
    if (cursor_ >= tick) return kNoIndex;
    const int64_t event = next_event();
    if (event > tick) {
      // Nothing is due or cascades on the way, so the cursor may jump.
      cursor_ = tick;
      return kNoIndex;
    }
    cursor_ = event;
    if (cursor_ % (int64_t{1} << 16) == 0) cascade(2);
    if (cursor_ % (int64_t{1} << 8) == 0) cascade(1);
  }
}

Instant TimerWheel::next_deadline() const {
  if (armed_ == 0) return Instant::never();
  const int64_t event = heads_[static_cast<unsigned>(cursor_ % kSlots)] != kNoIndex ? cursor_ : next_event();
  return Instant::from_unix_nanoseconds(event * kTickNanoseconds);
}

}  // namespace vedette::engine
