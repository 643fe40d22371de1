#include "parsers/cseq.h"

#include <limits>

#include "parsers/cursor.h"
#include "parsers/number.h"

namespace vedette::parsers {
namespace {

// Digits that fit without a doubt, one SP, a token.
bool read_plain_cseq(std::string_view value, CSeq& out) {
  constexpr size_t kSafeDigits = 9;
  uint32_t number = 0;
  size_t digits = 0;
  for (; digits < value.size(); ++digits) {
    const unsigned digit = static_cast<unsigned char>(value[digits]) - unsigned{'0'};
    if (digit > 9) break;
    if (digits == kSafeDigits) return false;
    number = number * 10 + digit;
  }
  if (digits == 0 || value.size() - digits < 2 || value[digits] != ' ') return false;
  const std::string_view name = value.substr(digits + 1);
  const Method method = parse_method(name);
  if (method == Method::kUnknown && !all(kTokenChar, name)) return false;
  out.number = number;
  out.method = method;
  out.method_name = name;
  return true;
}

}  // namespace

ParseError parse_cseq(std::string_view value, CSeq& out) {
  if (read_plain_cseq(value, out)) return ParseError::kOk;
  out = {};
  Cursor cursor(value);
  cursor.skip_lws();
  uint64_t number = 0;
  if (parse_uint(cursor.take_digits(), std::numeric_limits<uint32_t>::max(), number) != ParseError::kOk) {
    return ParseError::kCSeq;
  }
  const char* gap = cursor.position();
  cursor.skip_lws();
  if (cursor.position() == gap) return ParseError::kCSeq;
  const std::string_view name = cursor.take_all(kTokenChar);
  cursor.skip_lws();
  if (name.empty() || !cursor.at_end()) return ParseError::kCSeq;
  out.number = static_cast<uint32_t>(number);
  out.method = parse_method(name);
  out.method_name = name;
  return ParseError::kOk;
}

ParseError check_call_id(std::string_view value) {
  Cursor cursor(value);
  if (cursor.take_all(kWordChar).empty()) return ParseError::kCallId;
  if (cursor.take('@') && cursor.take_all(kWordChar).empty()) return ParseError::kCallId;
  return cursor.at_end() ? ParseError::kOk : ParseError::kCallId;
}

}  // namespace vedette::parsers
