#include "parsers/number.h"

#include <limits>

#include "parsers/cursor.h"
#include "parsers/param.h"

namespace vedette::parsers {

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

ParseError parse_delta_seconds(std::string_view text, uint32_t& out) {
  Cursor cursor(text);
  uint64_t seconds = 0;
  const ParseError error = parse_uint(cursor.take_digits(), std::numeric_limits<uint32_t>::max(), seconds);
  if (error != ParseError::kOk) return error;
  if (cursor.at_end()) {
    out = static_cast<uint32_t>(seconds);
    return ParseError::kOk;
  }
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
