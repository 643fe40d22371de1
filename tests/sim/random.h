// The simulation's only source of chance: xoshiro256**, seeded by splitmix64. No call of it is unseeded, so
// a seed is a world. Streams are forked by label: what one actor draws does not change what another gets.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/time.h"

namespace vedette::sim {

// Both ends belong to it.
struct Range {
  uint64_t min = 0;
  uint64_t max = 0;
};

struct DurationRange {
  engine::Duration min;
  engine::Duration max;
};

class Random {
 public:
  explicit Random(uint64_t seed);

  uint64_t next();
  uint64_t below(uint64_t count);       // 0 to count - 1; 0 when count is 0.
  uint64_t between(Range range);
  engine::Duration between(DurationRange range);
  bool chance(double probability);
  // A stream of its own: depends on this one's seed and the label, not on what was drawn so far.
  Random fork(std::string_view label) const;
  // 64 bits as sixteen hexadecimal digits: tags, branches, Call-IDs.
  std::string hex();

  template <typename T>
  const T& pick(const std::vector<T>& items) {
    return items[below(items.size())];
  }

 private:
  uint64_t seed_;
  std::array<uint64_t, 4> state_{};
};

}  // namespace vedette::sim
