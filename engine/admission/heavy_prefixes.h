// Which networks strangers send the most from: what no single source shows, because each of its addresses sends little.
// Fixed memory, whatever comes; one thread, the shard's.
//
// Misra and Gries's summary (1982), in sets of four that a secret hash chooses: a network that has no counter takes a
// free one, or takes one off each of its set's. So a counter is never above what it counts, and below it by a fifth of
// what its set got at most: of 256 sets, a network with a hundredth of all is seen to within a tenth. One datagram of
// sixteen, at random, is counted for sixteen.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/admission/pair_hash.h"
#include "engine/admission/source_key.h"
#include "engine/base/time.h"

namespace vedette::engine {

class HeavyPrefixes {
 public:
  struct Prefix {
    SourceKey key;
    uint64_t datagrams = 0;        // About.
  };
  static constexpr size_t kReportedMax = 32;
  static constexpr uint64_t kBytes = 256 * 64;

  explicit HeavyPrefixes(const KeyedHash& hash);

  // Whether this datagram is one of those that are counted.
  bool takes_sample() {
    if (--skip_ != 0) return false;
    state_ = state_ * 6364136223846793005 + 1442695040888963407;
    skip_ = static_cast<uint32_t>(state_ >> 60) * 2 + 1;
    return true;
  }
  void add_sample(SourceKey prefix);

  // The heaviest since the last time, heaviest first, and how long ago that was; counts anew from here. Good until the
  // next call.
  struct Report {
    std::span<const Prefix> prefixes;
    Duration over;
  };
  Report take(Instant now);

 private:
  static constexpr uint64_t kSampledOf = 16;
  static constexpr size_t kSets = 256, kWays = 4;
  struct Counter {
    uint64_t key = 0;              // 0: free.
    uint64_t samples = 0;
  };
  using Set = std::array<Counter, kWays>;
  static_assert(kSets * sizeof(Set) == kBytes);

  std::vector<Set> sets_;
  PairHash hash_;
  uint64_t state_;                 // Of the generator that chooses samples.
  uint32_t skip_ = 1;
  Instant since_;
  std::array<Prefix, kReportedMax> reported_{};
};

}  // namespace vedette::engine
