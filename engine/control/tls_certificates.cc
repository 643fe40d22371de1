// See tls_certificates.h. Any thread.
#include "engine/control/tls_certificates.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace vedette::control {
namespace {

// RFC 9325 §4.2: forward secrecy and AEAD alone. TLS 1.3's suites are all like that.
constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:"
    "ECDHE-RSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384";
constexpr const char* kGroups = "X25519:P-256:P-384";
// RFC 7301 §6: identification sequences, with their lengths before them.
constexpr std::string_view kSipProtocol("\x05sip/2");
constexpr std::string_view kHttpProtocol("\x08http/1.1");
constexpr std::string_view kSessionIdContext = "vedette";
constexpr long kSessionSeconds = 3'600;

[[noreturn]] void fail(const std::string& what, const std::string& file) {
  const unsigned long error = ERR_get_error();
  ERR_clear_error();
  char why[256];
  ERR_error_string_n(error, why, sizeof why);
  throw std::runtime_error(what + " " + file + (error == 0 ? "" : std::string(": ") + why) +
                           "; [[certificate]] wants PEM files: chain, the certificate first, and its key");
}

// RFC 5922 §7.1: a SIP domain stands in subjectAltName as a URI without a user, "sip:example.com", or as a DNS name.
bool has_sip_uri(X509* certificate, std::string_view domain) {
  auto* names = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  const std::string wanted = "sip:" + std::string(domain);
  bool found = false;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_URI) continue;
    const auto* bytes = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.uniformResourceIdentifier));
    const auto length = static_cast<size_t>(ASN1_STRING_length(name->d.uniformResourceIdentifier));
    found = found || (length == wanted.size() && OPENSSL_strncasecmp(bytes, wanted.data(), length) == 0);
  }
  GENERAL_NAMES_free(names);
  return found;
}

bool is_for(SSL_CTX* context, std::string_view domain) {
  X509* certificate = SSL_CTX_get0_certificate(context);
  return X509_check_host(certificate, domain.data(), domain.size(), 0, nullptr) == 1 ||
         has_sip_uri(certificate, domain);
}

}  // namespace

std::string_view identification_of(TlsProtocol protocol) {
  return protocol == TlsProtocol::kSip ? kSipProtocol : kHttpProtocol;
}

SslContext make_tls_context(const SSL_METHOD* method, const TlsCertificate* certificate) {
  ERR_clear_error();
  SslContext owned(SSL_CTX_new(method));
  SSL_CTX* context = owned.get();
  if (context == nullptr) throw std::runtime_error("no memory for TLS");
  if (certificate != nullptr && SSL_CTX_use_certificate_chain_file(context, certificate->chain.c_str()) != 1) {
    fail("no certificate in", certificate->chain);
  }
  if (certificate != nullptr && SSL_CTX_use_PrivateKey_file(context, certificate->key.c_str(), SSL_FILETYPE_PEM) != 1) {
    fail("no key of that certificate in", certificate->key);
  }
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                   SSL_OP_IGNORE_UNEXPECTED_EOF);
  // A silent connection keeps no buffers.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  if (SSL_CTX_set_cipher_list(context, kCiphers) != 1 || SSL_CTX_set1_groups_list(context, kGroups) != 1) {
    throw std::runtime_error("OpenSSL lacks ciphers that TLS is spoken with here");
  }
  return owned;
}

TlsContexts::TlsContexts(const std::vector<TlsCertificate>& certificates, TlsProtocol protocol)
    : protocol_(protocol) {
  for (const TlsCertificate& certificate : certificates) load(certificate);
  // The first one answers until a name has chosen another.
  SSL_CTX_set_tlsext_servername_callback(contexts_.front().get(), on_server_name);
  SSL_CTX_set_tlsext_servername_arg(contexts_.front().get(), this);
}

void TlsContexts::load(const TlsCertificate& certificate) {
  SSL_CTX* context = contexts_.emplace_back(make_tls_context(TLS_server_method(), &certificate)).get();
  // Sessions are resumed by tickets (RFC 8446 §2.2, RFC 5077): nothing is kept of them here.
  SSL_CTX_set_timeout(context, kSessionSeconds);
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>(kSessionIdContext.data()),
                                 static_cast<unsigned>(kSessionIdContext.size()));
  SSL_CTX_set_alpn_select_cb(context, on_protocols, this);
}

// The purpose that OpenSSL asks of them is a client's: extendedKeyUsage, where there is one, has to allow it. What a
// name chooses (on_server_name) is the certificate shown; the session asks as its first context does.
void TlsContexts::ask_for_certificates(const TlsTrust& trust, bool is_required) {
  const int mode = SSL_VERIFY_PEER | (is_required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0);
  for (const SslContext& context : contexts_) {
    trust.apply_to(context.get());
    SSL_CTX_set_verify(context.get(), mode, nullptr);
  }
}

SslSession TlsContexts::new_session() const {
  SslSession session(SSL_new(contexts_.front().get()));
  if (session != nullptr) SSL_set_accept_state(session.get());
  return session;
}

// RFC 6066 §3: whose name is not known here gets the first certificate; the peer decides whether that will do.
int TlsContexts::on_server_name(SSL* session, int* /*alert*/, void* contexts) {
  const char* name = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
  for (const SslContext& context : static_cast<const TlsContexts*>(contexts)->contexts_) {
    if (!is_for(context.get(), name)) continue;
    SSL_set_SSL_CTX(session, context.get());
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_NOACK;
}

// RFC 7301 §3.2: "In the event that the server supports no protocols that the client advertises, then the server SHALL
// respond with a fatal "no_application_protocol" alert."
int TlsContexts::on_protocols(SSL* /*session*/, const unsigned char** chosen, unsigned char* length,
                              const unsigned char* offered, unsigned offered_length, void* contexts) {
  const std::string_view protocol = identification_of(static_cast<const TlsContexts*>(contexts)->protocol_);
  const auto* ours = reinterpret_cast<const unsigned char*>(protocol.data());
  unsigned char* selected = nullptr;
  const int verdict = SSL_select_next_proto(&selected, length, ours, static_cast<unsigned>(protocol.size()),
                                            offered, offered_length);
  *chosen = selected;
  return verdict == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace vedette::control
