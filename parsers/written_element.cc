#include "parsers/written_element.h"

#include <cstddef>

namespace vedette::parsers {
namespace {

// Behind the tag that begins at `at`; npos when it does not end.
size_t skip_tag(std::string_view text, size_t at) {
  bool in_value = false;  // It may hold ">".
  for (; at < text.size(); ++at) {
    if (text[at] == '"') in_value = !in_value;
    if (text[at] == '>' && !in_value) return at + 1;
  }
  return std::string_view::npos;
}

bool is_end_tag(std::string_view text, size_t at) { return at + 1 < text.size() && text[at + 1] == '/'; }

}  // namespace

bool take_written_element(std::string_view& rest, std::string_view& element) {
  if (!rest.starts_with('<') || is_end_tag(rest, 0)) return false;
  size_t depth = 0;
  size_t at = 0;
  do {
    at = rest.find('<', at);
    if (at == std::string_view::npos) return false;
    const bool is_end = is_end_tag(rest, at);
    at = skip_tag(rest, at);
    if (at == std::string_view::npos) return false;
    if (is_end) {
      --depth;
    } else if (rest[at - 2] != '/') {
      ++depth;
    }
  } while (depth > 0);
  element = rest.substr(0, at);
  rest.remove_prefix(at);
  return true;
}

std::string_view written_start_tag(std::string_view element) {
  if (!element.starts_with('<') || is_end_tag(element, 0)) return {};
  const size_t end = skip_tag(element, 0);
  return end == std::string_view::npos ? std::string_view{} : element.substr(0, end);
}

}  // namespace vedette::parsers
