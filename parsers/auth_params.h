// Authorization, Proxy-Authorization, WWW-Authenticate, Proxy-Authenticate (RFC 3261 §20.7, §20.27, §20.44;
// RFC 7616, RFC 8760). Quoted values are given without their quotes, escapes still inside. Tolerated, as real
// clients send them: quoted nc, qop and algorithm; no qop although one was offered.
#pragma once

#include <cstdint>
#include <string_view>

#include "parsers/kernel.h"
#include "parsers/parse_error.h"

namespace vedette::parsers {

struct AuthParams {
  std::string_view scheme;      // "Digest"; for another scheme the rest stays empty but `params`.
  std::string_view params;
  std::string_view username, realm, nonce, uri, response, cnonce, opaque, algorithm, qop, domain;
  std::string_view nc;          // Eight hexadecimal digits as they stand.
  uint32_t nonce_count = 0;
  bool has_nc = false;
  bool stale = false;
  bool is_digest = false;
};

ParseError parse_auth_params(std::string_view value, AuthParams& out);
// The same with a kernel of one's own choice: for tests.
ParseError parse_auth_params_by(const Kernel& kernel, std::string_view value, AuthParams& out);

}  // namespace vedette::parsers
