// What we show to TLS peers: certificates with their keys, one of which the server name (SNI) chooses, and what we
// agree to (TLS 1.2 and 1.3, AEAD ciphers with forward secrecy, by ALPN what is spoken). Loaded at start and again when
// the operator asks; connections keep what they began with. Any thread.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string_view>
#include <vector>

#include "engine/control/stream_config.h"
#include "engine/control/tls_trust.h"

namespace vedette::control {

struct SslDeleter {
  void operator()(SSL* session) const { SSL_free(session); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using SslSession = std::unique_ptr<SSL, SslDeleter>;
using SslContext = std::unique_ptr<SSL_CTX, SslDeleter>;

// What is spoken over TLS (RFC 7301): SIP, or HTTP that becomes WebSocket.
enum class TlsProtocol : uint8_t { kSip, kHttp };
// Its identification sequence, with its length before it.
std::string_view identification_of(TlsProtocol protocol);

// What we agree to in either role, with the certificate that we show; null: none. Throws std::runtime_error, whose text
// says what to do.
SslContext make_tls_context(const SSL_METHOD* method, const TlsCertificate* certificate);

// One context for each certificate, in the configuration's order. Immutable once sessions have been made.
class TlsContexts {
 public:
  // Throws std::runtime_error, whose text says what to do: files that are not there or do not fit each other.
  TlsContexts(const std::vector<TlsCertificate>& certificates, TlsProtocol protocol);
  // Those who call are asked for a certificate, which `trust` has to believe if they show one.
  void ask_for_certificates(const TlsTrust& trust, bool is_required);
  TlsContexts(const TlsContexts&) = delete;
  TlsContexts& operator=(const TlsContexts&) = delete;

  // A session for a peer who calls. The contexts have to live as long. Null: no memory.
  SslSession new_session() const;

 private:
  static int on_server_name(SSL* session, int* alert, void* contexts);
  static int on_protocols(SSL* session, const unsigned char** chosen, unsigned char* length,
                          const unsigned char* offered, unsigned offered_length, void* contexts);
  void load(const TlsCertificate& certificate);

  const TlsProtocol protocol_;
  std::vector<SslContext> contexts_;
};

}  // namespace vedette::control
