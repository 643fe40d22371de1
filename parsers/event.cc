#include "parsers/event.h"

#include "parsers/cursor.h"
#include "parsers/param.h"
#include "parsers/take_params.h"

namespace vedette::parsers {
namespace {

// event-type = event-package *( "." event-template ), each of them one character or more without dots.
bool is_event_type(std::string_view text) {
  if (text.empty() || text.front() == '.' || text.back() == '.') return false;
  return text.find("..") == std::string_view::npos;
}

}  // namespace

ParseError parse_event_of_any_shape(std::string_view value, Event& out) {
  out = {};
  Cursor cursor(value);
  cursor.skip_lws();
  const std::string_view package = cursor.take_all(kTokenChar);
  if (!is_event_type(package)) return ParseError::kEvent;
  const auto keep = [&out](const Param& param) {
    if (!equal_ignoring_case(param.name, "id")) return ParseError::kOk;
    // event-param = generic-param / ( "id" EQUAL token ); two of them would name two subscriptions.
    if (!out.id.empty() || param.quoted || param.value.empty() || !all(kTokenChar, param.value)) {
      return ParseError::kEvent;
    }
    out.id = param.value;
    return ParseError::kOk;
  };
  if (const ParseError error = take_params(cursor, out.params, keep); error != ParseError::kOk) return error;
  cursor.skip_lws();
  if (!cursor.at_end()) return ParseError::kEvent;
  out.package = package;
  return ParseError::kOk;
}

}  // namespace vedette::parsers
