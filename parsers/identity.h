// Identity (RFC 8224 §4): a signed PASSporT (RFC 8225), whole, or without what its verifier can make again, and where
// the signer's certificate is. One field is one of them; a request may have several fields.
#pragma once

#include <string_view>

#include "parsers/parse_error.h"

namespace vedette::parsers {

struct Identity {
  std::string_view token;      // header "." payload "." signature, each in base64url.
  std::string_view header;     // Empty, as the payload is, in the compact form.
  std::string_view payload;
  std::string_view signature;
  std::string_view info;       // Without its angle brackets: a URI.
  std::string_view algorithm;  // alg, ppt; empty when absent.
  std::string_view type;

  bool is_compact() const { return header.empty(); }
};

// kIdentityInfo: good up to its info, which is absent, or no URI in angle brackets. kIdentity: anything else.
ParseError parse_identity(std::string_view value, Identity& out);

}  // namespace vedette::parsers
