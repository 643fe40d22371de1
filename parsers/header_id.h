// The header fields that the engine knows by name, with their compact forms (RFC 3261 §20, RFC 6665 §8.2,
// RFC 3903 §11, RFC 3327, RFC 5626, RFC 3325, RFC 5839 §7.2, RFC 8224 §4). Every other header field is kOther and
// stays reachable by name.
#pragma once

#include <cstdint>
#include <string_view>

namespace vedette::parsers {

enum class HeaderId : uint8_t {
  kOther, kVia, kFrom, kTo, kCallId, kCSeq, kContact, kMaxForwards, kContentLength, kContentType,
  kContentEncoding, kEvent, kAllowEvents, kExpires, kMinExpires, kSubscriptionState, kAccept, kAcceptEncoding,
  kSupported, kRequire, kProxyRequire, kUnsupported, kRoute, kRecordRoute, kAuthorization,
  kProxyAuthorization, kWwwAuthenticate, kProxyAuthenticate, kSipEtag, kSipIfMatch, kRetryAfter, kAllow,
  kUserAgent, kServer, kDate, kWarning, kPath, kPAssertedIdentity,
  kSuppressIfMatch, kIdentity, kCount
};

// Case-insensitive; takes long and compact names. kOther when unknown.
HeaderId parse_header_name(std::string_view name);
// The long name; empty for kOther.
std::string_view to_string(HeaderId id);

}  // namespace vedette::parsers
