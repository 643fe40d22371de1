// Certificates of identities fetched by HTTPS, from a server of our own on the loopback that answers well, badly, at
// length, late, or not at all; what is kept of them, and how many requests wait meanwhile.
#include "engine/control/certificate_fetcher.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/control/identity_verifier.h"
#include "tests/support/certificate_authority.h"
#include "tests/support/control_fake_workers.h"
#include "tests/support/identity_signer.h"

namespace vedette::control {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using asio::ip::tcp;
using engine::Reason;
using std::chrono::steady_clock;

TEST(HttpsUrlTest, IsTakenApart) {
  for (const auto& [text, authority, target] :
       {std::tuple("https://Certs.Example.ORG/a/b.pem?x=1#y", "certs.example.org", "/a/b.pem?x=1"),
        std::tuple("https://certs.example.org", "certs.example.org", "/"),
        std::tuple("https://certs.example.org?x", "certs.example.org", "/?x"),
        std::tuple("https://192.0.2.1:08443/", "192.0.2.1:8443", "/"),
        std::tuple("https://certs.example.org:443/", "certs.example.org", "/"),
        std::tuple("https://[2001:DB8::1]:8443/a", "[2001:db8::1]:8443", "/a"),
        std::tuple("https://[::1]", "[::1]", "/")}) {
    HttpsUrl url;
    ASSERT_TRUE(HttpsUrl::parse(text, url)) << text;
    EXPECT_EQ(url.authority(), authority);
    EXPECT_EQ(url.target, target);
  }
  for (const std::string_view bad :
       {"", "http://a.b/", "https://", "https:///a", "https://a@b/", "https://a:b@c/", "https://a.b:0/",
        "https://a.b:/", "https://a.b:65536/",
        "https://a.b:x/", "https://[::1", "https://[::1]x/", "https://[a.b]/", "https://a b/",
        "https://a.b/\r\nX: y", "https://a..b/", "HTTPS://a.b/"}) {
    HttpsUrl url;
    EXPECT_FALSE(HttpsUrl::parse(bad, url)) << bad;
  }
}

// Answers one connection after the other, by the path that is asked for.
class HttpsServer {
 public:
  HttpsServer(const TlsCertificate& certificate, std::string body)
      : body_(std::move(body)), tls_(asio::ssl::context::tls_server), acceptor_(context_, {tcp::v4(), 0}) {
    tls_.use_certificate_chain_file(certificate.chain);
    tls_.use_private_key_file(certificate.key, asio::ssl::context::pem);
    thread_ = std::thread([this] { run(); });
  }
  ~HttpsServer() {
    is_over_ = true;
    boost::system::error_code error;
    tcp::socket(context_).connect({asio::ip::address_v4::loopback(), port()}, error);   // So that it looks up.
    thread_.join();
  }
  uint16_t port() const { return acceptor_.local_endpoint().port(); }
  int asked() const { return asked_; }
  void set_body(std::string body) { body_ = std::move(body); }   // Between requests.

