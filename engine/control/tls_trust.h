// Whom we believe of those who show a certificate: authorities, their lists of what they revoked, and why somebody is
// not believed. Loaded at start and again when the operator asks; connections keep what they began with. Any thread.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/control/stream_counters.h"

namespace vedette::control {

// Immutable.
class TlsTrust {
 public:
  // PEM files of certificates, and of revocation lists (RFC 5280 §5), as `table` of the configuration names them.
  // Throws std::runtime_error, whose text says what to do.
  TlsTrust(const std::vector<std::string>& authorities, const std::vector<std::string>& revoked,
           const std::string& table = "[tls]");

  // Sessions of `context` believe the same.
  void apply_to(SSL_CTX* context) const;
  // Of a certificate that `others` may lead to an authority: X509_V_OK, or what is wrong with it (X509_V_ERR_...).
  long verdict_on(X509* certificate, STACK_OF(X509)* others) const;

 private:
  struct StoreDeleter {
    void operator()(X509_STORE* store) const { X509_STORE_free(store); }
  };
  std::unique_ptr<X509_STORE, StoreDeleter> store_;
};

// What went wrong with a certificate (X509_V_ERR_...), as a counter.
StreamCounter why_not_believed(long verdict);

}  // namespace vedette::control
