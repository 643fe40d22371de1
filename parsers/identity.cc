#include "parsers/identity.h"

#include <algorithm>

#include "parsers/cursor.h"
#include "parsers/param.h"
#include "parsers/uri.h"

namespace vedette::parsers {
namespace {

// base64-char of RFC 8224 §4 and what base64url has in the place of its last two (RFC 7515 §2).
bool is_base64(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is(kAlphaChar, c) || is(kDigitChar, c) || c == '-' || c == '_' || c == '+' || c == '/';
  });
}

// header "." payload "." signature, or ".." signature.
bool take_token(Cursor& cursor, Identity& out) {
  const std::string_view text = cursor.rest();
  out.token = text.substr(0, std::min(text.find_first_of("; \t\r\n"), text.size()));
  const size_t first = out.token.find('.');
  const size_t second = first == std::string_view::npos ? first : out.token.find('.', first + 1);
  if (second == std::string_view::npos) return false;
  out.header = out.token.substr(0, first);
  out.payload = out.token.substr(first + 1, second - first - 1);
  out.signature = out.token.substr(second + 1);
  if (out.signature.empty() || out.header.empty() != out.payload.empty()) return false;
  cursor = Cursor(text.substr(out.token.size()));
  return is_base64(out.header) && is_base64(out.payload) && is_base64(out.signature);
}

// ident-info = "info" EQUAL LAQUOT absoluteURI RAQUOT; the cursor stands behind the name.
ParseError take_info(Cursor& cursor, Identity& out) {
  std::string_view text;
  if (out.info.data() != nullptr) return ParseError::kIdentity;
  if (!cursor.take_separator('=') || !cursor.take('<') || !cursor.take_until('>', text)) {
    return ParseError::kIdentityInfo;
  }
  Uri uri;
  if (parse_uri(text, uri) != ParseError::kOk) return ParseError::kIdentityInfo;
  cursor.take('>');
  out.info = text;
  return ParseError::kOk;
}

// ident-info-alg, ident-type, ident-info-extension. Tokens; what is quoted is taken, too, as signers send it.
ParseError take_other(Cursor& cursor, Identity& out) {
  Param param;
  if (take_param(cursor, param) != ParseError::kOk) return ParseError::kIdentity;
  const bool is_algorithm = equal_ignoring_case(param.name, "alg");
  if (!is_algorithm && !equal_ignoring_case(param.name, "ppt")) return ParseError::kOk;
  std::string_view& place = is_algorithm ? out.algorithm : out.type;
  if (!place.empty() || param.value.empty() || !all(kTokenChar, param.value)) return ParseError::kIdentity;
  place = param.value;
  return ParseError::kOk;
}

}  // namespace

ParseError parse_identity(std::string_view value, Identity& out) {
  out = {};
  Cursor cursor(value);
  cursor.skip_lws();
  if (!take_token(cursor, out)) return ParseError::kIdentity;
  for (size_t count = 0;; ++count) {
    cursor.skip_lws();
    if (cursor.at_end()) break;
    if (!cursor.at(';') || count == kParamsMax) return ParseError::kIdentity;
    Cursor name = cursor;
    name.take(';');
    name.skip_lws();
    const bool is_info = equal_ignoring_case(name.take_all(kTokenChar), "info");
    if (is_info) cursor = name;
    const ParseError error = is_info ? take_info(cursor, out) : take_other(cursor, out);
    if (error != ParseError::kOk) return error;
  }
  return out.info.empty() ? ParseError::kIdentityInfo : ParseError::kOk;
}

}  // namespace vedette::parsers