 private:
  void run() {
    while (!is_over_) {
      asio::ssl::stream<tcp::socket> stream(context_, tls_);
      boost::system::error_code error;
      acceptor_.accept(stream.next_layer(), error);
      if (error || is_over_) return;
      ++asked_;
      stream.handshake(asio::ssl::stream_base::server, error);
      asio::streambuf head;
      if (!error) asio::read_until(stream, head, "\r\n\r\n", error);
      if (error) continue;
      const std::string request{std::istreambuf_iterator<char>(&head), {}};
      asio::write(stream, asio::buffer(answer_to(request)), error);
      // Until the other end has gone, or soon after.
      for (int i = 0; i < 200 && request.starts_with("GET /slow") && !is_over_; ++i) std::this_thread::sleep_for(5ms);
      stream.shutdown(error);
    }
  }
  std::string answer_to(const std::string& request) const {
    const auto answer = [](const std::string& status, const std::string& headers, const std::string& body) {
      return "HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
             body;
    };
    if (request.starts_with("GET /a.pem ")) return answer("200 OK", "", body_);
    if (request.starts_with("GET /huge ")) return answer("200 OK", "", std::string(200'000, 'x'));
    if (request.starts_with("GET /endless ")) return "HTTP/1.1 200 OK\r\n\r\n" + std::string(200'000, 'x');
    if (request.starts_with("GET /headers ")) return "HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n";
    if (request.starts_with("GET /moved ")) return answer("302 Found", "Location: /a.pem\r\n", "");
    if (request.starts_with("GET /html ")) return answer("200 OK", "", "<html>no certificate</html>");
    if (request.starts_with("GET /noise ")) return "what is this?\r\n\r\n";
    if (request.starts_with("GET /slow ")) return "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx";
    return answer("404 Not Found", "", "");
  }

  std::string body_;
  std::atomic<bool> is_over_ = false;
  std::atomic<int> asked_ = 0;
  asio::io_context context_;
  asio::ssl::context tls_;
  tcp::acceptor acceptor_;
  std::thread thread_;
};

class CertificateFetcherTest : public testing::Test {
 protected:
  CertificateFetcherTest()
      : folder_(std::filesystem::temp_directory_path() / ("fetcher-" + std::to_string(getpid()))),
        authority_(folder_, "authority"),
        log_(LogFormat::kText, LogLevel::kError),
        workers_(1, {}) {
    signer_ = authority_.issue("signer", {.names = "DNS:example.net"});
    config_.is_on = true;
    config_.freshness = engine::Duration::seconds(60);
    config_.trust = {authority_.certificate_file()};
    config_.fetch_trust = {authority_.certificate_file()};
    config_.fetch_time_max = engine::Duration::seconds(7);
    begin_server("IP:127.0.0.1");
  }
  ~CertificateFetcherTest() override { std::filesystem::remove_all(folder_); }

  void begin_server(const std::string& names) {
    std::ifstream file(signer_.chain);
    const std::string body{std::istreambuf_iterator<char>(file), {}};
    server_ = std::make_unique<HttpsServer>(authority_.issue("server", {.names = names, .serial = 9}), body);
    config_.fetch_hosts = {"127.0.0.1:" + std::to_string(server_->port())};
  }
  IdentityVerifier& verifier() {
    if (verifier_ == nullptr) verifier_ = std::make_unique<IdentityVerifier>(context_, config_, workers_, log_);
    return *verifier_;
  }
  // A request signed by who has his certificate at that path.
  void ask(const std::string& path) {
    const int64_t wall = time(nullptr);
    const support::PassportWish wish{.url = "https://" + config_.fetch_hosts.front() + path, .iat = wall};
    const std::string number = std::to_string(++cseq_);
    workers_.have_verified(
        0,
        "SUBSCRIBE sip:alice@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK\r\n"
        "From: <sip:carol@example.net>;tag=w\r\nTo: <sip:alice@example.com>\r\nCall-ID: " + number +
            "\r\nCSeq: 1 SUBSCRIBE\r\nDate: " + support::sip_date(wall) + "\r\n" +
            support::IdentitySigner(signer_.key).compact(wish) + "Content-Length: 0\r\n\r\n",
        {});
  }
  void turn() {
    context_.restart();
    context_.poll();
    verifier().on_turn(steady_clock::now() + ahead_, engine::Instant::from_unix_seconds(time(nullptr)));
  }
  // Turns until there are so many verdicts; the last one. kCount: it took too long.
  Reason wait_for(size_t verdicts) {
    for (int i = 0; i < 6'000 && workers_.verdicts.size() < verdicts; ++i) {
      turn();
      std::this_thread::sleep_for(1ms);
    }
    return workers_.verdicts.size() == verdicts ? workers_.verdicts.back().verdict : Reason::kCount;
  }
  Reason verdict_on(const std::string& path) {
    ask(path);
    return wait_for(workers_.verdicts.size() + 1);
  }
  uint64_t count(IdentityCounter counter) { return verifier().counters().get(counter); }

  const std::filesystem::path folder_;
  const support::CertificateAuthority authority_;
  TlsCertificate signer_;
  Log log_;
  FakeWorkers workers_;
  asio::io_context context_;
  IdentityConfig config_;
  std::unique_ptr<HttpsServer> server_;
  std::chrono::milliseconds ahead_{0};
  int cseq_ = 0;

 private:
  std::unique_ptr<IdentityVerifier> verifier_;
};

TEST_F(CertificateFetcherTest, WhatIsFetchedIsKept) {
  EXPECT_EQ(verdict_on("/a.pem"), Reason::kNone);
  EXPECT_EQ(verdict_on("/a.pem"), Reason::kNone);
  EXPECT_EQ(count(IdentityCounter::kFetches), 1U);
  EXPECT_EQ(server_->asked(), 1);
  ahead_ = std::chrono::seconds(3'700);
  EXPECT_EQ(verdict_on("/a.pem"), Reason::kNone);
  EXPECT_EQ(count(IdentityCounter::kFetches), 2U);
}

TEST_F(CertificateFetcherTest, AllWhoNeedItWaitForOne) {
  for (int i = 0; i < 20; ++i) ask("/a.pem");
  turn();
  EXPECT_EQ(verifier().held(), 20U);
  EXPECT_EQ(wait_for(20), Reason::kNone);
  EXPECT_EQ(server_->asked(), 1);
  EXPECT_EQ(count(IdentityCounter::kVerified), 20U);
}

TEST_F(CertificateFetcherTest, WhatIsNoCertificateIsSaidAndNotAskedForAgainAtOnce) {
  for (const auto& [path, counter] :
       {std::pair("/missing", IdentityCounter::kFetchFailed), std::pair("/moved", IdentityCounter::kFetchFailed),
        std::pair("/noise", IdentityCounter::kFetchFailed), std::pair("/html", IdentityCounter::kCertificateMalformed),
        std::pair("/huge", IdentityCounter::kFetchTooLong), std::pair("/endless", IdentityCounter::kFetchTooLong),
        std::pair("/headers", IdentityCounter::kFetchTooLong)}) {
    const uint64_t before = count(counter);
    EXPECT_EQ(verdict_on(path), Reason::kBadIdentityInfo) << path;
    EXPECT_EQ(count(counter), before + 1) << path;
    EXPECT_EQ(verdict_on(path), Reason::kBadIdentityInfo) << path;
    EXPECT_EQ(count(counter), before + 1) << path;
  }
  EXPECT_EQ(server_->asked(), 7) << "and no redirect was followed";
  ahead_ = std::chrono::seconds(31);
  EXPECT_EQ(verdict_on("/missing"), Reason::kBadIdentityInfo);
  EXPECT_EQ(server_->asked(), 8);
}

TEST_F(CertificateFetcherTest, WhoIsTooSlowIsNotWaitedFor) {
  config_.fetch_time_max = engine::Duration::milliseconds(200);
  const auto begin = steady_clock::now();
  EXPECT_EQ(verdict_on("/slow"), Reason::kBadIdentityInfo);
  EXPECT_LT(steady_clock::now() - begin, 5s);
  EXPECT_EQ(count(IdentityCounter::kFetchTooSlow), 1U);
}

TEST_F(CertificateFetcherTest, NorIsARequestHeldForEver) {
  config_.held_time_max = engine::Duration::milliseconds(100);
  EXPECT_EQ(verdict_on("/slow"), Reason::kBadIdentityInfo);
  EXPECT_EQ(count(IdentityCounter::kHeldTooLong), 1U);
}

TEST_F(CertificateFetcherTest, SoManyAreFetchedAtATime) {
  config_.fetches_max = 1;
  ask("/slow");
  ask("/a.pem");
  EXPECT_EQ(wait_for(2), Reason::kNone) << "in its turn";
  EXPECT_EQ(workers_.verdicts.front().verdict, Reason::kBadIdentityInfo);
  EXPECT_EQ(count(IdentityCounter::kFetches), 2U);
}

TEST_F(CertificateFetcherTest, SoManyAreKept) {
  config_.certificates_max = 1;
  EXPECT_EQ(verdict_on("/a.pem"), Reason::kNone);
  EXPECT_EQ(verdict_on("/missing"), Reason::kBadIdentityInfo);
  EXPECT_EQ(count(IdentityCounter::kCertificatesForgotten), 1U);
  EXPECT_EQ(verdict_on("/a.pem"), Reason::kNone);
  EXPECT_EQ(count(IdentityCounter::kFetches), 3U);
}

TEST_F(CertificateFetcherTest, TheGoodOnesAreKeptRatherThanTheOthers) {
  config_.certificates_max = 2;
  EXPECT_EQ(verdict_on("/a.pem"), Reason::kNone);
  for (const char* path : {"/b", "/c", "/d"}) EXPECT_EQ(verdict_on(path), Reason::kBadIdentityInfo);
  EXPECT_EQ(count(IdentityCounter::kCertificatesForgotten), 2U);
  EXPECT_EQ(verdict_on("/a.pem"), Reason::kNone);
  EXPECT_EQ(server_->asked(), 4);
}

// Whoever names one address after the other does not make us ask there without end.
TEST_F(CertificateFetcherTest, SoManyAreFetchedInAMinute) {
  config_.fetches_per_minute_max = 3;
  EXPECT_EQ(verdict_on("/a.pem"), Reason::kNone);
  for (const char* path : {"/b", "/c", "/d", "/e"}) EXPECT_EQ(verdict_on(path), Reason::kBadIdentityInfo);
  EXPECT_EQ(server_->asked(), 3);
  EXPECT_EQ(count(IdentityCounter::kFetchesTooMany), 2U);
  EXPECT_EQ(verdict_on("/a.pem"), Reason::kNone);
  ahead_ = 61s;
  EXPECT_EQ(verdict_on("/d"), Reason::kBadIdentityInfo);
  EXPECT_EQ(server_->asked(), 4);
}

TEST_F(CertificateFetcherTest, TheHostHasToProveThatItIsIt) {
  begin_server("DNS:certs.example.org");
  EXPECT_EQ(verdict_on("/a.pem"), Reason::kBadIdentityInfo);
  EXPECT_EQ(count(IdentityCounter::kFetchFailed), 1U);
}

TEST_F(CertificateFetcherTest, ByAnAuthorityThatIsBelieved) {
  const support::CertificateAuthority stranger(folder_ / "other", "stranger");
  config_.fetch_trust = {stranger.certificate_file()};
  EXPECT_EQ(verdict_on("/a.pem"), Reason::kBadIdentityInfo);
}

TEST_F(CertificateFetcherTest, NobodyIsThere) {
  config_.fetch_hosts = {"127.0.0.1:1"};
  EXPECT_EQ(verdict_on("/a.pem"), Reason::kBadIdentityInfo);
  EXPECT_EQ(count(IdentityCounter::kFetchFailed), 1U);
}

TEST_F(CertificateFetcherTest, WhatIsUnderWayAtTheEndIsLeft) {
  ask("/slow");
  turn();
  verifier().close();
  context_.restart();
  context_.run_for(50ms);
  EXPECT_TRUE(workers_.verdicts.empty());
}

}  // namespace
}  // namespace vedette::control
