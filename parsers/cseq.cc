#include "parsers/cseq.h"

#include <cstddef>
#include <cstring>
#include <limits>

#include "parsers/cursor.h"
#include "parsers/digits.h"
#include "parsers/method_names.h"
#include "parsers/number.h"

namespace vedette::parsers {
namespace {

// Up to seven digits, one SP, a known method: by the first and the last eight bytes.
bool read_plain_cseq(std::string_view value, CSeq& out) {
  uint64_t word = 0;
  if (value.size() < sizeof word) return false;
  std::memcpy(&word, value.data(), sizeof word);
  const size_t digits = count_digits(word);
  if (digits - 1 >= sizeof word - 1 || value[digits] != ' ') return false;
  const std::string_view name = value.substr(digits + 1);
  if (name.empty()) return false;
  uint64_t letters = 0;
  if (name.size() >= sizeof letters) {
    std::memcpy(&letters, name.data(), sizeof letters);
  } else {
    std::memcpy(&letters, value.data() + value.size() - sizeof letters, sizeof letters);
    letters >>= 8 * (sizeof letters - name.size());
  }
  const Method method = find_method(name, letters);
  out.number = number_of_digits(word << 8 * (sizeof word - digits));
  out.method = method;
  out.method_name = name;
  return method != Method::kUnknown;
}

}  // namespace

ParseError parse_cseq(std::string_view value, CSeq& out) {
  return read_plain_cseq(value, out) ? ParseError::kOk : parse_cseq_of_any_shape(value, out);
}

ParseError parse_cseq_of_any_shape(std::string_view value, CSeq& out) {
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

ParseError check_call_id_of_any_shape(std::string_view value) {
  Cursor cursor(value);
  if (cursor.take_all(kWordChar).empty()) return ParseError::kCallId;
  if (cursor.take('@') && cursor.take_all(kWordChar).empty()) return ParseError::kCallId;
  return cursor.at_end() ? ParseError::kOk : ParseError::kCallId;
}

}  // namespace vedette::parsers
