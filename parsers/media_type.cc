#include "parsers/media_type.h"

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

// qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] ): only whether it is above 0 matters here.
bool is_wanted(const MediaType& range) {
  Param q;
  if (!find_param(range.params, "q", q)) return true;
  return q.value.find_first_not_of("0.") != std::string_view::npos;
}

// How closely a range names a type: 0 not at all, 1 by */*, 2 by type/*, 3 exactly.
int closeness(const MediaType& range, const MediaType& wanted) {
  if (range.type == "*") return range.subtype == "*" ? 1 : 0;
  if (!equal_ignoring_case(range.type, wanted.type)) return 0;
  if (range.subtype == "*") return 2;
  return equal_ignoring_case(range.subtype, wanted.subtype) ? 3 : 0;
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

bool accepts(const Message& message, std::string_view type, std::string_view subtype, bool when_absent) {
  const HeaderField* field = message.find(HeaderId::kAccept);
  if (field == nullptr) return when_absent;
  const MediaType wanted{.type = type, .subtype = subtype, .params = {}};
  // RFC 2616 §14.1, to which RFC 3261 §20.1 points: the closest range decides.
  int closest = 0;
  bool accepted = false;
  for (; field != nullptr; field = message.find_next(*field)) {
    std::string_view rest = message.value(*field);
    MediaType range;
    while (next_media_range(rest, range) == ParseError::kOk) {
      const int close = closeness(range, wanted);
      if (close == 0 || close < closest) continue;
      accepted = is_wanted(range) || (close == closest && accepted);
      closest = close;
    }
  }
  return accepted;
}

}  // namespace vedette::parsers
