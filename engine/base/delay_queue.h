// Timers that all run equally long: those that began first end first, so they need no sorting, only a place each in a
// row. Most are taken back before they end, in about the order in which they began, so the row stays short. Ends are
// rounded up to whole milliseconds, as TimerWheel's are. One thread.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/handle.h"
#include "engine/base/time.h"

namespace vedette::engine {

class DelayQueue {
 public:
  // `places`: rounded up to a power of two.
  explicit DelayQueue(uint32_t places) : places_(std::bit_ceil(std::max(places, 1U))) {}

  bool is_full() const { return next_ - first_ == places_.size(); }
  bool is_empty() const { return first_ == next_; }

  // False when all places are taken, or the timer that was added before it ends later.
  bool try_add(uint32_t user, Instant end, uint32_t& place) {
    const int64_t tick = tick_of(end);
    if (is_full() || (tick < last_ && !is_empty())) return false;
    last_ = tick;
    at(next_) = {user, static_cast<uint32_t>(tick)};
    place = next_++;
    return true;
  }

  void remove(uint32_t place, uint32_t user) {
    VEDETTE_CHECK(holds(place, user));
    at(place).user = kNoIndex;
    skip_removed();
  }

  bool holds(uint32_t place, uint32_t user) const {
    return place - first_ < next_ - first_ && places_[place & mask()].user == user;
  }

  // Whose timer is the first to end, which is removed. There must be one.
  uint32_t take_first() {
    VEDETTE_CHECK(!is_empty());
    const uint32_t user = at(first_).user;
    ++first_;
    skip_removed();
    return user;
  }
  // The same, if it has ended; kNoIndex: none has.
  uint32_t take_due(Instant now) { return next_deadline() <= now ? take_first() : kNoIndex; }
  // Instant::never() without timers.
  Instant next_deadline() const {
    if (is_empty()) return Instant::never();
    // Of its tick the lower half is kept; all are less than 2^31 ticks (24 days) apart.
    const uint32_t behind_last = static_cast<uint32_t>(last_) - places_[first_ & mask()].end;
    return Instant::from_unix_nanoseconds((last_ - int64_t{behind_last}) * kTickNanoseconds);
  }

  static uint64_t bytes(uint32_t places) { return uint64_t{std::bit_ceil(std::max(places, 1U))} * sizeof(Place); }

 private:
  static constexpr int64_t kTickNanoseconds = 1'000'000;

  struct Place {
    uint32_t user = kNoIndex;
    uint32_t end = 0;         // Ticks, the lower half.
  };

  static int64_t tick_of(Instant end) { return (end.unix_nanoseconds() + (kTickNanoseconds - 1)) / kTickNanoseconds; }
  uint32_t mask() const { return static_cast<uint32_t>(places_.size() - 1); }
  Place& at(uint32_t place) { return places_[place & mask()]; }
  void skip_removed() {
    while (first_ != next_ && at(first_).user == kNoIndex) ++first_;
  }

  std::vector<Place> places_;
  uint32_t first_ = 0, next_ = 0;  // Counted on and on; the first one has a user, if it is not the next.
  int64_t last_ = 0;               // When the last one ends, ticks.
};

}  // namespace vedette::engine
