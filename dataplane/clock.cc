#include "dataplane/clock.h"

#include <rte_cycles.h>

#include <ctime>

namespace vedette::dataplane {
namespace {

__extension__ using Wide = unsigned __int128;  // Ticks times a fraction overflow 64 bits in a day.

}  // namespace

Clock Clock::set_by_wall_clock() {
  timespec wall{};
  clock_gettime(CLOCK_REALTIME, &wall);
  Clock clock;
  clock.start_ticks_ = rte_rdtsc();
  clock.start_unix_nanoseconds_ = int64_t{wall.tv_sec} * 1'000'000'000 + wall.tv_nsec;
  clock.nanoseconds_per_tick_ =
      static_cast<uint64_t>((static_cast<Wide>(1'000'000'000) << 32) / rte_get_tsc_hz());
  return clock;
}

engine::Instant Clock::now() const {
  const uint64_t ticks = rte_rdtsc() - start_ticks_;
  const auto elapsed = static_cast<Wide>(ticks) * nanoseconds_per_tick_ >> 32;
  return engine::Instant::from_unix_nanoseconds(start_unix_nanoseconds_ + static_cast<int64_t>(elapsed));
}

}  // namespace vedette::dataplane
