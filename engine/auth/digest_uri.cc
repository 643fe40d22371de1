// RFC 3261 §22.4 item 7: the Request-URI and the digest's uri may differ, because of forwarding at some
// proxy; a server may check that the latter is for a user for whom it takes requests. SIPp names our address
// there.
#include "engine/auth/digest_uri.h"

#include <array>

#include "engine/control_message.h"
#include "parsers/param.h"
#include "parsers/uri.h"

namespace vedette::engine {
namespace {

bool same_aor(const parsers::Uri& a, const parsers::Uri& b) {
  std::array<char, kAorBytesMax> text_a;
  std::array<char, kAorBytesMax> text_b;
  size_t length_a = 0;
  size_t length_b = 0;
  if (parsers::write_canonical_aor(a, text_a.data(), text_a.size(), length_a) != parsers::ParseError::kOk ||
      parsers::write_canonical_aor(b, text_b.data(), text_b.size(), length_b) != parsers::ParseError::kOk) {
    return false;
  }
  return std::string_view(text_a.data(), length_a) == std::string_view(text_b.data(), length_b);
}

}  // namespace

DigestTarget digest_target(const EngineConfig& config, const DigestUris& uris) {
  parsers::Uri request;
  parsers::Uri digest;
  if (parsers::parse_uri(uris.request_uri, request) != parsers::ParseError::kOk ||
      parsers::parse_uri(uris.digest_uri, digest) != parsers::ParseError::kOk) {
    return DigestTarget::kForeign;
  }
  if (request.has_user && config.find_domain(request.host) != nullptr && same_aor(request, digest)) {
    return DigestTarget::kSameAor;
  }
  if (uris.request_uri == uris.digest_uri || parsers::equal_ignoring_case(request.host, digest.host) ||
      config.find_domain(digest.host) != nullptr) {
    return DigestTarget::kOurs;
  }
  IpAddress named;
  return IpAddress::parse(digest.host, named) && named == uris.local ? DigestTarget::kOurs
                                                                     : DigestTarget::kForeign;
}

}  // namespace vedette::engine
