// The order of the checks matters: nothing is told or stored before the digest has proved the user.
#include "engine/auth/authenticator.h"

#include <algorithm>
#include <array>

#include "engine/auth/challenge.h"
#include "engine/auth/digest.h"
#include "engine/auth/digest_uri.h"
#include "parsers/auth_params.h"
#include "parsers/param.h"

namespace vedette::engine {

using parsers::HeaderId;

struct Authenticator::Credentials {
  parsers::AuthParams params;
  DigestAlgorithm algorithm = DigestAlgorithm::kMd5;
};

namespace {

// Stands in for a user who does not exist, so that the same work is done; no secret, so it never matches.
const User kNobody;

bool offers(const Domain& domain, DigestAlgorithm algorithm) {
  return std::find(domain.algorithms.begin(), domain.algorithms.end(), algorithm) != domain.algorithms.end();
}

// RFC 7616 §3.4: username, nonce, uri and response are required; cnonce and nc when there is a qop, which must be one
// that was offered.
bool is_complete(const parsers::AuthParams& given, const Domain& domain) {
  if (given.username.empty() || given.nonce.empty() || given.uri.empty() || given.response.empty())
    return false;
  // RFC 3261 §22.4 item 8: "If a client receives a "qop" parameter in a challenge header field, it MUST send the "qop"
  // parameter in any resulting authorization header field." Who does not is older than that.
  if (given.qop.empty()) return !domain.require_qop;
  const bool offered = (domain.offers_auth && parsers::equal_ignoring_case(given.qop, "auth")) ||
                       (domain.offers_auth_int && parsers::equal_ignoring_case(given.qop, "auth-int"));
  return offered && !given.cnonce.empty() && given.has_nc;
}

// Tells users with one nonce apart, also after others were added or removed.
uint32_t number_of(const User& user) {
  uint32_t hash = 0x811c9dc5;  // FNV-1a. Two users of one number are refused each other's counts, no more.
  for (const char c : user.aor) hash = (hash ^ static_cast<uint8_t>(c)) * 0x01000193;
  return hash;
}

// Undoes quoted-pair (RFC 3261 §25.1) and appends; false when it does not fit.
bool append_unescaped(std::string_view quoted, parsers::Writer& writer) {
  for (size_t i = 0; i < quoted.size(); ++i) {
    if (quoted[i] == '\\' && i + 1 < quoted.size()) ++i;
    writer.put(quoted[i]);
  }
  return !writer.overflowed();
}

}  // namespace

Authenticator::Authenticator(const EngineConfig& config, const Hashes& hashes, ShardIndex shard)
    : config_(config),
      users_(&config.users),
      hashes_(hashes),
      shard_(shard),
      mint_(hashes, shard, config.nonce_lifetime),
      windows_(config.limits.replay_windows_max, config.nonce_lifetime) {}

Authentication Authenticator::authenticate(Instant now, const AuthenticationRequest& request) {
  Credentials given;
  const Reason found = find_credentials(request, given);
  if (found != Reason::kNone) return {found, nullptr};

  const User* user = find_named(given.params.username, request.domain);
  const DigestCheck check = {given.params, request.message.method_name(), user != nullptr ? *user : kNobody,
                             request.message.body()};
  const bool proved = digest_matches(hashes_, given.algorithm, check);
  if (user == nullptr) return {Reason::kUserUnknown, nullptr};
  if (!proved) return {Reason::kWrongDigest, nullptr};

  const Reason nonce = check_nonce(now, request, given, *user);
  if (nonce != Reason::kNone) return {nonce, nullptr};
  return {Reason::kNone, user};
}

// RFC 3261 §22.3: a request may carry credentials for several realms; those for ours are taken. The first
// with an algorithm that the domain offers counts, so that nobody is talked into a weaker one.
Reason Authenticator::find_credentials(const AuthenticationRequest& request, Credentials& out) const {
  const parsers::Message& message = request.message;
  bool malformed = false;
  // Clients that were once challenged by a proxy with our realm keep to Proxy-Authorization.
  for (const HeaderId id : {HeaderId::kAuthorization, HeaderId::kProxyAuthorization}) {
    for (const parsers::HeaderField* field = message.find(id); field; field = message.find_next(*field)) {
      if (parsers::parse_auth_params(message.value(*field), out.params) != parsers::ParseError::kOk) {
        malformed = true;
        continue;
      }
      if (!out.params.is_digest || out.params.realm != request.domain.name) continue;
      if (!parse_digest_algorithm(out.params.algorithm, out.algorithm)) continue;
      if (!offers(request.domain, out.algorithm)) continue;
      return is_complete(out.params, request.domain) ? Reason::kNone : Reason::kBadCredentials;
    }
  }
  return malformed ? Reason::kBadCredentials : Reason::kUnauthorized;
}

bool Authenticator::has_fresh_nonce(Instant now, const parsers::Message& message, const Flow& flow) const {
  for (const HeaderId id : {HeaderId::kAuthorization, HeaderId::kProxyAuthorization}) {
    const parsers::HeaderField* field = message.find(id);
    parsers::AuthParams given;
    Nonce nonce;
    if (field == nullptr) continue;
    if (parsers::parse_auth_params(message.value(*field), given) != parsers::ParseError::kOk) continue;
    if (mint_.verify(now, given.nonce, {given.realm, flow.remote.address}, nonce) == NonceVerdict::kFresh) return true;
  }
  return false;
}

const User* Authenticator::find_named(std::string_view username, const Domain& domain) const {
  std::array<char, kAorBytesMax> aor;
  parsers::Writer writer(aor.data(), aor.size());
  if (!append_unescaped(username, writer)) return nullptr;
  writer.put('@').put(domain.name);
  return writer.overflowed() ? nullptr : find_user(*users_, writer.text());
}

Reason Authenticator::check_nonce(Instant now, const AuthenticationRequest& request, const Credentials& given,
                                  const User& user) {
  const parsers::Message& message = request.message;
  const DigestTarget target =
      digest_target(config_, {message.request_uri(), given.params.uri, request.flow.local.address});
  if (target == DigestTarget::kForeign) return Reason::kBadCredentials;

  Nonce nonce;
  const NonceScope scope = {request.domain.name, request.flow.remote.address};
  // RFC 7616 §3.3: stale, since the digest was right. A nonce that was not minted for this client counts,
  // too: its address may have changed, or we may have been restarted with other keys.
  if (mint_.verify(now, given.params.nonce, scope, nonce) != NonceVerdict::kFresh) return Reason::kStaleNonce;

  // Each shard remembers only the counts that it saw. A copy of a request whose digest fixes the AOR comes
  // back to the shard that saw the original, and a REGISTER goes to its user's own shard. Others could be
  // replayed to another shard, so for them only a nonce of this shard will do.
  const bool returns_here =
      target == DigestTarget::kSameAor || message.method() == parsers::Method::kRegister;
  if (!returns_here && nonce.minter != shard_) return Reason::kStaleNonce;

  // Without qop the count is not covered by the digest: the nonce is used up whole.
  const uint32_t count = given.params.qop.empty() ? kNonceCountMax : given.params.nonce_count;
  switch (windows_.use(now, {nonce, number_of(user), count})) {
    case ReplayVerdict::kFirstUse:
      return Reason::kNone;
    case ReplayVerdict::kForgotten:
      return Reason::kStaleNonce;
    case ReplayVerdict::kRepeated:
      break;
  }
  return Reason::kReplayedNonce;
}

void Authenticator::write_challenges(Instant now, const AuthenticationRequest& request, Reason reason,
                                     parsers::Writer& writer) {
  const NonceMint::Text nonce = mint_.mint(now, {request.domain.name, request.flow.remote.address});
  const Challenge challenge = {
      .domain = request.domain,
      .nonce = {nonce.data(), nonce.size()},
      // A nonce that was used up is as good as stale: its digest was right.
      .stale = reason == Reason::kStaleNonce || reason == Reason::kReplayedNonce,
      .user_agent = request.message.value(HeaderId::kUserAgent),
  };
  vedette::engine::write_challenges(challenge, writer);
}

}  // namespace vedette::engine
