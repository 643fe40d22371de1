// What we call TLS peers with: our own certificate, should they ask for one, and whom we believe. The peer has to prove
// the SIP domain that it is called as (RFC 5922 §7.3). Any thread.
#pragma once

#include <memory>
#include <string>

#include "engine/control/tls_certificates.h"
#include "engine/control/tls_trust.h"

namespace vedette::control {

// Immutable.
class TlsCaller {
 public:
  // `certificate`: null for none. Throws std::runtime_error, whose text says what to do.
  TlsCaller(const TlsCertificate* certificate, const TlsTrust& trust);

  // A session that calls `domain`, which has to live as long as it, as this has. Null: no memory.
  SslSession new_session(const std::string& domain) const;

 private:
  SslContext context_;
};

}  // namespace vedette::control
