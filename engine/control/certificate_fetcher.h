// Fetches certificates by HTTPS (RFC 8224 §7.2), from hosts that the operator names and from nowhere else, so that
// nobody who sends a request can make us call anybody. One GET each: no redirect is followed, nothing else than 200
// taken; time, bytes and how many are under way have limits. Control thread only.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/control/identity_config.h"
#include "engine/control/identity_counters.h"

namespace vedette::control {

// What of a URL is needed to fetch it.
struct HttpsUrl {
  std::string host;          // Lower case; an address without its brackets.
  std::string port = "443";
  std::string target = "/";  // Path and query.

  // False for anything but https without user information; a fragment is left out.
  static bool parse(std::string_view text, HttpsUrl& out);
  // As identity.fetch_hosts has it: "host", "host:8443", "[2001:db8::1]:8443".
  std::string authority() const;
};

class CertificateFetcher {
 public:
  struct Outcome {
    std::optional<IdentityCounter> trouble;   // kFetchFailed, kFetchTooSlow, kFetchTooLong.
    std::string body;
  };
  using Done = std::function<void(Outcome)>;

  // Throws std::runtime_error, whose text says what to do. Both outlive this.
  CertificateFetcher(boost::asio::io_context& context, const IdentityConfig& config);
  ~CertificateFetcher();
  CertificateFetcher(const CertificateFetcher&) = delete;
  CertificateFetcher& operator=(const CertificateFetcher&) = delete;

  bool may_fetch(const HttpsUrl& url) const;
  bool has_room() const { return under_way_.size() < config_.fetches_max; }
  // `done` is called once, at a later turn; never after close(). may_fetch() and has_room() have said yes.
  void fetch(const HttpsUrl& url, Done done);
  void close();

 private:
  class Fetch;
  void on_over(const std::shared_ptr<Fetch>& fetch, Outcome outcome);

  boost::asio::io_context& context_;
  const IdentityConfig& config_;
  boost::asio::ssl::context tls_;
  std::vector<std::shared_ptr<Fetch>> under_way_;
};

}  // namespace vedette::control
