// The certificate that an Identity is signed with, and those that lead from it to an authority (RFC 8224 §6.2, step 3).
// Control thread only.
#pragma once

#include <openssl/x509.h>

#include <memory>
#include <optional>
#include <string_view>

#include "engine/control/identity_counters.h"
#include "engine/control/tls_trust.h"

namespace vedette::control {

// Immutable.
class IdentityCredential {
 public:
  // PEM, the signer's first, or one in DER (RFC 2585 §3). Null when it is neither.
  static std::unique_ptr<const IdentityCredential> read(std::string_view bytes);

  // Why it is not believed now, or nothing.
  std::optional<IdentityCounter> trouble(const TlsTrust& trust) const;
  // RFC 5922 §7: by a SIP URI or a DNS name in subjectAltName, never by a wildcard.
  bool speaks_for(std::string_view domain) const;
  // ES256 (RFC 7518 §3.4): `signature` is R and S, 32 bytes each.
  bool has_signed(std::string_view input, std::string_view signature) const;

 private:
  struct Free {
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(STACK_OF(X509) * stack) const { sk_X509_pop_free(stack, X509_free); }
  };
  std::unique_ptr<X509, Free> certificate_;
  std::unique_ptr<STACK_OF(X509), Free> others_;
};

}  // namespace vedette::control
