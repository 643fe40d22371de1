#include "parsers/dialog_selection.h"

#include "parsers/chars.h"
#include "parsers/param.h"

namespace vedette::parsers {
namespace {

// RFC 3261 §25.1, quoted-pair: what stands behind a backslash is meant as it is.
std::string_view without_escapes(std::string_view text, std::span<char> room) {
  size_t length = 0;
  for (size_t i = 0; i < text.size() && length < room.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    room[length++] = text[i];
  }
  return {room.data(), length};
}

// False when there is one of this name already, or none here.
bool set(std::string_view value, std::string_view& out) {
  if (!out.empty() || value.empty() || value.find('\0') != std::string_view::npos) return false;
  out = value;
  return true;
}

bool set_tag(const Param& param, std::string_view& out) {
  return !param.quoted && all(kTokenChar, param.value) && set(param.value, out);
}

}  // namespace

ParseError parse_dialog_selection(std::string_view params, std::span<char> room, DialogSelection& out) {
  out = {};
  Param param;
  ParseError error = ParseError::kOk;
  while ((error = next_param(params, param)) == ParseError::kOk) {
    bool is_good = true;
    if (equal_ignoring_case(param.name, "call-id")) {
      // "The call-id parameter may need to be expressed as a quoted string."
      const bool has_escapes = param.quoted && param.value.find('\\') != std::string_view::npos;
      is_good = set(has_escapes ? without_escapes(param.value, room) : param.value, out.call_id);
    } else if (equal_ignoring_case(param.name, "to-tag")) {
      is_good = set_tag(param, out.to_tag);
    } else if (equal_ignoring_case(param.name, "from-tag")) {
      is_good = set_tag(param, out.from_tag);
    } else if (equal_ignoring_case(param.name, "include-session-description")) {
      out.wants_session_descriptions = true;
    }
    if (!is_good) return ParseError::kEvent;
  }
  if (error != ParseError::kEmpty) return ParseError::kEvent;
  // "If a subscription to a specific dialog is requested, the first three of these parameters MUST be present"; for
  // "the set of dialogs created as a result of a single INVITE ..., the call-id and to-tag MUST be present".
  const bool names_all = out.call_id.empty() && out.to_tag.empty() && out.from_tag.empty();
  return names_all || (!out.call_id.empty() && !out.to_tag.empty()) ? ParseError::kOk : ParseError::kEvent;
}

}  // namespace vedette::parsers
