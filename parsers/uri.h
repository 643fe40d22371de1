// SIP, SIPS (RFC 3261 §19.1), tel (RFC 3966), pres (RFC 3859) and, opaquely, other URIs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "parsers/kernel.h"
#include "parsers/param.h"
#include "parsers/parse_error.h"

namespace vedette::parsers {

// Parameters of one URI, and headers of one.
inline constexpr size_t kUriParamsMax = 32;

enum class UriScheme : uint8_t { kSip, kSips, kTel, kPres, kOther };

struct Uri {
  UriScheme scheme = UriScheme::kOther;
  std::string_view text;  // The whole URI as it stands.
  std::string_view scheme_name;
  std::string_view user;      // Still escaped. For tel the number, for kOther everything after the colon.
  std::string_view password;  // data() == nullptr when there is none.
  std::string_view host;      // An IPv6 reference keeps its brackets.
  std::string_view params;    // From the first ";" on, or empty.
  std::string_view headers;   // From the "?" on, or empty.
  uint16_t port = 0;          // 0 when absent.
  bool has_user = false;      // "sip:@host" is malformed, "sip:host" has none.
  bool has_port = false;
};

// parse_uri() for what no kernel takes for plain.
ParseError parse_uri_of_any_shape(std::string_view text, Uri& out);
// The same as parse_uri() with a kernel of one's own choice: for tests.
inline ParseError parse_uri_by(const Kernel& kernel, std::string_view text, Uri& out) {
  return kernel.parse_plain_uri(text, out) ? ParseError::kOk : parse_uri_of_any_shape(text, out);
}
// The whole of `text` must be one URI. For sip, sips, tel and pres the grammar is checked; for another
// scheme only that it has one: kOk with scheme kOther.
inline ParseError parse_uri(std::string_view text, Uri& out) { return parse_uri_by(best_kernel(), text, out); }

// The same for a Request-URI, which has no headers (RFC 3261 §19.1.1): kUri when there are some.
inline ParseError parse_request_uri(std::string_view text, Uri& out) {
  const ParseError error = parse_uri(text, out);
  if (error != ParseError::kOk) return error;
  return out.scheme != UriScheme::kOther && !out.headers.empty() ? ParseError::kUri : ParseError::kOk;
}

// uri-parameters: a value may hold characters that header parameters may not, so not for next_param().
// Takes the next off `rest`, which starts as the params of a well-formed Uri; false when there is none.
bool next_uri_param(std::string_view& rest, Param& out);
// The first of that name (case-insensitive) or false: gr, transport, lr, maddr, ob, ...
bool find_uri_param(const Uri& uri, std::string_view name, Param& out);

// RFC 3261 §19.1.4 for sip, sips and pres, RFC 3966 §4 for tel; for others byte equality, but for the case of what has
// none: the scheme, the namespace of a URN, all of urn:uuid.
bool equal_uris(const Uri& a, const Uri& b);
// The same of texts, which are different where one is no URI, unless they are the same bytes.
bool are_equal_uris(std::string_view a, std::string_view b);

// The canonical address of record, which is what state is kept under (RFC 3261 §10.3 step 5): no scheme,
// parameters, headers, password or port; host in lower case; escapes in the user part undone unless needed.
// sip:, sips: and pres: with the same user and host give the same AOR: "alice@example.com". A tel URI gives
// its number without visual separators, a local one with its phone-context behind it. kUri when there is no
// user, kUriScheme for another scheme, kMessageTooLong when `capacity` is too small.
ParseError write_canonical_aor(const Uri& uri, char* out, size_t capacity, size_t& length);

}  // namespace vedette::parsers
