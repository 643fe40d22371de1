// The dataplane's clock: the time stamp counter, set by the wall clock once, at start-up. Read once per turn.
#pragma once

#include <cstdint>

#include "engine/base/time.h"

namespace vedette::dataplane {

class Clock {
 public:
  // Needs the EAL, which has measured the counter's frequency.
  static Clock set_by_wall_clock();
  engine::Instant now() const;

 private:
  uint64_t start_ticks_ = 0;
  int64_t start_unix_nanoseconds_ = 0;
  uint64_t nanoseconds_per_tick_ = 0;  // In 2^-32 nanoseconds.
};

}  // namespace vedette::dataplane
