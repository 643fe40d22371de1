#include "engine/auth/identity.h"

#include "parsers/date_time.h"

namespace vedette::engine {
namespace {

using parsers::HeaderId;
using parsers::ParseError;

bool has_signature_of_es256(const parsers::Identity& identity) {
  return identity.signature.size() == kIdentitySignatureBytes && identity.header.size() <= kIdentityPartBytesMax &&
         identity.payload.size() <= kIdentityPartBytesMax;
}

// Absent is not malformed.
Reason read_date(const parsers::Message& message, IdentityClaim& out) {
  const parsers::HeaderField* date = message.find(HeaderId::kDate);
  if (date == nullptr) return Reason::kNone;
  if (parsers::parse_sip_date(message.value(*date), out.passport.iat) != ParseError::kOk) return Reason::kStaleDate;
  out.has_date = true;
  return Reason::kNone;
}

IdentityPolicy policy_of(const EngineConfig& config, const Domain& domain, const Flow& flow) {
  const uint16_t peer = find_sender(config.peers, flow);
  if (peer != kNoPeer && config.peers[peer - 1U].identity) return *config.peers[peer - 1U].identity;
  return domain.identity.value_or(IdentityPolicy::kOff);
}

}  // namespace

bool is_fresh(Instant now, int64_t iat, Duration freshness) {
  const int64_t age = now.unix_seconds() - iat;
  return age <= freshness.to_seconds() && -age <= freshness.to_seconds();
}

Reason read_identity_claim(const Request& request, std::string_view value, Instant now, Duration freshness,
                           IdentityClaim& out) {
  const ParseError error = parsers::parse_identity(value, out.identity);
  // RFC 8224 §6.2.2, 436: its credential cannot be had.
  if (error == ParseError::kIdentityInfo) return Reason::kBadIdentityInfo;
  if (error != ParseError::kOk) return Reason::kInvalidIdentity;
  const parsers::Identity& identity = out.identity;
  // §6.2, step 1: a field whose ppt is not supported is ignored.
  if (!identity.type.empty()) return Reason::kIdentityMissing;
  // §6.2.2, 437: a credential, or its algorithm, that is not supported.
  if (!identity.algorithm.empty() && identity.algorithm != "ES256") return Reason::kUnsupportedCredential;
  const bool is_secure = identity.info.size() <= kIdentityInfoBytesMax && identity.info.starts_with("https://");
  if (!is_secure) return Reason::kBadIdentityInfo;
  if (!has_signature_of_es256(identity)) return Reason::kInvalidIdentity;
  out.passport.x5u = identity.info;
  out.passport.orig = PassportParty(request.from.uri);
  out.passport.dest = PassportParty(request.to.uri);
  if (out.passport.orig.empty() || out.passport.dest.empty()) return Reason::kInvalidIdentity;
  // Certificates for numbers (RFC 8226) are not understood here, and a domain's says nothing of them.
  if (out.passport.orig.is_number()) return Reason::kUnsupportedCredential;
  if (const Reason reason = read_date(*request.message, out); reason != Reason::kNone) return reason;
  // §6.2, step 4, which recommends sixty seconds. The full form says itself when it was made, and is asked later.
  if (!identity.is_compact()) return Reason::kNone;
  return out.has_date && is_fresh(now, out.passport.iat, freshness) ? Reason::kNone : Reason::kStaleDate;
}

IdentityJudgement judge_identity(const EngineConfig& config, Instant now, const Request& request, const Domain* home,
                                 const Reason* verdict) {
  const CanonicalAor from(request.from.uri);
  // Our own users prove themselves by digest, whoever signs for them.
  if (config.find_domain(from.domain()) != nullptr) return {};
  const Domain* const domain = home != nullptr ? home : config.find_domain(CanonicalAor(request.to.uri).domain());
  if (domain == nullptr) return {};
  const IdentityPolicy policy = policy_of(config, *domain, request.flow);
  const bool may_be_nobody = domain->serves_anonymous && from.domain() == kAnonymousDomain;
  if (policy == IdentityPolicy::kOff || may_be_nobody) return {};
  if (verdict != nullptr) {
    if (*verdict == Reason::kNone) return {IdentityStep::kProven, Reason::kNone};
    return {IdentityStep::kRefuse, *verdict};
  }
  const auto nobody_has_looked = [](const IdentityClaim&) { return Reason::kNone; };
  const Reason reason = judge_identities(request, now, config.identity_freshness, nobody_has_looked);
  if (reason == Reason::kNone) return {IdentityStep::kAsk, reason};
  if (reason == Reason::kIdentityMissing && policy == IdentityPolicy::kVerify) return {};
  return {IdentityStep::kRefuse, reason};
}

}  // namespace vedette::engine
