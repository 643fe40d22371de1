// Each shard's random seed, from the one that the dataplane was given.
#pragma once

#include <array>
#include <cstdint>

#include "engine/hashes.h"

namespace vedette::dataplane {

// SHA-256 over the seed and the shard's number: shards never draw the same words.
std::array<uint8_t, 32> shard_seed(const engine::Hashes& hashes, const std::array<uint8_t, 32>& seed,
                                   unsigned shard);

}  // namespace vedette::dataplane
