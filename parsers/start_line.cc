#include "parsers/start_line.h"

#include "parsers/chars.h"
#include "parsers/cursor.h"
#include "parsers/number.h"
#include "parsers/param.h"

namespace vedette::parsers {
namespace {

// SIP-Version = "SIP" "/" 1*DIGIT "." 1*DIGIT, ignoring case (RFC 3261 §7.1); kVersion when it is not 2.0.
ParseError check_version(std::string_view text) {
  if (equal_ignoring_case(text, "SIP/2.0")) return ParseError::kOk;
  if (!equal_ignoring_case(text.substr(0, 4), "SIP/")) return ParseError::kStartLine;
  Cursor cursor(text.substr(4));
  const bool has_digits = !cursor.take_all(kDigitChar).empty() && cursor.take('.') &&
                          !cursor.take_all(kDigitChar).empty() && cursor.at_end();
  return has_digits ? ParseError::kVersion : ParseError::kStartLine;
}

// Status-Line = SIP-Version SP Status-Code SP Reason-Phrase. The phrase may be empty, its SP may not be
// missing.
ParseError parse_status_line(std::string_view line, StartLine& out) {
  const size_t space = line.find(' ');
  if (const ParseError error = check_version(line.substr(0, space)); error != ParseError::kOk) return error;
  if (space == std::string_view::npos) return ParseError::kStartLine;
  const std::string_view rest = line.substr(space + 1);
  const std::string_view code = rest.substr(0, rest.find(' '));
  uint64_t status = 0;
  if (code.size() != 3 || parse_uint(code, 699, status) != ParseError::kOk || status < 100) {
    return ParseError::kStatusCode;
  }
  if (rest.size() == code.size()) return ParseError::kStartLine;
  out.status = static_cast<uint16_t>(status);
  out.reason_phrase = rest.substr(code.size() + 1);
  return ParseError::kOk;
}

// Request-Line = Method SP Request-URI SP SIP-Version, with one SP each and none elsewhere.
ParseError parse_request_line(std::string_view line, StartLine& out) {
  const size_t first = line.find(' ');
  const std::string_view name = line.substr(0, first);
  if (name.empty() || !all(kTokenChar, name)) return ParseError::kStartLine;
  out.method_name = name;
  out.method = parse_method(name);
  const size_t last = line.rfind(' ');
  if (first == last) return ParseError::kStartLine;  // None or one.
  const std::string_view uri = line.substr(first + 1, last - first - 1);
  // RFC 4475 §3.1.2.7 to §3.1.2.10: no < >, no white space in the URI or beside it.
  if (uri.empty() || !all(kVisibleChar, uri)) return ParseError::kStartLine;
  out.request_uri = uri;
  return check_version(line.substr(last + 1));
}

}  // namespace

ParseError parse_start_line(std::string_view line, StartLine& out) {
  out = {};
  // "/" is no token character, so no method begins like this.
  out.is_response = equal_ignoring_case(line.substr(0, 4), "SIP/");
  return out.is_response ? parse_status_line(line, out) : parse_request_line(line, out);
}

}  // namespace vedette::parsers
