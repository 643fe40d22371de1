// The names of the counters, as operators see them. Constant.
#include "engine/control/identity_counters.h"

namespace vedette::control {
namespace {

struct Name {
  IdentityCounter counter;
  std::string_view text;
};

constexpr size_t kCounters = static_cast<size_t>(IdentityCounter::kCount);

constexpr std::array<Name, kCounters> kNames = {{
    {IdentityCounter::kVerified, "identities_verified"},
    {IdentityCounter::kRecognised, "identities_recognised"},
    {IdentityCounter::kReplayed, "identities_replayed"},
    {IdentityCounter::kWrongSignature, "identities_wrong_signature"},
    {IdentityCounter::kWrongClaims, "identities_wrong_claims"},
    {IdentityCounter::kStale, "identities_stale"},
    {IdentityCounter::kHostNotAllowed, "identities_host_not_allowed"},
    {IdentityCounter::kCertificateUnavailable, "identities_certificate_unavailable"},
    {IdentityCounter::kCertificateNotBelieved, "identities_certificate_not_believed"},
    {IdentityCounter::kWrongDomain, "identities_wrong_domain"},
    {IdentityCounter::kHeldTooLong, "identities_held_too_long"},
    {IdentityCounter::kFetches, "identity_fetches"},
    {IdentityCounter::kFetchesTooMany, "identity_fetches_too_many"},
    {IdentityCounter::kFetchFailed, "identity_fetch_failed"},
    {IdentityCounter::kFetchTooSlow, "identity_fetch_too_slow"},
    {IdentityCounter::kFetchTooLong, "identity_fetch_too_long"},
    {IdentityCounter::kCertificateMalformed, "identity_certificate_malformed"},
    {IdentityCounter::kCertificateWrongKey, "identity_certificate_wrong_key"},
    {IdentityCounter::kCertificateExpired, "identity_certificate_expired"},
    {IdentityCounter::kCertificateRevoked, "identity_certificate_revoked"},
    {IdentityCounter::kCertificateRevocationUnknown, "identity_certificate_revocation_unknown"},
    {IdentityCounter::kCertificateSelfSigned, "identity_certificate_self_signed"},
    {IdentityCounter::kCertificateUnknownIssuer, "identity_certificate_unknown_issuer"},
    {IdentityCounter::kCertificateInvalid, "identity_certificate_invalid"},
    {IdentityCounter::kCertificatesForgotten, "identity_certificates_forgotten"},
    {IdentityCounter::kTokensForgotten, "identities_tokens_forgotten"},
}};

constexpr bool in_order() {
  for (size_t i = 0; i < kCounters; ++i) {
    if (static_cast<size_t>(kNames[i].counter) != i || kNames[i].text.empty()) return false;
  }
  return true;
}
static_assert(in_order());

}  // namespace

std::string_view to_string(IdentityCounter counter) { return kNames[static_cast<size_t>(counter)].text; }

}  // namespace vedette::control
