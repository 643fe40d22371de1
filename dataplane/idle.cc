#include "dataplane/idle.h"

#include <sched.h>

#include <algorithm>
#include <ctime>

namespace vedette::dataplane {
namespace {

constexpr uint32_t kNapMinMicroseconds = 20;
constexpr uint32_t kNapsBeforeLonger = 8;

}  // namespace

Idle::Idle(const DataplaneConfig& config)
    : mode_(config.idle),
      turns_before_nap_(config.idle_turns_before_nap),
      nap_max_microseconds_(config.idle_nap_max_microseconds) {}

void Idle::rest() {
  if (mode_ == IdleMode::kYield) {
    sched_yield();
    idle_turns_ = turns_before_nap_;
    return;
  }
  // Naps double after every few that found nothing, so that a short pause costs little delay and a quiet
  // night little power.
  const uint32_t naps = idle_turns_ - turns_before_nap_;
  const uint32_t doublings = std::min(naps / kNapsBeforeLonger, 16U);
  const uint32_t microseconds = std::min(kNapMinMicroseconds << doublings, nap_max_microseconds_);
  const timespec nap{microseconds / 1'000'000, static_cast<long>(microseconds % 1'000'000) * 1'000};
  nanosleep(&nap, nullptr);
  idle_turns_ = std::min(idle_turns_, turns_before_nap_ + 17 * kNapsBeforeLonger);
}

}  // namespace vedette::dataplane
