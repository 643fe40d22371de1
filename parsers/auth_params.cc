#include "parsers/auth_params.h"

#include <array>

#include "parsers/cursor.h"
#include "parsers/number.h"
#include "parsers/param.h"

namespace vedette::parsers {
namespace {

struct Field {
  std::string_view name;
  std::string_view AuthParams::*member;
};

constexpr std::array<Field, 11> kFields = {{{"username", &AuthParams::username},
                                            {"realm", &AuthParams::realm},
                                            {"nonce", &AuthParams::nonce},
                                            {"uri", &AuthParams::uri},
                                            {"response", &AuthParams::response},
                                            {"cnonce", &AuthParams::cnonce},
                                            {"opaque", &AuthParams::opaque},
                                            {"algorithm", &AuthParams::algorithm},
                                            {"qop", &AuthParams::qop},
                                            {"domain", &AuthParams::domain},
                                            {"nc", &AuthParams::nc}}};

// An unquoted value: more than a token, because nonces and URIs come unquoted as well.
std::string_view take_unquoted(Cursor& cursor) {
  const char* mark = cursor.position();
  while (cursor.at(kVisibleChar) && !cursor.at(',')) cursor.take(cursor.rest().front());
  return cursor.since(mark);
}

ParseError take_auth_param(Cursor& cursor, Param& out) {
  out = {};
  out.name = cursor.take_all(kTokenChar);
  if (out.name.empty() || !cursor.take_separator('=')) return ParseError::kCredentials;
  if (cursor.at('"')) {
    out.quoted = true;
    return cursor.take_quoted(out.value);
  }
  out.value = take_unquoted(cursor);
  return out.value.empty() ? ParseError::kCredentials : ParseError::kOk;
}

// A parameter that stands twice would let two readers see two different things, so it is an error.
ParseError keep_param(const Param& param, AuthParams& out) {
  for (const Field& field : kFields) {
    if (!equal_ignoring_case(param.name, field.name)) continue;
    std::string_view& value = out.*field.member;
    if (value.data() != nullptr) return ParseError::kCredentials;
    value = param.value;
    return ParseError::kOk;
  }
  if (equal_ignoring_case(param.name, "stale")) out.stale = equal_ignoring_case(param.value, "true");
  return ParseError::kOk;
}

// RFC 3261 §25.1: nc-value = 8LHEX.
ParseError read_nonce_count(AuthParams& out) {
  if (out.nc.data() == nullptr) return ParseError::kOk;
  uint64_t count = 0;
  if (out.nc.size() != 8 || !parse_hex(out.nc, count)) return ParseError::kCredentials;
  out.nonce_count = static_cast<uint32_t>(count);
  out.has_nc = true;
  return ParseError::kOk;
}

ParseError parse_digest(Cursor cursor, AuthParams& out) {
  size_t count = 0;
  while (true) {
    cursor.skip_lws();
    while (cursor.take(',')) cursor.skip_lws();
    if (cursor.at_end()) break;
    if (count++ == kParamsMax) return ParseError::kParamsTooMany;
    Param param;
    if (const ParseError error = take_auth_param(cursor, param); error != ParseError::kOk) return error;
    if (const ParseError error = keep_param(param, out); error != ParseError::kOk) return error;
    cursor.skip_lws();
    if (!cursor.at_end() && !cursor.at(',')) return ParseError::kCredentials;
  }
  return count == 0 ? ParseError::kCredentials : read_nonce_count(out);
}

}  // namespace

ParseError parse_auth_params(std::string_view value, AuthParams& out) {
  return parse_auth_params_by(best_kernel(), value, out);
}

ParseError parse_auth_params_by(const Kernel& kernel, std::string_view value, AuthParams& out) {
  if (kernel.parse_plain_credentials(value, out)) return read_nonce_count(out);
  out = {};
  Cursor cursor(value);
  cursor.skip_lws();
  out.scheme = cursor.take_all(kTokenChar);
  const char* gap = cursor.position();
  cursor.skip_lws();
  out.params = cursor.rest();
  if (out.scheme.empty() || out.params.empty() || cursor.position() == gap) return ParseError::kCredentials;
  out.is_digest = equal_ignoring_case(out.scheme, "Digest");
  return out.is_digest ? parse_digest(cursor, out) : ParseError::kOk;
}

}  // namespace vedette::parsers
