// generic-param lists: ;name=value, where value is a token, a host or a quoted string (RFC 3261 §25.1).
// White space and folds around ";" and "=" are skipped (SEMI, EQUAL).
#pragma once

#include <cstddef>
#include <string_view>

#include "parsers/kernel.h"
#include "parsers/parse_error.h"

namespace vedette::parsers {

// Parameters of one header field element.
inline constexpr size_t kParamsMax = 64;

class Cursor;

struct Param {
  std::string_view name;
  std::string_view value;  // Without its quotes, escapes still inside.
  bool has_value = false;
  bool quoted = false;
};

// The same below next_param for a cursor that stands at the ";": for parsers whose element goes on after it.
ParseError take_param(Cursor& cursor, Param& out);
// next_param() for what no kernel takes for plain.
ParseError next_param_of_any_shape(std::string_view& rest, Param& out);
// The same as next_param() with a kernel of one's own choice: for tests.
inline ParseError next_param_by(const Kernel& kernel, std::string_view& rest, Param& out) {
  return kernel.next_plain_param(rest, out) ? ParseError::kOk : next_param_of_any_shape(rest, out);
}
// Takes the next parameter off `rest`, which starts with ";" or is empty or all white space (then kEmpty).
inline ParseError next_param(std::string_view& rest, Param& out) {
  return rest.empty() ? ParseError::kEmpty : next_param_by(best_kernel(), rest, out);
}
// The first parameter of that name (case-insensitive) or false. Stops at the first malformed one.
bool find_param(std::string_view params, std::string_view name, Param& out);
// Every parameter of `params` follows the grammar.
ParseError check_params(std::string_view params);

// Case-insensitive comparison of ASCII, as RFC 3261 §7.3.1 wants it for tokens.
bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace vedette::parsers
