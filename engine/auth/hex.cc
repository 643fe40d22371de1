// Hexadecimal, eight digits at a time, and the comparison of secrets. Pure.
#include "engine/auth/hex.h"

#include <cstring>

#include "parsers/digits.h"

namespace vedette::engine {
namespace {

int value_of(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

}  // namespace

void write_hex(std::span<const uint8_t> bytes, char* out) {
  static constexpr char kDigits[] = "0123456789abcdef";
  uint32_t word = 0;
  for (; bytes.size() >= sizeof word; bytes = bytes.subspan(sizeof word)) {
    std::memcpy(&word, bytes.data(), sizeof word);
    const uint64_t digits = parsers::hex_digits_of(__builtin_bswap32(word));
    std::memcpy(out, &digits, sizeof digits);
    out += sizeof digits;
  }
  for (const uint8_t byte : bytes) {
    *out++ = kDigits[byte >> 4];
    *out++ = kDigits[byte & 15];
  }
}

bool read_hex(std::string_view text, std::span<uint8_t> out) {
  if (text.size() != 2 * out.size()) return false;
  uint64_t digits = 0;
  for (; out.size() >= sizeof digits / 2; out = out.subspan(sizeof digits / 2)) {
    std::memcpy(&digits, text.data(), sizeof digits);
    if (!parsers::are_hex_digits(digits)) return false;
    const uint32_t word = __builtin_bswap32(parsers::number_of_hex_digits(digits));
    std::memcpy(out.data(), &word, sizeof word);
    text.remove_prefix(sizeof digits);
  }
  for (size_t i = 0; i < out.size(); ++i) {
    const int high = value_of(text[2 * i]);
    const int low = value_of(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return true;
}

bool equal_in_constant_time(std::span<const uint8_t> a, std::span<const uint8_t> b) {
  if (a.size() != b.size()) return false;
  // volatile: the compiler may not leave the loop early.
  volatile uint8_t difference = 0;
  for (size_t i = 0; i < a.size(); ++i) difference = static_cast<uint8_t>(difference | (a[i] ^ b[i]));
  return difference == 0;
}

}  // namespace vedette::engine
