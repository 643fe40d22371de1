#include "parsers/param.h"

#include "parsers/cursor.h"

namespace vedette::parsers {

ParseError take_param(Cursor& cursor, Param& out) {
  out = {};
  if (!cursor.take(';')) return ParseError::kParam;
  cursor.skip_lws();
  out.name = cursor.take_all(kTokenChar);
  if (out.name.empty()) return ParseError::kParam;
  if (!cursor.take_separator('=')) return ParseError::kOk;
  out.has_value = true;
  if (cursor.at('"')) {
    out.quoted = true;
    return cursor.take_quoted(out.value);
  }
  out.value = cursor.take_all(kParamValueChar);
  return out.value.empty() ? ParseError::kParam : ParseError::kOk;
}

ParseError next_param_of_any_shape(std::string_view& rest, Param& out) {
  Cursor cursor(rest);
  cursor.skip_lws();
  rest = {};
  if (cursor.at_end()) return ParseError::kEmpty;
  const ParseError error = take_param(cursor, out);
  if (error == ParseError::kOk) rest = cursor.rest();
  return error;
}

bool find_param(std::string_view params, std::string_view name, Param& out) {
  while (next_param(params, out) == ParseError::kOk) {
    if (equal_ignoring_case(out.name, name)) return true;
  }
  return false;
}

ParseError check_params(std::string_view params) {
  Param param;
  for (size_t count = 0;; ++count) {
    const ParseError error = next_param(params, param);
    if (error == ParseError::kEmpty) return ParseError::kOk;
    if (error != ParseError::kOk) return error;
    if (count == kParamsMax) return ParseError::kParamsTooMany;
  }
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && to_lower(a[i]) != to_lower(b[i])) return false;
  }
  return true;
}

}  // namespace vedette::parsers
