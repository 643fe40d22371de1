#include "parsers/cseq.h"

#include <limits>

#include "parsers/cursor.h"
#include "parsers/number.h"

namespace vedette::parsers {

ParseError parse_cseq(std::string_view value, CSeq& out) {
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
