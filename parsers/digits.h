// Eight digits at a time, decimal or hexadecimal, in a number as they stand in memory.
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

// Eight hexadecimal digits, in lower case.
constexpr uint64_t hex_digits_of(uint32_t value) {
  // Half a byte in each, the highest first.
  uint64_t halves = value;
  halves = (halves << 16 | halves) & 0x0000ffff0000ffff;
  halves = (halves << 8 | halves) & 0x00ff00ff00ff00ff;
  halves = __builtin_bswap64((halves << 4 | halves) & 0x0f0f0f0f0f0f0f0f);
  const uint64_t letters = (halves + 0x0606060606060606) >> 4 & 0x0101010101010101;
  return halves + 0x3030303030303030 + letters * ('a' - '0' - 10);
}

// Whether all of them are hexadecimal digits, in either case.
constexpr bool are_hex_digits(uint64_t bytes) {
  constexpr uint64_t kOnes = 0x0101010101010101, kTop = 0x80 * kOnes;
  const uint64_t small = bytes | 0x20 * kOnes;
  // The upper bit of what is not below the first, and above the last. No sum of such bytes is carried.
  const uint64_t digits = (bytes + (0x80 - '0') * kOnes) & ~(bytes + (0x7f - '9') * kOnes);
  const uint64_t letters = (small + (0x80 - 'a') * kOnes) & ~(small + (0x7f - 'f') * kOnes);
  return ((digits | letters) & kTop) == kTop && (bytes & kTop) == 0;
}

// The number that they are.
constexpr uint32_t number_of_hex_digits(uint64_t bytes) {
  uint64_t halves = (bytes & 0x0f0f0f0f0f0f0f0f) + (bytes >> 6 & 0x0101010101010101) * 9;
  halves = __builtin_bswap64(halves);
  halves = (halves | halves >> 4) & 0x00ff00ff00ff00ff;
  halves = (halves | halves >> 8) & 0x0000ffff0000ffff;
  return static_cast<uint32_t>(halves | halves >> 16);
}

}  // namespace vedette::parsers
