// The shard's only randomness: SHA-256 of its seed and a counter. Unpredictable when the seed is (production),
// the same again when the seed is the same (simulation).
#pragma once

#include <array>
#include <cstdint>

#include "engine/hashes.h"

namespace vedette::engine {

class RandomWords {
 public:
  RandomWords(const std::array<uint8_t, 32>& seed, const Hashes& hashes) : seed_(seed), hashes_(hashes) {}
  uint64_t next();

 private:
  std::array<uint8_t, 32> seed_;
  Hashes hashes_;
  uint64_t counter_ = 0;
  std::array<uint64_t, 4> words_{};
  unsigned left_ = 0;
};

}  // namespace vedette::engine
