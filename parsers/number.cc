#include "parsers/number.h"

#include <cstring>
#include <limits>

#include "parsers/cursor.h"
#include "parsers/digits.h"
#include "parsers/param.h"

namespace vedette::parsers {
namespace {

constexpr uint64_t kZeros = 0x3030303030303030;   // Eight digits.

}  // namespace

ParseError parse_uint(std::string_view text, uint64_t max, uint64_t& out) {
  if (text.empty()) return ParseError::kNumber;
  uint64_t value = 0;
  constexpr size_t kSafeDigits = 9;   // No number of so few digits needs to be held to a limit on its way.
  if (text.size() <= kSafeDigits) {
    for (const char c : text) {
      const unsigned digit = static_cast<unsigned char>(c) - unsigned{'0'};
      if (digit > 9) return ParseError::kNumber;
      value = value * 10 + digit;
    }
    if (value > max) return ParseError::kNumber;
    out = value;
    return ParseError::kOk;
  }
  for (const char c : text) {
    if (!is(kDigitChar, c)) return ParseError::kNumber;
    const auto digit = static_cast<uint64_t>(c - '0');
    if (digit > max || value > (max - digit) / 10) return ParseError::kNumber;
    value = value * 10 + digit;
  }
  out = value;
  return ParseError::kOk;
}

bool parse_hex(std::string_view text, uint64_t& out) {
  if (text.empty() || text.size() > 16) return false;
  uint64_t value = 0;
  for (uint64_t bytes = 0; !text.empty(); value = value << 32 | number_of_hex_digits(bytes)) {
    // With zeros in front of the first ones.
    const size_t digits = (text.size() - 1) % sizeof bytes + 1;
    if (digits == sizeof bytes) {
      std::memcpy(&bytes, text.data(), sizeof bytes);
    } else {
      bytes = kZeros;
      std::memcpy(reinterpret_cast<char*>(&bytes) + sizeof bytes - digits, text.data(), digits);
    }
    if (!are_hex_digits(bytes)) return false;
    text.remove_prefix(digits);
  }
  out = value;
  return true;
}

ParseError parse_delta_seconds(std::string_view text, uint32_t& out) {
  uint64_t seconds = 0;
  if (parse_uint(text, std::numeric_limits<uint32_t>::max(), seconds) == ParseError::kOk) {
    out = static_cast<uint32_t>(seconds);
    return ParseError::kOk;
  }
  Cursor cursor(text);
  const ParseError error = parse_uint(cursor.take_digits(), std::numeric_limits<uint32_t>::max(), seconds);
  if (error != ParseError::kOk) return error;
  // RFC 3261 §20.33: Retry-After = delta-seconds [ comment ] *( SEMI retry-param ).
  cursor.skip_lws();
  if (cursor.at('(') && !cursor.skip_comment()) return ParseError::kNumber;
  cursor.skip_lws();
  if (!cursor.at_end() && !cursor.at(';')) return ParseError::kNumber;
  if (const ParseError params = check_params(cursor.rest()); params != ParseError::kOk) return params;
  out = static_cast<uint32_t>(seconds);
  return ParseError::kOk;
}

}  // namespace vedette::parsers
