#include "engine/auth/asserted_identity.h"

#include <algorithm>

#include "parsers/address.h"
#include "parsers/param.h"

namespace vedette::engine {
namespace {

using parsers::HeaderId;
using parsers::ParseError;
using parsers::UriScheme;

// RFC 3325 §9.1: "There may be one or two P-Asserted-Identity values. ... If there are two values, one value MUST be a
// sip or sips URI and the other MUST be a tel URI." The SIP one is it; a number alone is nobody's address here.
bool find_sip_identity(const parsers::Message& message, parsers::Uri& out) {
  size_t sip = 0, tel = 0;
  for (const auto* field = message.find(HeaderId::kPAssertedIdentity); field != nullptr;
       field = message.find_next(*field)) {
    std::string_view rest = message.value(*field);
    parsers::Address address;
    ParseError error = ParseError::kOk;
    while ((error = parsers::next_address(rest, address)) == ParseError::kOk) {
      const bool is_sip = address.uri.scheme == UriScheme::kSip || address.uri.scheme == UriScheme::kSips;
      if (address.wildcard || (!is_sip && address.uri.scheme != UriScheme::kTel)) return false;
      ++(is_sip ? sip : tel);
      if (is_sip) out = address.uri;
    }
    if (error != ParseError::kEmpty) return false;
  }
  return sip == 1 && tel <= 1;
}

// RFC 3323 §4.2: priv-values are parted by semicolons.
bool wants_no_identity(const parsers::Message& message) {
  const parsers::HeaderField* privacy = message.find("Privacy");
  std::string_view rest = privacy == nullptr ? std::string_view() : message.value(*privacy);
  while (!rest.empty()) {
    const size_t end = std::min(rest.find_first_of(";,"), rest.size());
    std::string_view word = rest.substr(0, end);
    while (!word.empty() && word.front() == ' ') word.remove_prefix(1);
    while (!word.empty() && word.back() == ' ') word.remove_suffix(1);
    if (parsers::equal_ignoring_case(word, "id")) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

}  // namespace

// RFC 3325 §8: what a trusted node says is used "as if it had authenticated the user itself"; of others it is as if it
// were not there. §9.1 has none in a REGISTER.
bool read_asserted_sender(const EngineConfig& config, const Request& request, const CanonicalAor& subject,
                          AssertedSender& out) {
  const bool publishes = request.method() == parsers::Method::kPublish;
  const uint16_t place = find_sender(config.peers, request.flow);
  if (place == kNoPeer || (!publishes && request.method() != parsers::Method::kSubscribe)) return false;
  parsers::Uri uri;
  if (!find_sip_identity(*request.message, uri) || !uri.has_user) return false;
  out.user = CanonicalAor(uri);
  const std::vector<std::string>& asserts = config.peers[place - 1].asserts;
  if (std::find(asserts.begin(), asserts.end(), out.user.domain()) == asserts.end()) return false;
  if (publishes) {
    if (out.user.view() != subject.view()) out.refusal = Reason::kNotYourAor;
  } else if (wants_no_identity(*request.message)) {
    // Watchers are told to those whom they watch (RFC 3857), so who does not want to be told of is anonymous there.
    const Domain* asked = config.find_domain(CanonicalAor(request.to.uri).domain());
    if (asked == nullptr || !asked->serves_anonymous) out.refusal = Reason::kForbidden;
    out.user = CanonicalAor::of(kAnonymousAor);
  }
  return true;
}

}  // namespace vedette::engine
