// What a worker does between turns without work: spin, yield or nap, as configured. Only the last two make a
// system call, and only on cores that are shared.
#pragma once

#include <cstdint>

#include "dataplane/config.h"

namespace vedette::dataplane {

class Idle {
 public:
  explicit Idle(const DataplaneConfig& config);
  // After each turn; `worked` when it found anything to do.
  void after_turn(bool worked) {
    if (worked) {
      idle_turns_ = 0;
    } else if (mode_ != IdleMode::kSpin && ++idle_turns_ > turns_before_nap_) {
      rest();
    }
  }

 private:
  void rest();

  IdleMode mode_;
  uint32_t turns_before_nap_;
  uint32_t nap_max_microseconds_;
  uint32_t idle_turns_ = 0;
};

}  // namespace vedette::dataplane
