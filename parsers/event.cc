#include "parsers/event.h"

#include "parsers/cursor.h"
#include "parsers/param.h"

namespace vedette::parsers {
namespace {

// event-type = event-package *( "." event-template ), each of them one character or more without dots.
bool is_event_type(std::string_view text) {
  if (text.empty() || text.front() == '.' || text.back() == '.') return false;
  return text.find("..") == std::string_view::npos;
}

}  // namespace

ParseError parse_event(std::string_view value, Event& out) {
  out = {};
  Cursor cursor(value);
  cursor.skip_lws();
  const std::string_view package = cursor.take_all(kTokenChar);
  cursor.skip_lws();
  if (!is_event_type(package) || (!cursor.at_end() && !cursor.at(';'))) return ParseError::kEvent;
  const std::string_view params = cursor.rest();
  if (const ParseError error = check_params(params); error != ParseError::kOk) return error;
  Param id;
  if (find_param(params, "id", id)) {
    if (id.quoted || id.value.empty() || !all(kTokenChar, id.value)) return ParseError::kEvent;
    out.id = id.value;
  }
  out.package = package;
  out.params = params;
  return ParseError::kOk;
}

}  // namespace vedette::parsers
