// See certificate_fetcher.h. Control thread only.
#include "engine/control/certificate_fetcher.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "engine/control/host_name.h"
#include "parsers/number.h"

namespace vedette::control {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr uint32_t kHeaderBytesMax = 8'192;
constexpr std::string_view kScheme = "https://";

bool is_address(const std::string& host) {
  error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

}  // namespace

// RFC 3986 §3.
bool HttpsUrl::parse(std::string_view text, HttpsUrl& out) {
  if (!text.starts_with(kScheme)) return false;
  text.remove_prefix(kScheme.size());
  text = text.substr(0, text.find('#'));
  std::string_view authority = text.substr(0, text.find_first_of("/?"));
  const std::string_view rest = text.substr(authority.size());
  const bool is_reference = authority.starts_with('[');
  const size_t end = is_reference ? authority.find(']') : authority.find(':');
  if (is_reference && end == std::string_view::npos) return false;
  out.host = lower_case(is_reference ? authority.substr(1, end - 1) : authority.substr(0, end));
  authority.remove_prefix(end == std::string_view::npos ? authority.size() : end + (is_reference ? 1 : 0));
  if (!authority.empty()) {
    uint64_t number = 0;
    const bool is_port = authority.starts_with(':') &&
                         parsers::parse_uint(authority.substr(1), UINT16_MAX, number) == parsers::ParseError::kOk;
    if (!is_port || number == 0) return false;
    out.port = std::to_string(number);
  }
  if (!rest.empty()) out.target = (rest.front() == '?' ? "/" : "") + std::string(rest);
  const bool is_clean = std::all_of(rest.begin(), rest.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  return is_clean && (is_reference ? is_address(out.host) : is_host_name(out.host));
}

std::string HttpsUrl::authority() const {
  const bool is_reference = host.find(':') != std::string::npos;
  return (is_reference ? "[" + host + "]" : host) + (port == "443" ? "" : ":" + port);
}

// One of them, from its name to its last byte, or to the end of its time.
class CertificateFetcher::Fetch : public std::enable_shared_from_this<Fetch> {
 public:
  Fetch(CertificateFetcher& owner, const HttpsUrl& url, Done done)
      : owner_(owner),
        url_(url),
        done_(std::move(done)),
        timer_(owner.context_),
        resolver_(owner.context_),
        stream_(owner.context_, owner.tls_) {
    request_ = {http::verb::get, url_.target, 11};
    request_.set(http::field::host, url_.authority());
    request_.set(http::field::accept, "application/pem-certificate-chain, application/pkix-cert");
    request_.set(http::field::connection, "close");
    answer_.header_limit(kHeaderBytesMax);
    answer_.body_limit(owner.config_.fetch_bytes_max);
  }

  void begin() {
    timer_.expires_after(std::chrono::milliseconds(owner_.config_.fetch_time_max.to_milliseconds()));
    timer_.async_wait([self = shared_from_this()](error_code error) {
      if (!error) self->end(IdentityCounter::kFetchTooSlow);
    });
    SSL* session = stream_.native_handle();
    const bool is_named = is_address(url_.host) || SSL_set_tlsext_host_name(session, url_.host.c_str()) == 1;
    error_code error;
    stream_.set_verify_callback(asio::ssl::host_name_verification(url_.host), error);
    if (!is_named || error) return end(IdentityCounter::kFetchFailed);
    resolver_.async_resolve(url_.host, url_.port, [self = shared_from_this()](error_code failed, auto found) {
      self->on_resolved(failed, found);
    });
  }
  void cancel() {
    is_over_ = true;
    timer_.cancel();
    resolver_.cancel();
    error_code error;
    stream_.next_layer().close(error);
  }
  Done take_done() { return std::move(done_); }

 private:
  // What the next step goes on with; nothing goes on behind the end.
  template <typename Next>
  auto then(Next next) {
    return [self = shared_from_this(), next](error_code error, auto&&...) {
      if (self->is_over_) return;
      if (error) return self->end(self->trouble_of(error));
      next(*self);
    };
  }
  static IdentityCounter trouble_of(error_code error) {
    const bool is_too_long = error == http::error::body_limit || error == http::error::header_limit;
    return is_too_long ? IdentityCounter::kFetchTooLong : IdentityCounter::kFetchFailed;
  }

  void on_resolved(error_code error, const tcp::resolver::results_type& found) {
    if (is_over_) return;
    if (error) return end(IdentityCounter::kFetchFailed);
    asio::async_connect(stream_.next_layer(), found, then([](Fetch& self) {
      self.stream_.async_handshake(asio::ssl::stream_base::client, self.then([](Fetch& on) { on.ask(); }));
    }));
  }
  void ask() {
    http::async_write(stream_, request_, then([](Fetch& self) {
      http::async_read(self.stream_, self.buffer_, self.answer_, self.then([](Fetch& on) { on.on_answer(); }));
    }));
  }
  void on_answer() {
    if (answer_.get().result() != http::status::ok) return end(IdentityCounter::kFetchFailed);
    body_ = std::move(answer_.get().body());
    end(std::nullopt);
  }
  void end(std::optional<IdentityCounter> trouble) {
    if (is_over_) return;
    cancel();
    owner_.on_over(shared_from_this(), {trouble, std::move(body_)});
  }

  CertificateFetcher& owner_;
  const HttpsUrl url_;
  Done done_;
  bool is_over_ = false;
  asio::steady_timer timer_;
  tcp::resolver resolver_;
  asio::ssl::stream<tcp::socket> stream_;
  boost::beast::flat_buffer buffer_;
  http::request<http::empty_body> request_;
  http::response_parser<http::string_body> answer_;
  std::string body_;
};

CertificateFetcher::CertificateFetcher(asio::io_context& context, const IdentityConfig& config)
    : context_(context), config_(config), tls_(asio::ssl::context::tls_client) {
  error_code error;
  SSL_CTX_set_min_proto_version(tls_.native_handle(), TLS1_2_VERSION);
  tls_.set_verify_mode(asio::ssl::verify_peer, error);
  if (config.fetch_trust.empty() && !config.fetch_hosts.empty()) tls_.set_default_verify_paths(error);
  for (const std::string& file : config.fetch_trust) {
    tls_.load_verify_file(file, error);
    if (error) throw std::runtime_error("no certificates in " + file + "; [identity] fetch_trust wants PEM files");
  }
}

CertificateFetcher::~CertificateFetcher() { close(); }

void CertificateFetcher::close() {
  for (const auto& fetch : under_way_) fetch->cancel();
  under_way_.clear();
}

bool CertificateFetcher::may_fetch(const HttpsUrl& url) const {
  return std::find(config_.fetch_hosts.begin(), config_.fetch_hosts.end(), url.authority()) !=
         config_.fetch_hosts.end();
}

void CertificateFetcher::fetch(const HttpsUrl& url, Done done) {
  under_way_.push_back(std::make_shared<Fetch>(*this, url, std::move(done)));
  under_way_.back()->begin();
}

void CertificateFetcher::on_over(const std::shared_ptr<Fetch>& fetch, Outcome outcome) {
  // Not before fetch() has returned.
  asio::post(context_, [this, fetch, outcome = std::move(outcome)]() mutable {
    if (std::erase(under_way_, fetch) == 0) return;
    fetch->take_done()(std::move(outcome));
  });
}

}  // namespace vedette::control
