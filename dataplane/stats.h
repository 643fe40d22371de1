// Fate counters of one thread: it alone adds, anybody may read. Relaxed loads and stores, no locked
// instruction; each thread's counters lie in cache lines of their own.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "dataplane/fate.h"

namespace vedette::dataplane {

class alignas(128) FateCounters {
 public:
  void add(Fate fate, uint64_t n = 1) {
    std::atomic<uint64_t>& value = values_[static_cast<size_t>(fate)];
    value.store(value.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  FateCounts read() const {
    FateCounts counts{};
    for (size_t i = 0; i < kFateCount; ++i) counts[i] = values_[i].load(std::memory_order_relaxed);
    return counts;
  }

 private:
  std::array<std::atomic<uint64_t>, kFateCount> values_{};
};

}  // namespace vedette::dataplane
