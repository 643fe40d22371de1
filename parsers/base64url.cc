#include "parsers/base64url.h"

#include <array>
#include <cstdint>

namespace vedette::parsers {
namespace {

constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr uint8_t kNone = 0xff;

constexpr std::array<uint8_t, 256> kValues = [] {
  std::array<uint8_t, 256> values{};
  values.fill(kNone);
  for (uint8_t i = 0; i < kLetters.size(); ++i) values[static_cast<unsigned char>(kLetters[i])] = i;
  return values;
}();

}  // namespace

bool decode_base64url(std::string_view text, char* out, size_t capacity, size_t& length) {
  length = 0;
  uint32_t bits = 0;
  unsigned count = 0;                       // Of those that have yet to become a byte.
  for (const char c : text) {
    const uint8_t value = kValues[static_cast<unsigned char>(c)];
    if (value == kNone) return false;
    bits = bits << 6 | value;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    if (length == capacity) return false;
    out[length++] = static_cast<char>(bits >> count & 0xff);
  }
  // Six bits alone are no byte, and what is left of the last letter is zero: one spelling for each.
  return count < 6 && (bits & ((1U << count) - 1)) == 0;
}

void put_base64url(Writer& writer, std::string_view bytes) {
  uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) writer.put(kLetters[bits >> (count - 6) & 0x3f]);
  }
  if (count > 0) writer.put(kLetters[bits << (6 - count) & 0x3f]);
}

}  // namespace vedette::parsers
