// See tls_caller.h. Any thread.
#include "engine/control/tls_caller.h"

#include "engine/control/sip_identities.h"

namespace vedette::control {
namespace {

// OpenSSL asks about each certificate of the chain, the peer's own last, with what it thinks itself of it: validity,
// issuer, revocation and purpose. No is no; a yes to the peer's own is the place to ask for whom that speaks.
int on_certificate(int is_good, X509_STORE_CTX* chain) {
  if (is_good != 1 || X509_STORE_CTX_get_error_depth(chain) != 0) return is_good;
  const auto* session =
      static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const auto* domain = static_cast<const std::string*>(SSL_get_app_data(session));
  // RFC 5922 §7.3: "If there were no identities found in the server certificate, the server is not authenticated."
  if (has_sip_identity(X509_STORE_CTX_get_current_cert(chain), *domain)) return 1;
  X509_STORE_CTX_set_error(chain, X509_V_ERR_HOSTNAME_MISMATCH);
  return 0;
}

}  // namespace

TlsCaller::TlsCaller(const TlsCertificate* certificate, const TlsTrust& trust)
    : context_(make_tls_context(TLS_client_method(), certificate)) {
  trust.apply_to(context_.get());
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, on_certificate);
  const std::string_view protocol = identification_of(TlsProtocol::kSip);
  SSL_CTX_set_alpn_protos(context_.get(), reinterpret_cast<const unsigned char*>(protocol.data()),
                          static_cast<unsigned>(protocol.size()));
}

SslSession TlsCaller::new_session(const std::string& domain) const {
  SslSession session(SSL_new(context_.get()));
  if (session == nullptr) return nullptr;
  // RFC 5922 §7.8: the client "SHOULD use that extension to request a certificate corresponding to the specific
  // domain".
  SSL_set_tlsext_host_name(session.get(), domain.c_str());
  SSL_set_app_data(session.get(), const_cast<std::string*>(&domain));
  SSL_set_connect_state(session.get());
  return session;
}

}  // namespace vedette::control
