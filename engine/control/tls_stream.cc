// TLS over a socket, by OpenSSL directly: a silent connection has no buffers, while Boost.Asio's stream keeps 70 kB.
// On its thread only.
#include "engine/control/tls_stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <limits>
#include <utility>

#include "engine/control/sip_identities.h"

namespace vedette::control {
namespace {

using boost::system::error_code;

StreamCounter failed_handshake(const error_code& error) {
  // Not so: an error of the network.
  if (error.category() != boost::asio::error::get_ssl_category()) return StreamCounter::kOpenFailed;
  switch (const int reason = ERR_GET_REASON(static_cast<unsigned long>(error.value())); reason) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW: return StreamCounter::kTlsVersion;
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_SHARED_GROUPS:
    case SSL_R_NO_SUITABLE_KEY_SHARE:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM: return StreamCounter::kTlsNoCipher;
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: return StreamCounter::kTlsPeerNoCertificate;
    case SSL_R_NO_APPLICATION_PROTOCOL: return StreamCounter::kTlsNoProtocol;
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
    case SSL_R_WRONG_VERSION_NUMBER: return StreamCounter::kTlsNotTls;
    default: return reason >= SSL_AD_REASON_OFFSET ? StreamCounter::kTlsPeerRefused : StreamCounter::kTlsFailed;
  }
}

class TlsStream final : public ByteStream {
 public:
  TlsStream(Socket socket, std::shared_ptr<const TlsContexts> contexts)
      : socket_(std::move(socket)), context_(contexts), session_(contexts->new_session()) {
    begin();
  }
  TlsStream(Socket socket, std::shared_ptr<const TlsCaller> caller, const std::string& domain)
      : socket_(std::move(socket)), context_(caller), domain_(domain), session_(caller->new_session(domain_)) {
    begin();
  }

  Socket& socket() override { return socket_; }

  void async_shake_hands(OnDone done) override {
    boost::asio::post(socket_.get_executor(), [this, done = std::move(done)] { shake_hands(done); });
  }

  void async_ready(OnDone done) override {
    if (SSL_pending(session_.get()) > 0) {
      return boost::asio::post(socket_.get_executor(), [done = std::move(done)] { done({}); });
    }
    socket_.async_wait(std::exchange(read_waits_for_, Socket::wait_read), std::move(done));
  }

  size_t read(std::span<char> room, error_code& error) override {
    ERR_clear_error();
    size_t bytes = 0;
    const int result = SSL_read_ex(session_.get(), room.data(), room.size(), &bytes);
    if (result == 1) return bytes;
    if (!wants(result, read_waits_for_)) error = error_of(result);
    return 0;
  }

  void async_write(const std::vector<boost::asio::const_buffer>& bytes, OnDone done) override {
    writing_ = bytes;
    written_ = 0;
    write(std::move(done));
  }

  void end_writing(OnDone done) override {
    ERR_clear_error();
    // RFC 8446 §6.1. When it does not fit now, the end of the connection says the same.
    SSL_shutdown(session_.get());
    error_code error;
    socket_.shutdown(Socket::shutdown_send, error);
    boost::asio::post(socket_.get_executor(), [done = std::move(done), error] { done(error); });
  }

  // RFC 8446 §6.1: a close_notify "does not have any effect on its read side of the connection". RFC 5246 §7.2.1 has it
  // answered at once, "discarding any pending writes".
  bool ends_by_halves() const override { return SSL_version(session_.get()) >= TLS1_3_VERSION; }

  std::vector<std::string> proved_domains() const override {
    const X509* shown = SSL_get0_peer_certificate(session_.get());
    const bool is_believed = shown != nullptr && SSL_get_verify_result(session_.get()) == X509_V_OK;
    return is_believed ? sip_identities(shown) : std::vector<std::string>();
  }

  StreamCounter why_no_handshake(const error_code& error) const override {
    const bool is_of_ssl = error.category() == boost::asio::error::get_ssl_category();
    const int reason = ERR_GET_REASON(static_cast<unsigned long>(error.value()));
    if (!is_of_ssl || reason != SSL_R_CERTIFICATE_VERIFY_FAILED) return failed_handshake(error);
    return why_not_believed(SSL_get_verify_result(session_.get()));
  }

 private:
  // The descriptor of a socket that was closed may be another connection's by now.
  bool is_closed() const { return !socket_.is_open() || session_ == nullptr; }

  void begin() {
    error_code ignored;
    socket_.non_blocking(true, ignored);
    if (session_ != nullptr) SSL_set_fd(session_.get(), socket_.native_handle());
  }

  void shake_hands(const OnDone& done) {
    if (is_closed()) return done(boost::asio::error::operation_aborted);
    ERR_clear_error();
    const int result = SSL_do_handshake(session_.get());
    if (result == 1) return done({});
    Socket::wait_type what{};
    if (!wants(result, what)) return done(error_of(result));
    socket_.async_wait(what, [this, done](error_code error) { error ? done(error) : shake_hands(done); });
  }

  void write(const OnDone& done) {
    error_code error;
    for (; written_ < writing_.size() && !error; ++written_) {
      if (is_closed()) {
        error = boost::asio::error::operation_aborted;
        break;
      }
      ERR_clear_error();
      size_t bytes = 0;
      const int result =
          SSL_write_ex(session_.get(), writing_[written_].data(), writing_[written_].size(), &bytes);
      if (result == 1) continue;
      Socket::wait_type what{};
      if (wants(result, what)) {
        return socket_.async_wait(what, [this, done](error_code failed) { failed ? done(failed) : write(done); });
      }
      error = error_of(result);
    }
    boost::asio::post(socket_.get_executor(), [done, error] { done(error); });
  }

  bool wants(int result, Socket::wait_type& out) const {
    const int what = SSL_get_error(session_.get(), result);
    if (what == SSL_ERROR_WANT_READ) out = Socket::wait_read;
    if (what == SSL_ERROR_WANT_WRITE) out = Socket::wait_write;
    return what == SSL_ERROR_WANT_READ || what == SSL_ERROR_WANT_WRITE;
  }

  error_code error_of(int result) const {
    if (SSL_get_error(session_.get(), result) == SSL_ERROR_ZERO_RETURN) return boost::asio::error::eof;
    const unsigned long queued = ERR_get_error();
    ERR_clear_error();
    if (queued == 0) return boost::asio::error::connection_reset;
    return {static_cast<int>(queued & std::numeric_limits<int>::max()), boost::asio::error::get_ssl_category()};
  }

  Socket socket_;
  const std::shared_ptr<const void> context_;   // The session's.
  const std::string domain_;                    // As which we call; empty when we were called.
  const SslSession session_;
  Socket::wait_type read_waits_for_ = Socket::wait_read;
  std::vector<boost::asio::const_buffer> writing_;
  size_t written_ = 0;
};

}  // namespace

std::unique_ptr<ByteStream> make_tls_stream(ByteStream::Socket socket, std::shared_ptr<const TlsContexts> contexts) {
  return std::make_unique<TlsStream>(std::move(socket), std::move(contexts));
}

std::unique_ptr<ByteStream> make_tls_call(ByteStream::Socket socket, std::shared_ptr<const TlsCaller> caller,
                                          const std::string& domain) {
  return std::make_unique<TlsStream>(std::move(socket), std::move(caller), domain);
}

}  // namespace vedette::control
