#include "engine/presence/element_text.h"

#include <algorithm>

#include "parsers/writer.h"
#include "parsers/xml_scanner.h"

namespace vedette::engine {

// ">" may stand in an attribute's value (XML §3.1).
size_t start_tag_length(std::string_view text) {
  char quote = '\0';
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '>') {
      return i + 1;
    }
  }
  return text.size();
}

std::string_view content_of(std::string_view element) {
  const size_t begin = start_tag_length(element);
  const size_t end = element.rfind("</");
  return end == std::string_view::npos || end < begin ? std::string_view{} : element.substr(begin, end - begin);
}

std::string_view qname_of(std::string_view element) {
  if (!element.starts_with('<')) return {};
  element.remove_prefix(1);
  return element.substr(0, element.find_first_of(" \t\r\n/>"));
}

std::string_view unescape(std::string_view text, std::span<char> room) {
  if (text.find('&') == std::string_view::npos) return text;
  parsers::XmlAttribute value;
  value.raw = text;
  parsers::XmlValueReader reader(value);
  parsers::Writer writer(room.data(), room.size());
  for (std::string_view piece; reader.next(piece);) writer.put(piece.substr(0, std::min(piece.size(), writer.room())));
  return writer.text();
}

}  // namespace vedette::engine
