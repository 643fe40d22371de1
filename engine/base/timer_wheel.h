// A hierarchical timer wheel (Varghese, Lauck 1987): three levels of 256 slots, ticks of one millisecond,
// and one timer per record, fixed in number: arming cannot fail and allocates nothing.
//
// A timer is a number below `timers`; who it belongs to is the caller's affair. A timer never fires before its
// deadline and fires at the first take_due whose `now` has reached the deadline's tick.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "engine/base/handle.h"
#include "engine/base/time.h"

namespace vedette::engine {

class TimerWheel {
 public:
  explicit TimerWheel(uint32_t timers);

  // Brings a wheel without armed timers up to `now`; otherwise does nothing. To be called before arm.
  void start(Instant now);
  // Arms or re-arms; a deadline in the past is due at once. Deadlines beyond the horizon (about
  // 4.6 hours) are visited there and re-armed inside.
  void arm(uint32_t timer, Instant deadline);
  void cancel(uint32_t timer);
  bool is_armed(uint32_t timer) const { return entries_[timer].slot != kUnarmed; }

  // The next timer that is due, disarmed; kNoIndex when none is. Call until kNoIndex or until the turn's
  // budget is spent; what is left stays due.
  uint32_t take_due(Instant now);

  // A moment at which take_due should be called again: no later than the earliest deadline's tick, earlier when
  // the wheel itself has to turn. Instant::never() when no timer is armed.
  Instant next_deadline() const;
  uint32_t armed() const { return armed_; }
  static uint64_t bytes(uint64_t timers) { return timers * sizeof(Entry) + sizeof(TimerWheel); }

 private:
  static constexpr unsigned kLevels = 3;
  static constexpr unsigned kSlots = 256;
  static constexpr uint16_t kUnarmed = UINT16_MAX;

  struct Entry {
    uint64_t deadline : 48 = 0;       // Ticks since 1970, for the next 8,000 years.
    uint64_t slot : 16 = kUnarmed;    // level * kSlots + position.
    uint32_t next = kNoIndex;
    uint32_t previous = kNoIndex;     // kNoIndex for the first of its slot.
  };

  void link(uint32_t timer);
  void unlink(uint32_t timer);
  void cascade(unsigned level);
  // The next tick after the cursor at which something is due or has to cascade; INT64_MAX when nothing.
  int64_t next_event() const;
  // How many slots after `position` (1 to 256) the next occupied slot of this level lies; 0 when none.
  unsigned distance_to_occupied(unsigned level, unsigned position) const;

  int64_t cursor_ = 0;                // Ticks; everything before it has fired.
  uint32_t armed_ = 0;
  std::array<uint32_t, kLevels * kSlots> heads_;
  std::array<uint64_t, kLevels * kSlots / 64> occupied_{};
  std::vector<Entry> entries_;
};

}  // namespace vedette::engine
