#include "parsers/parse_error.h"

#include <array>
#include <cstddef>

namespace vedette::parsers {

std::string_view to_string(ParseError error) {
  static constexpr std::array<std::string_view, static_cast<size_t>(ParseError::kCount)> kTexts = {
      "ok", "incomplete", "empty", "malformed start line", "unsupported SIP version", "malformed status code",
      "malformed header line", "no empty line after the headers", "too many header fields", "message too long",
      "bad Content-Length", "single-valued header repeated", "malformed number", "malformed token",
      "unterminated quoted string", "malformed parameter", "too many parameters", "malformed URI",
      "unsupported URI scheme", "malformed host", "malformed port", "malformed address", "malformed Via",
      "malformed CSeq", "malformed Call-ID", "malformed Event", "malformed media type", "malformed credentials",
      "malformed entity tag", "malformed XML", "XML nested too deep", "XML too large", "not a PIDF document",
      "malformed Date", "malformed Identity", "Identity without info", "not a body of its type"};
  return kTexts[static_cast<size_t>(error)];
}

}  // namespace vedette::parsers
