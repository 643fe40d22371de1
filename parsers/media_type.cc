#include "parsers/media_type.h"

#include <algorithm>

#include "parsers/cursor.h"
#include "parsers/param.h"
#include "parsers/take_params.h"

namespace vedette::parsers {
namespace {

// m-type SLASH m-subtype *( SEMI m-parameter ), as far as it goes.
ParseError take_media_type(Cursor& cursor, MediaType& out) {
  out.type = cursor.take_all(kTokenChar);
  if (out.type.empty() || !cursor.take_separator('/')) return ParseError::kMediaType;
  out.subtype = cursor.take_all(kTokenChar);
  if (out.subtype.empty()) return ParseError::kMediaType;
  return take_params(cursor, out.params, [](const Param&) { return ParseError::kOk; });
}

// qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] ), in thousandths. What is none is believed to be meant as
// one: anything but zeros asks for the type.
uint16_t read_q(const MediaType& range) {
  Param q;
  if (!find_param(range.params, "q", q)) return 1000;
  const std::string_view value = q.value;
  if (value.find_first_not_of("0.") == std::string_view::npos) return 0;
  if (!value.starts_with("0.") || value.find_first_not_of("0123456789", 2) != std::string_view::npos) return 1000;
  uint16_t thousandths = 0;
  for (size_t i = 2; i < 5; ++i) {
    thousandths = static_cast<uint16_t>(thousandths * 10 + (i < value.size() ? value[i] - '0' : 0));
  }
  return thousandths == 0 ? 1 : thousandths;
}

// How closely a range names a type: 0 not at all, 1 by */*, 2 by type/*, kNamed exactly.
constexpr int kNamed = 3;
int closeness(const MediaType& range, const MediaType& wanted) {
  if (range.type == "*") return range.subtype == "*" ? 1 : 0;
  if (!equal_ignoring_case(range.type, wanted.type)) return 0;
  if (range.subtype == "*") return 2;
  return equal_ignoring_case(range.subtype, wanted.subtype) ? kNamed : 0;
}

}  // namespace

ParseError parse_media_type_of_any_shape(std::string_view value, MediaType& out) {
  out = {};
  Cursor cursor(value);
  cursor.skip_lws();
  if (const ParseError error = take_media_type(cursor, out); error != ParseError::kOk) return error;
  cursor.skip_lws();
  return cursor.at_end() ? ParseError::kOk : ParseError::kMediaType;
}

ParseError next_media_range_of_any_shape(std::string_view& rest, MediaType& out) {
  out = {};
  if (rest.empty()) return ParseError::kEmpty;
  Cursor cursor(rest);
  cursor.skip_lws();
  rest = {};
  if (cursor.at_end()) return ParseError::kEmpty;
  if (const ParseError error = take_media_type(cursor, out); error != ParseError::kOk) return error;
  return finish_element(cursor, rest) ? ParseError::kOk : ParseError::kMediaType;
}

Acceptance acceptance_of(const Message& message, std::string_view type, std::string_view subtype,
                         Acceptance when_absent) {
  const HeaderField* field = message.find(HeaderId::kAccept);
  if (field == nullptr) return when_absent;
  const MediaType wanted{.type = type, .subtype = subtype, .params = {}};
  // RFC 2616 §14.1, to which RFC 3261 §20.1 points: the closest range decides.
  int closest = 0;
  uint16_t q = 0;
  for (; field != nullptr; field = message.find_next(*field)) {
    std::string_view rest = message.value(*field);
    MediaType range;
    while (next_media_range(rest, range) == ParseError::kOk) {
      const int close = closeness(range, wanted);
      if (close == 0 || close < closest) continue;
      q = close == closest ? std::max(q, read_q(range)) : read_q(range);
      closest = close;
    }
  }
  return {.q = q, .is_named = closest == kNamed};
}

}  // namespace vedette::parsers
