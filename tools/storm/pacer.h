// When open-loop arrivals are due: a Poisson process from a seed. What comes late is still due when it was, so that
// latencies counted from then hide nothing.
#pragma once

#include <cmath>
#include <cstdint>

#include "tools/storm/transactions.h"

namespace vedette::storm {

class Pacer {
 public:
  Pacer() = default;                                   // Nothing is ever due.
  Pacer(double per_second, Nanoseconds start, uint64_t seed)
      : gap_(per_second > 0 ? kSecond / per_second : 0), at_(static_cast<double>(start)), state_(seed * 2 + 1) {
    if (gap_ > 0) advance();
  }

  bool is_due(Nanoseconds now) const { return gap_ > 0 && at_ <= static_cast<double>(now); }
  Nanoseconds due() const { return static_cast<Nanoseconds>(at_); }
  void advance() {
    state_ = state_ * 6364136223846793005 + 1442695040888963407;
    const double unit = (static_cast<double>(state_ >> 11) + 1) / 9007199254740993.0;  // Above 0, at most 1.
    at_ -= gap_ * std::log(unit);
  }

 private:
  double gap_ = 0;               // Mean, in nanoseconds. 0: never.
  double at_ = 0;
  uint64_t state_ = 1;
};

}  // namespace vedette::storm
