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

bool is_address(std::string_view text, const IpAddress& address) {
  IpAddress named;
  return IpAddress::parse(text, named) && named == address;
}

// SIPp writes "sip:2001:db8::1:5060": our IPv6 address without its brackets, which is no URI (RFC 3261 §25.1).
bool names_without_brackets(std::string_view digest_uri, const IpAddress& address) {
  constexpr std::string_view kScheme = "sip:";
  if (!digest_uri.starts_with(kScheme)) return false;
  digest_uri.remove_prefix(kScheme.size());
  return is_address(digest_uri, address) || is_address(digest_uri.substr(0, digest_uri.rfind(':')), address);
}

}  // namespace

DigestTarget digest_target(const EngineConfig& config, const DigestUris& uris) {
  parsers::Uri request;
  parsers::Uri digest;
  if (parsers::parse_uri(uris.request_uri, request) != parsers::ParseError::kOk) return DigestTarget::kForeign;
  if (parsers::parse_uri(uris.digest_uri, digest) != parsers::ParseError::kOk) {
    return names_without_brackets(uris.digest_uri, uris.local) ? DigestTarget::kOurs : DigestTarget::kForeign;
  }
  if (request.has_user && config.find_domain(request.host) != nullptr && same_aor(request, digest)) {
    return DigestTarget::kSameAor;
  }
  if (uris.request_uri == uris.digest_uri || parsers::equal_ignoring_case(request.host, digest.host) ||
      config.find_domain(digest.host) != nullptr) {
    return DigestTarget::kOurs;
  }
  return is_address(digest.host, uris.local) ? DigestTarget::kOurs : DigestTarget::kForeign;
}

}  // namespace vedette::engine
