// Mutual TLS: who is asked for a certificate, whom it makes him here, why one is not believed, and connections that a
// peer lets us use (RFC 5923).
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "tests/support/certificate_authority.h"
#include "tests/support/certificate_file.h"
#include "tests/unit/control_tls_peer.h"

namespace vedette::control {
namespace {

using engine::PeerKind;
using support::CertificateAuthority;

class MutualTlsTest : public StreamOpeningTest {
 protected:
  MutualTlsTest() {
    config_.tcp_listen.clear();
    config_.tls_listen = {loopback(0)};
    config_.tls_certificates = {authority_.issue("server", {.names = "DNS:example.com"})};
    config_.peers = {{.domain = "example.net"}, {.domain = "example.org", .v4 = flow_there().remote}};
    config_.tls_trust = {authority_.certificate_file()};
    config_.client_certificates = ClientCertificates::kOptional;
  }
  ~MutualTlsTest() override { std::filesystem::remove_all(folder_); }

  TlsPeer call(const TlsCertificate* shown, int version = TLS1_3_VERSION) {
    return TlsPeer(connect(), version, "example.com", shown);
  }
  void go_on(TlsPeer& peer) {
    peer.go_on();
    peer.wire.send(peer.take_records());   // Who has been refused by now has nobody to send them to.
  }
  // What the shards get of a request by that connection; a default flow when it is none.
  engine::Flow says(TlsPeer& peer, const std::string& text) {
    workers_.to_shards.clear();
    bool has_asked = false;
    becomes([&] {
      go_on(peer);
      if (peer.has_shaken_hands() && !has_asked) {
        peer.write(text);
        has_asked = true;
      }
      return !workers_.to_shards.empty() || peer.wire.is_over;
    });
    return workers_.to_shards.empty() ? engine::Flow{} : workers_.to_shards.front().flow;
  }
  bool hears(TlsPeer& peer, std::string_view text) {
    return becomes([&] {
      go_on(peer);
      return peer.heard.find(text) != std::string::npos;
    });
  }
  void is_refused(const TlsCertificate* shown, StreamCounter why) {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      const uint64_t before = streams_->counters().get(why);
      TlsPeer peer = call(shown, version);
      EXPECT_EQ(says(peer, request(1)).connection, 0U) << to_string(why);
      EXPECT_TRUE(peer.wire.is_over) << to_string(why);
      EXPECT_EQ(streams_->counters().get(why), before + 1) << to_string(why);
      EXPECT_EQ(streams_->connections(), 0U) << to_string(why);
    }
    EXPECT_EQ(streams_->counters().get(StreamCounter::kTlsHandshakes), 0U) << to_string(why);
  }
  // As the peer at `sent_by` asks for what RFC 5923 allows it.
  static std::string with_alias(const std::string& sent_by, const std::string& alias = ";alias") {
    return "OPTIONS sip:example.com SIP/2.0\r\nVia: SIP/2.0/TLS " + sent_by + ";branch=z9hG4bK1" + alias +
           "\r\nContent-Length: 0\r\n\r\n";
  }
  std::string called_at(const std::string& host) const {
    return host + ":" + std::to_string(acceptor_.local_endpoint().port());
  }
  engine::Flow flow_to_peer() const {
    engine::Flow flow = flow_there();
    flow.transport = engine::Transport::kTls;
    flow.peer = 2;
    return flow;
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("vedette-mutual-" + std::to_string(getpid()));
  const CertificateAuthority authority_{folder_, "authority"};
};

TEST_P(MutualTlsTest, WhoProvesThePeersDomainSpeaksForIt) {
  start();
  const TlsCertificate org = authority_.issue("org", {.names = "URI:sip:example.org,URI:sip:other.test"});
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsPeer peer = call(&org, version);
    EXPECT_EQ(says(peer, request(1)).peer, 2U);
    const std::vector<StreamProof> proofs = streams_->proofs(10);
    ASSERT_EQ(proofs.size(), 1U);
    EXPECT_EQ(proofs[0].peer, "example.org");
    EXPECT_EQ(proofs[0].domains, (std::vector<std::string>{"example.org", "other.test"}));
    EXPECT_FALSE(proofs[0].is_ours);
    EXPECT_FALSE(proofs[0].is_alias);
    EXPECT_TRUE(streams_->proofs(0).empty());
    peer.wire.close();
    EXPECT_TRUE(becomes([&] { return streams_->connections() == 0; }));
  }
  EXPECT_TRUE(counts(StreamCounter::kTlsPeerProved, 2));
}

TEST_P(MutualTlsTest, WhoShowsNoneIsServedAsBefore) {
  start();
  TlsPeer peer = call(nullptr);
  const engine::Flow flow = says(peer, request(1));
  EXPECT_NE(flow.connection, 0U);
  EXPECT_EQ(flow.peer, engine::kNoPeer);
  EXPECT_TRUE(streams_->proofs(10).empty());
}

TEST_P(MutualTlsTest, ADomainThatIsNobodysPeerIsShownAndSpeaksForNone) {
  start();
  const TlsCertificate other = authority_.issue("other", {.names = "DNS:foo.example.org,DNS:*.example.org"});
  TlsPeer peer = call(&other);
  EXPECT_EQ(says(peer, request(1)).peer, engine::kNoPeer);
  ASSERT_EQ(streams_->proofs(10).size(), 1U);
  EXPECT_EQ(streams_->proofs(10)[0].peer, "");
  EXPECT_EQ(streams_->counters().get(StreamCounter::kTlsPeerProved), 0U);
}

// RFC 5922 §7.1: the identities of a certificate are a set.
TEST_P(MutualTlsTest, OfSeveralPeersItSpeaksForTheOneThatEachMessageNames) {
  config_.peers = {{.domain = "example.edu"},
                   {.domain = "example.net", .asserts = {"example.net", "users.test"}},
                   {.domain = "example.org", .v4 = flow_there().remote, .asserts = {"users.test", "other.test"}}};
  start();
  const TlsCertificate both = authority_.issue("both", {.names = "URI:sip:example.org,URI:sip:example.net"});
  TlsPeer peer = call(&both);
  const auto from = [&](std::string_view domain, const std::string& asserted = "") {
    const std::string identity = asserted.empty() ? "" : "P-Asserted-Identity: <sip:a@" + asserted + ">\r\n";
    return says(peer, "OPTIONS sip:example.com SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1;branch=z9hG4bKa\r\nFrom: <sip:a@" +
                          std::string(domain) + ">;tag=a\r\nTo: <sip:example.com>\r\nCall-ID: a\r\n" +
                          "CSeq: 1 OPTIONS\r\n" + identity + "Content-Length: 0\r\n\r\n").peer;
  };
  EXPECT_EQ(from("Example.ORG"), 3U);
  EXPECT_EQ(from("example.net"), 2U);
  EXPECT_EQ(from("elsewhere.test"), 2U) << "the first one";
  EXPECT_EQ(from("example.edu"), 2U) << "that is a peer, and not proven here";
  EXPECT_EQ(from("example.org", "example.net"), 2U) << "what is asserted goes first";
  EXPECT_EQ(from("example.net", "other.test"), 3U) << "the one that may assert it";
  EXPECT_EQ(from("example.org", "users.test"), 2U) << "the first one that may";
  EXPECT_EQ(from("example.org", "nobody.test"), 3U);
  ASSERT_EQ(streams_->proofs(10).size(), 1U);
  EXPECT_EQ(streams_->proofs(10)[0].peer, "example.net, example.org");
  // Expect: each may lend the connection (RFC 5923).
  says(peer, with_alias(called_at("example.org")));
  EXPECT_TRUE(streams_->proofs(10)[0].is_alias);
  workers_.send_to_stream(1, notify(2), [&] {
    engine::Flow flow = flow_to_peer();
    flow.peer = 3;
    return flow;
  }());
  EXPECT_TRUE(hears(peer, notify(2)));
  EXPECT_EQ(streams_->counters().get(StreamCounter::kOpened), 0U);
}

TEST_P(MutualTlsTest, NobodyIsAskedUnlessTold) {
  config_.client_certificates = ClientCertificates::kNone;
  start();
  const TlsCertificate org = authority_.issue("org", {});
  TlsPeer peer = call(&org);
  EXPECT_EQ(says(peer, request(1)).peer, engine::kNoPeer);
  EXPECT_TRUE(streams_->proofs(10).empty());
}

TEST_P(MutualTlsTest, EachCertificateThatIsNotBelievedHasItsReason) {
  config_.tls_revoked = {authority_.revoke("revoked.pem", {66})};
  start();
  const TlsCertificate expired = authority_.issue("expired", {.begins = -7'200, .ends = -60});
  is_refused(&expired, StreamCounter::kTlsPeerExpired);
  const TlsCertificate revoked = authority_.issue("revoked", {.serial = 66});
  is_refused(&revoked, StreamCounter::kTlsPeerRevoked);
  const TlsCertificate own{(folder_ / "own.pem").string(), (folder_ / "own.key").string()};
  ASSERT_TRUE(support::write_certificate(own, "example.org", 1));
  is_refused(&own, StreamCounter::kTlsPeerSelfSigned);
  const TlsCertificate unknown = CertificateAuthority(folder_, "other").issue("unknown", {});
  is_refused(&unknown, StreamCounter::kTlsPeerUnknownIssuer);
  const TlsCertificate server = authority_.issue("serving", {.usage = "serverAuth"});
  is_refused(&server, StreamCounter::kTlsPeerInvalid);
}

TEST_P(MutualTlsTest, WhereOneIsRequiredNobodyComesWithout) {
  config_.client_certificates = ClientCertificates::kRequired;
  start();
  is_refused(nullptr, StreamCounter::kTlsPeerNoCertificate);
  const TlsCertificate org = authority_.issue("org", {});
  TlsPeer peer = call(&org);
  EXPECT_EQ(says(peer, request(1)).peer, 2U);
}

// A ticket says who got it.
TEST_P(MutualTlsTest, AResumedSessionIsThePeersStill) {
  start();
  const TlsCertificate org = authority_.issue("org", {});
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsPeer first = call(&org, version);
    ASSERT_EQ(says(first, "\r\n\r\n" + request(1)).peer, 2U);
    EXPECT_TRUE(hears(first, "\r\n"));   // And the ticket.
    const std::unique_ptr<SSL_SESSION, decltype(&SSL_SESSION_free)> session(SSL_get1_session(first.session()),
                                                                           SSL_SESSION_free);
    TlsPeer again = call(nullptr, version);
    ASSERT_EQ(SSL_set_session(again.session(), session.get()), 1);
    EXPECT_EQ(says(again, request(2)).peer, 2U);
    EXPECT_EQ(SSL_session_reused(again.session()), 1);
    // But not when authorities and lists have been read again: it has to show its certificate.
    streams_->reload_certificates();
    TlsPeer late = call(nullptr, version);
    ASSERT_EQ(SSL_set_session(late.session(), session.get()), 1);
    EXPECT_EQ(says(late, request(3)).peer, engine::kNoPeer);
    EXPECT_EQ(SSL_session_reused(late.session()), 0);
  }
}

// RFC 5923 §5: "alias" in the topmost Via of a peer that has proved its domain.
TEST_P(MutualTlsTest, AConnectionWithAnAliasIsUsedInPlaceOfOneOfOurs) {
  start();
  const TlsCertificate org = authority_.issue("org", {});
  for (const std::string& host : {std::string("Example.ORG"), std::string("127.0.0.1")}) {
    TlsPeer peer = call(&org);
    ASSERT_EQ(says(peer, with_alias(called_at(host))).peer, 2U);
    ASSERT_EQ(streams_->proofs(10).size(), 1U);
    EXPECT_TRUE(streams_->proofs(10)[0].is_alias) << host;
    workers_.send_to_stream(1, notify(2), flow_to_peer());
    EXPECT_TRUE(hears(peer, notify(2))) << host;
    EXPECT_EQ(streams_->counters().get(StreamCounter::kOpened), 0U);
    peer.wire.close();
    EXPECT_TRUE(becomes([&] { return streams_->connections() == 0; }));
  }
  EXPECT_TRUE(counts(StreamCounter::kAliased, 2));
  // When it is gone, one is opened.
  workers_.send_to_stream(1, notify(3), flow_to_peer());
  TlsPeer called(take(), org);
  EXPECT_TRUE(hears(called, notify(3)));
}

TEST_P(MutualTlsTest, NoOtherConnectionIs) {
  start();
  const TlsCertificate org = authority_.issue("org", {});
  const TlsCertificate net = authority_.issue("net", {.names = "URI:sip:example.net"});
  TlsPeer silent = call(&org);
  says(silent, with_alias(called_at("example.org"), ""));
  TlsPeer elsewhere = call(&org);
  says(elsewhere, with_alias("example.org:4999"));
  TlsPeer other_host = call(&org);
  says(other_host, with_alias(called_at("host.example.org")));
  TlsPeer other_peer = call(&net);
  says(other_peer, with_alias(called_at("example.org")));
  TlsPeer nobody = call(nullptr);
  says(nobody, with_alias(called_at("example.org")));
  EXPECT_EQ(streams_->connections(), 5U);
  EXPECT_EQ(streams_->counters().get(StreamCounter::kAliased), 0U);
  workers_.send_to_stream(1, notify(2), flow_to_peer());
  TlsPeer called(take(), org);
  EXPECT_TRUE(hears(called, notify(2)));
}

INSTANTIATE_TEST_SUITE_P(Threads, MutualTlsTest, testing::Values(1U, 2U), testing::PrintToStringParamName());

}  // namespace
}  // namespace vedette::control
