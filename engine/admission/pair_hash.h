// Pair-multiply-shift (Dietzfelbinger 1996) with a random key: of two values nobody can do more than guess whether they
// fall together, as long as he is not shown where they fall. A tenth of SipHash's instructions, for what is done for
// each datagram before anything else.
#pragma once

#include <cstdint>

#include "engine/base/keyed_hash.h"

namespace vedette::engine {

class PairHash {
 public:
  // Its own key is made from `hash`.
  explicit PairHash(const KeyedHash& hash)
      : low_(hash("pair", "low")), high_(hash("pair", "high")), add_(hash("pair", "add")) {}

  // The upper half of (high, low) * value + add, where all of that has 128 bits.
  uint64_t operator()(uint64_t value) const {
    return static_cast<uint64_t>(Wide{low_} * value >> 64) + high_ * value + add_;
  }

 private:
  __extension__ using Wide = unsigned __int128;
  uint64_t low_, high_, add_;
};

}  // namespace vedette::engine
