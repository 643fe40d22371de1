#include "parsers/writer.h"

namespace vedette::parsers {

// Digits are written where they stay: a copy would load them before their single stores are done, and wait.
Writer& Writer::put_uint(uint64_t value) {
  constexpr size_t kDigitsMax = 20;
  size_t digits = 1;
  for (uint64_t bound = 10; digits < kDigitsMax && value >= bound; bound *= 10) ++digits;
  if (digits > room()) {
    overflowed_ = true;
    end_ = next_;
    return *this;
  }
  for (size_t i = digits; i > 0; --i, value /= 10) next_[i - 1] = static_cast<char>('0' + value % 10);
  next_ += digits;
  return *this;
}

Writer& Writer::put_hex(uint64_t value, unsigned digits) {
  constexpr unsigned kDigitsMax = 16;
  if (digits > kDigitsMax) digits = kDigitsMax;
  if (digits > room()) {
    overflowed_ = true;
    end_ = next_;
    return *this;
  }
  for (size_t i = digits; i > 0; --i, value >>= 4) next_[i - 1] = "0123456789abcdef"[value & 0xf];
  next_ += digits;
  return *this;
}

}  // namespace vedette::parsers
