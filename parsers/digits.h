// Eight decimal digits at a time, in a number as they stand in memory. Used by the parsers of this folder only.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace vedette::parsers {

static_assert(std::endian::native == std::endian::little);

// How many of its bytes are digits before the first that is none.
constexpr size_t count_digits(uint64_t bytes) {
  const uint64_t values = bytes ^ 0x3030303030303030;
  // The upper bit of what is above 9. A sum that is too large changes those behind it alone.
  const uint64_t others = ((values + 0x7676767676767676) | values) & 0x8080808080808080;
  return static_cast<size_t>(std::countr_zero(others)) / 8;
}

// The number of the digits that its last bytes are, with zeros in front of them.
constexpr uint32_t number_of_digits(uint64_t bytes) {
  bytes &= 0x0f0f0f0f0f0f0f0f;
  bytes = (bytes * (10 * 0x100 + 1)) >> 8 & 0x00ff00ff00ff00ff;
  bytes = (bytes * (100 * 0x10000 + 1)) >> 16 & 0x0000ffff0000ffff;
  return static_cast<uint32_t>((bytes * (10000 * 0x100000000 + 1)) >> 32);
}

}  // namespace vedette::parsers
