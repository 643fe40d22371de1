// See tls_trust.h. Any thread.
#include "engine/control/tls_trust.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <stdexcept>

namespace vedette::control {
namespace {

[[noreturn]] void fail(const std::string& what, const std::string& file, const std::string& remedy) {
  ERR_clear_error();
  throw std::runtime_error(what + " " + file + "; " + remedy);
}

}  // namespace

TlsTrust::TlsTrust(const std::vector<std::string>& authorities, const std::vector<std::string>& revoked,
                   const std::string& table)
    : store_(X509_STORE_new()) {
  if (store_ == nullptr) throw std::runtime_error("no memory for the authorities of " + table + " trust");
  for (const std::string& file : authorities) {
    if (X509_STORE_load_file(store_.get(), file.c_str()) != 1) {
      fail("no certificates in", file, table + " trust wants PEM files of authorities");
    }
  }
  X509_LOOKUP* lookup = X509_STORE_add_lookup(store_.get(), X509_LOOKUP_file());
  for (const std::string& file : revoked) {
    if (lookup == nullptr || X509_load_crl_file(lookup, file.c_str(), X509_FILETYPE_PEM) < 1) {
      fail("no revocation list in", file, table + " revoked wants PEM files of such lists");
    }
  }
  // RFC 5280 §6.3: of every certificate that leads to the authority, not of the peer's alone.
  if (!revoked.empty()) X509_STORE_set_flags(store_.get(), X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
}

void TlsTrust::apply_to(SSL_CTX* context) const { SSL_CTX_set1_cert_store(context, store_.get()); }

long TlsTrust::verdict_on(X509* certificate, STACK_OF(X509)* others) const {
  const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> context(X509_STORE_CTX_new(),
                                                                                X509_STORE_CTX_free);
  if (context == nullptr || X509_STORE_CTX_init(context.get(), store_.get(), certificate, others) != 1) {
    return X509_V_ERR_OUT_OF_MEM;
  }
  const bool is_good = X509_verify_cert(context.get()) == 1;
  const long verdict = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  return is_good ? X509_V_OK : verdict == X509_V_OK ? X509_V_ERR_UNSPECIFIED : verdict;
}

StreamCounter why_not_believed(long verdict) {
  switch (verdict) {
    case X509_V_ERR_HOSTNAME_MISMATCH: return StreamCounter::kTlsPeerWrongDomain;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID: return StreamCounter::kTlsPeerExpired;
    case X509_V_ERR_CERT_REVOKED: return StreamCounter::kTlsPeerRevoked;
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
    case X509_V_ERR_CRL_NOT_YET_VALID:
    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_CRL_SIGNATURE_FAILURE: return StreamCounter::kTlsPeerRevocationUnknown;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return StreamCounter::kTlsPeerSelfSigned;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE: return StreamCounter::kTlsPeerUnknownIssuer;
    default: return StreamCounter::kTlsPeerInvalid;
  }
}

}  // namespace vedette::control
