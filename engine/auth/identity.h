// Who sent a request as the From's domain has signed it (RFC 8224): what of it can be judged without looking at
// signatures, and what becomes of the request. Signatures and certificates are the control thread's. Pure.
//
// A request may have several Identity fields. RFC 8224: its identity is invalid only where all of them are.
#pragma once

#include "engine/auth/passport.h"
#include "engine/base/time.h"
#include "engine/config.h"
#include "engine/reason.h"
#include "engine/transaction/request.h"
#include "parsers/identity.h"

namespace vedette::engine {

// Identity fields of one request that are looked at; of those behind them nothing is believed.
inline constexpr size_t kIdentitiesMax = 4;
// Of a URI of a certificate; of header and payload in the full form, each, in base64url.
inline constexpr size_t kIdentityInfoBytesMax = 512;
inline constexpr size_t kIdentityPartBytesMax = 1'024;
inline constexpr size_t kIdentitySignatureBytes = 86;   // 64 bytes (RFC 7518 §3.4) in base64url.

// One field, and what it has to say if it is to be believed.
struct IdentityClaim {
  parsers::Identity identity;
  Passport passport;           // iat is Date's; of the full form only if has_date.
  bool has_date = false;
};

// kNone, kIdentityMissing (of a type that is passed over), or why it is not believed: kInvalidIdentity,
// kBadIdentityInfo, kUnsupportedCredential, kStaleDate.
Reason read_identity_claim(const Request& request, std::string_view value, Instant now, Duration freshness,
                           IdentityClaim& out);
bool is_fresh(Instant now, int64_t iat, Duration freshness);

// The first `judge` (const IdentityClaim& → Reason) finds good: kNone. Otherwise why the first one was not, or
// kIdentityMissing.
template <typename Judge>
Reason judge_identities(const Request& request, Instant now, Duration freshness, Judge&& judge) {
  Reason result = Reason::kIdentityMissing;
  size_t left = kIdentitiesMax;
  const parsers::Message& message = *request.message;
  for (const auto* field = message.find(parsers::HeaderId::kIdentity); field != nullptr && left > 0;
       field = message.find_next(*field), --left) {
    IdentityClaim claim;
    Reason reason = read_identity_claim(request, message.value(*field), now, freshness, claim);
    if (reason == Reason::kNone) reason = judge(claim);
    if (reason == Reason::kNone) return reason;
    if (result == Reason::kIdentityMissing) result = reason;
  }
  return result;
}

enum class IdentityStep : uint8_t {
  kPass,      // It says nothing here: who sent it proves himself otherwise.
  kAsk,       // Its signature has to be verified.
  kProven,    // Who the From names has sent it.
  kRefuse,
};
struct IdentityJudgement {
  IdentityStep step = IdentityStep::kPass;
  Reason reason = Reason::kNone;          // kRefuse only.
};
// `home`: the domain whose state the request is about; null in a dialog. `verdict`: what has been found about its
// signatures, null before anybody has looked at them.
IdentityJudgement judge_identity(const EngineConfig& config, Instant now, const Request& request, const Domain* home,
                                 const Reason* verdict);

}  // namespace vedette::engine
