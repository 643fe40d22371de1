#include "engine/admission/overload.h"

#include <algorithm>

namespace vedette::engine {

void Overload::on_delay(Instant now, Duration delay) {
  least_ = std::min(least_, delay);
  if (now < interval_end_) return;
  least_ > target_ ? cut() : give_back();
  least_ = delay;
  interval_end_ = now + kInterval;
  admitted_ = {};
  turned_away_ = 0;
}

// The lowest class first.
void Overload::cut() {
  for (size_t i = shares_.size(); i-- > 0;) {
    if (shares_[i] <= kLeast[i] || uint64_t{admitted_[i]} * kCostOfServing < turned_away_) continue;
    shares_[i] = std::max(kLeast[i], shares_[i] - shares_[i] / 4);
    return;
  }
}

// The highest first, by a thirty-second of all: from nothing to everything within a third of a second.
void Overload::give_back() {
  for (uint32_t& share : shares_) {
    if (share == kWhole) continue;
    share = std::min(kWhole, share + kWhole / 32);
    return;
  }
}

bool Overload::takes_turn(WorkClass work) {
  uint32_t& credit = credits_[static_cast<size_t>(work)];
  credit += share(work);
  if (credit < kWhole) return false;
  credit -= kWhole;
  return true;
}

}  // namespace vedette::engine
