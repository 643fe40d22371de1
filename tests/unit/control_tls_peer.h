// A TLS client, or one who is called, whose records the test moves itself, byte by byte if it likes. One thread.
#pragma once

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "tests/unit/control_stream_peer.h"

namespace vedette::control {

class TlsPeer {
 public:
  // Who is asked for a certificate shows `own`; null: none.
  TlsPeer(StreamPeer connected, int version, const std::string& name = "example.com",
          const TlsCertificate* own = nullptr)
      : wire(std::move(connected)), context_(SSL_CTX_new(TLS_client_method())) {
    if (own != nullptr) show(*own);
    SSL_CTX_set_min_proto_version(context_.get(), version);
    SSL_CTX_set_max_proto_version(context_.get(), version);
    session_.reset(SSL_new(context_.get()));
    SSL_set_bio(session_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_tlsext_host_name(session_.get(), name.c_str());
    SSL_set_connect_state(session_.get());
  }
  // One who is called, and shows that.
  TlsPeer(StreamPeer called, const TlsCertificate& shown)
      : wire(std::move(called)), context_(SSL_CTX_new(TLS_server_method())) {
    show(shown);
    session_.reset(SSL_new(context_.get()));
    SSL_set_bio(session_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(session_.get());
  }

  // Takes what came, goes on with the handshake, and puts what there is to read into `heard`.
  void go_on() {
    wire.listen_to_it();
    BIO_write(SSL_get_rbio(session_.get()), wire.heard.data(), static_cast<int>(wire.heard.size()));
    wire.heard.clear();
    char piece[4'096];
    int got = 0;
    while ((got = SSL_read(session_.get(), piece, sizeof piece)) > 0) heard.append(piece, static_cast<size_t>(got));
    if (SSL_get_error(session_.get(), got) == SSL_ERROR_ZERO_RETURN) heard_end = true;
  }
  // The records that it has to send.
  std::string take_records() {
    std::string out(static_cast<size_t>(BIO_pending(SSL_get_wbio(session_.get()))), '\0');
    if (!out.empty()) BIO_read(SSL_get_wbio(session_.get()), out.data(), static_cast<int>(out.size()));
    return out;
  }
  void write(std::string_view text) { SSL_write(session_.get(), text.data(), static_cast<int>(text.size())); }
  bool has_shaken_hands() const { return SSL_is_init_finished(session_.get()) == 1; }
  long serial_shown() const {
    const std::unique_ptr<X509, decltype(&X509_free)> shown(SSL_get1_peer_certificate(session_.get()), X509_free);
    return shown == nullptr ? -1 : ASN1_INTEGER_get(X509_get0_serialNumber(shown.get()));
  }
  // Of the one who is called: as whom.
  std::string name_asked_for() const {
    const char* name = SSL_get_servername(session_.get(), TLSEXT_NAMETYPE_host_name);
    return name == nullptr ? "" : name;
  }
  SSL* session() { return session_.get(); }

  StreamPeer wire;
  std::string heard;
  bool heard_end = false;   // By a close_notify.

 private:
  void show(const TlsCertificate& own) {
    EXPECT_EQ(SSL_CTX_use_certificate_chain_file(context_.get(), own.chain.c_str()), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey_file(context_.get(), own.key.c_str(), SSL_FILETYPE_PEM), 1);
  }

  std::unique_ptr<SSL_CTX, SslDeleter> context_;
  SslSession session_;
};

}  // namespace vedette::control
