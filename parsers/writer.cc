#include "parsers/writer.h"

#include <array>
#include <bit>

#include "parsers/digits.h"

namespace vedette::parsers {
namespace {

// "00" to "99".
constexpr std::array<char, 200> kPairs = [] {
  std::array<char, 200> pairs{};
  for (size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

size_t count_decimal_digits(uint64_t value) {
  size_t digits = 1;
  for (; value >= 10000; value /= 10000) digits += 4;
  return digits + (value >= 10) + (value >= 100) + (value >= 1000);
}

}  // namespace

// Digits are written where they stay: a copy would load them before their single stores are done, and wait.
Writer& Writer::put_uint(uint64_t value) {
  const size_t digits = count_decimal_digits(value);
  if (digits > room()) return overflow();
  char* end = next_ + digits;
  for (; value >= 100; value /= 100) std::memcpy(end -= 2, &kPairs[2 * (value % 100)], 2);
  if (value >= 10) {
    std::memcpy(next_, &kPairs[2 * value], 2);
  } else {
    *next_ = static_cast<char>('0' + value);
  }
  next_ += digits;
  return *this;
}

Writer& Writer::put_hex(uint64_t value, unsigned digits) {
  constexpr unsigned kDigitsMax = 16, kHalf = 8;
  if (digits > kDigitsMax) digits = kDigitsMax;
  if (digits > room()) return overflow();
  if (digits > kHalf) {
    put_hex(value >> 4 * kHalf, digits - kHalf);
    digits = kHalf;
  }
  if (digits == 0) return *this;
  const uint64_t text = hex_digits_of(static_cast<uint32_t>(value)) >> 8 * (kHalf - digits);
  if (room() >= sizeof text) {
    std::memcpy(next_, &text, sizeof text);     // What is too much of it stands behind the end, or is written over.
  } else {
    std::memcpy(next_, &text, digits);
  }
  next_ += digits;
  return *this;
}

}  // namespace vedette::parsers
