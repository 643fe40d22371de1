// Connections that we open by TLS: whom we call, what the peer has to prove before it hears anything, and why it is not
// believed, each with its counter.
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "tests/support/certificate_authority.h"
#include "tests/support/certificate_file.h"
#include "tests/unit/control_tls_peer.h"

namespace vedette::control {
namespace {

using namespace std::chrono_literals;
using engine::PeerKind;
using support::CertificateAuthority;
using support::CertificateWish;

class TlsOpeningTest : public StreamOpeningTest {
 protected:
  TlsOpeningTest() {
    config_.tcp_listen.clear();
    config_.peers = {{.domain = "example.net"}, {.domain = "example.org"}};
    config_.tls_trust = {authority_.certificate_file()};
  }
  ~TlsOpeningTest() override { std::filesystem::remove_all(folder_); }

  // To example.org, unless another place is given.
  engine::Flow flow_by_tls(uint16_t place = 2) const {
    engine::Flow flow = flow_there();
    flow.transport = engine::Transport::kTls;
    flow.peer = place & engine::kPeersMax;
    return flow;
  }
  // The peer takes the connection and shows that.
  TlsPeer take_as(const TlsCertificate& shown) { return TlsPeer(take(), shown); }
  void go_on(TlsPeer& peer) {
    peer.go_on();
    const std::string records = peer.take_records();
    EXPECT_EQ(peer.wire.send(records), records.size());
  }
  bool hears(TlsPeer& peer, std::string_view text) {
    return becomes([&] {
      go_on(peer);
      return peer.heard.find(text) != std::string::npos;
    });
  }
  // A NOTIFY to a peer that shows this certificate goes back to its shard, for that reason alone, and is not heard.
  void is_not_believed(const TlsCertificate& shown, StreamCounter why) {
    const std::string_view name = to_string(why);
    const uint64_t before = streams_->counters().get(why);
    const uint64_t undeliverable = streams_->counters().get(StreamCounter::kUndeliverable);
    workers_.to_shards.clear();
    workers_.send_to_stream(0, notify(4), flow_by_tls());
    TlsPeer peer = take_as(shown);
    EXPECT_TRUE(becomes([&] {
      go_on(peer);
      return peer.wire.is_over;
    })) << name;
    ASSERT_TRUE(shards_have(1)) << name;
    EXPECT_EQ(workers_.to_shards[0].kind, PeerKind::kNotifyUndeliverable) << name;
    EXPECT_EQ(workers_.to_shards[0].worker, 4U % 3) << name;
    EXPECT_EQ(peer.heard, "") << name;
    EXPECT_EQ(streams_->counters().get(why), before + 1) << name;
    EXPECT_EQ(streams_->counters().get(StreamCounter::kUndeliverable), undeliverable + 1) << name;
    EXPECT_EQ(streams_->counters().get(StreamCounter::kOpened), 0U) << name;
    EXPECT_EQ(streams_->connections(), 0U) << name;
    EXPECT_NE(lines_.str().find("no connection to a peer peer=example.org why=" + std::string(name)), std::string::npos)
        << lines_.str();
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("vedette-opening-" + std::to_string(getpid()));
  const CertificateAuthority authority_{folder_, "authority"};
};

TEST_P(TlsOpeningTest, APeerThatProvesItsDomainIsToldOnOneConnection) {
  start();
  workers_.send_to_stream(0, notify(1), flow_by_tls());
  workers_.send_to_stream(1, notify(2), flow_by_tls());
  TlsPeer peer = take_as(authority_.issue("good", {}));
  EXPECT_TRUE(hears(peer, notify(2)));
  EXPECT_EQ(peer.heard, notify(1) + notify(2));
  EXPECT_EQ(peer.name_asked_for(), "example.org");
  EXPECT_TRUE(counts(StreamCounter::kOpened, 1));
  // What it says there is said by that domain.
  peer.write(answer(1));
  go_on(peer);
  ASSERT_TRUE(shards_have(1));
  EXPECT_EQ(workers_.to_shards[0].flow.transport, engine::Transport::kTls);
  EXPECT_EQ(workers_.to_shards[0].flow.peer, 2U);
  EXPECT_FALSE(workers_.to_shards[0].flow.may_open);
  // One that is lost is opened again by the next message.
  peer.wire.close();
  EXPECT_TRUE(becomes([&] { return streams_->connections() == 0; }));
  workers_.send_to_stream(0, notify(3), flow_by_tls());
  TlsPeer again = take_as(authority_.issue("again", {.serial = 2}));
  EXPECT_TRUE(hears(again, notify(3)));
  EXPECT_EQ(streams_->counters().get(StreamCounter::kUndeliverable), 0U);
}

// RFC 5922 §7.1: by a URI, by a name where there is none, by the common name where there is neither.
TEST_P(TlsOpeningTest, ADomainIsProvedInThreeWays) {
  start();
  const CertificateWish wishes[] = {{.names = "DNS:other.test,URI:sip:EXAMPLE.org"},
                                    {.names = "DNS:other.test,DNS:example.org"},
                                    {.names = "", .common_name = "example.org"}};
  for (const CertificateWish& wish : wishes) {
    workers_.send_to_stream(0, notify(1), flow_by_tls());
    TlsPeer peer = take_as(authority_.issue("one", wish));
    EXPECT_TRUE(hears(peer, notify(1))) << wish.names;
    peer.wire.close();
    EXPECT_TRUE(becomes([&] { return streams_->connections() == 0; }));
  }
}

TEST_P(TlsOpeningTest, EachCertificateThatIsNotBelievedHasItsReason) {
  config_.tls_revoked = {authority_.revoke("revoked.pem", {66})};
  start();
  is_not_believed(authority_.issue("wrong", {.names = "URI:sip:example.com"}), StreamCounter::kTlsPeerWrongDomain);
  is_not_believed(authority_.issue("expired", {.begins = -7'200, .ends = -60}), StreamCounter::kTlsPeerExpired);
  is_not_believed(authority_.issue("early", {.begins = 600}), StreamCounter::kTlsPeerExpired);
  is_not_believed(authority_.issue("revoked", {.serial = 66}), StreamCounter::kTlsPeerRevoked);
  const TlsCertificate own{(folder_ / "own.pem").string(), (folder_ / "own.key").string()};
  ASSERT_TRUE(support::write_certificate(own, "example.org", 1));
  is_not_believed(own, StreamCounter::kTlsPeerSelfSigned);
  const CertificateAuthority other(folder_, "other");
  is_not_believed(other.issue("unknown", {}), StreamCounter::kTlsPeerUnknownIssuer);
  is_not_believed(authority_.issue("mail", {.usage = "emailProtection"}), StreamCounter::kTlsPeerInvalid);
  // And whoever is well certified is heard after all of them.
  workers_.send_to_stream(0, notify(1), flow_by_tls());
  TlsPeer peer = take_as(authority_.issue("good", {}));
  EXPECT_TRUE(hears(peer, notify(1)));
}

TEST_P(TlsOpeningTest, NoDomainIsProvedByHalfOfOne) {
  start();
  for (const char* names : {"DNS:*.example.org", "URI:sip:foo.example.org", "URI:sip:alice@example.org",
                            "URI:sips:example.org", "URI:sip:example.com,DNS:example.org", "IP:127.0.0.1"}) {
    is_not_believed(authority_.issue("half", {.names = names, .common_name = "example.org"}),
                    StreamCounter::kTlsPeerWrongDomain);
  }
}

TEST_P(TlsOpeningTest, WithListsOfRevocationsEveryAuthorityHasOneOfToday) {
  const CertificateAuthority other(folder_, "other");
  config_.tls_trust.push_back(other.certificate_file());
  config_.tls_revoked = {authority_.revoke("revoked.pem", {}, -60)};
  start();
  is_not_believed(authority_.issue("stale", {}), StreamCounter::kTlsPeerRevocationUnknown);
  is_not_believed(other.issue("none", {}), StreamCounter::kTlsPeerRevocationUnknown);
}

TEST_P(TlsOpeningTest, WhoIsRevokedMeanwhileIsRefusedAfterTheListsAreReadAgain) {
  config_.tls_revoked = {authority_.revoke("revoked.pem", {})};
  start();
  const TlsCertificate certificate = authority_.issue("good", {.serial = 7});
  workers_.send_to_stream(0, notify(1), flow_by_tls());
  {
    TlsPeer peer = take_as(certificate);
    EXPECT_TRUE(hears(peer, notify(1)));
  }
  EXPECT_TRUE(becomes([&] { return streams_->connections() == 0; }));
  authority_.revoke("revoked.pem", {7});
  streams_->reload_certificates();
  workers_.send_to_stream(0, notify(4), flow_by_tls());
  TlsPeer peer = take_as(certificate);
  EXPECT_TRUE(becomes([&] {
    go_on(peer);
    return peer.wire.is_over;
  }));
  EXPECT_TRUE(counts(StreamCounter::kTlsPeerRevoked, 1));
}

// One connection of two domains at one place would let one hear what the other's watchers are told.
TEST_P(TlsOpeningTest, TwoDomainsAtOnePlaceHaveAConnectionEach) {
  start();
  const TlsCertificate both = authority_.issue("both", {.names = "URI:sip:example.org,URI:sip:example.net"});
  workers_.send_to_stream(0, notify(1), flow_by_tls(1));
  TlsPeer net = take_as(both);
  EXPECT_TRUE(hears(net, notify(1)));
  workers_.send_to_stream(0, notify(2), flow_by_tls(2));
  TlsPeer org = take_as(both);
  EXPECT_TRUE(hears(org, notify(2)));
  EXPECT_EQ(net.name_asked_for() + org.name_asked_for(), "example.netexample.org");
  EXPECT_EQ(net.heard, notify(1));
}

TEST_P(TlsOpeningTest, APeerThatSaysNothingIsWaitedForAsLongAsAllowed) {
  config_.openings_per_peer_max = 1;
  start();
  workers_.send_to_stream(0, notify(1), flow_by_tls(1));
  const StreamPeer silent = take();
  workers_.send_to_stream(0, notify(2), flow_by_tls(2));
  EXPECT_TRUE(counts(StreamCounter::kRefusedPeerOpenings, 1));
  EXPECT_TRUE(counts(StreamCounter::kUndeliverable, 1));
  pass(9s);
  settle();
  EXPECT_EQ(streams_->connections(), 1U);
  pass(2s);
  EXPECT_TRUE(counts(StreamCounter::kOpenTooSlow, 1));
  EXPECT_TRUE(counts(StreamCounter::kUndeliverable, 2));
  // Its place is free again.
  workers_.send_to_stream(0, notify(3), flow_by_tls(2));
  TlsPeer peer = take_as(authority_.issue("good", {}));
  EXPECT_TRUE(hears(peer, notify(3)));
}

TEST_P(TlsOpeningTest, WhatWaitsForAHandshakeIsLimited) {
  config_.write_bytes_max = 65'536;
  start();
  workers_.send_to_stream(0, notify(1, std::string(60'000, 'x')), flow_by_tls());
  const StreamPeer silent = take();
  workers_.send_to_stream(0, notify(2, std::string(10'000, 'x')), flow_by_tls());
  EXPECT_TRUE(counts(StreamCounter::kWriteQueueFull, 1));
  EXPECT_TRUE(counts(StreamCounter::kUndeliverable, 2));
}

TEST_P(TlsOpeningTest, WhatIsNoTlsIsCountedAsThat) {
  start();
  workers_.send_to_stream(0, notify(1), flow_by_tls());
  StreamPeer peer = take();
  settle();
  peer.send("SIP/2.0 400 Bad Request\r\n\r\n");
  EXPECT_TRUE(counts(StreamCounter::kTlsNotTls, 1));
  EXPECT_TRUE(counts(StreamCounter::kUndeliverable, 1));
}

TEST_P(TlsOpeningTest, FilesThatAreWrongAreSaidToBe) {
  const auto why_not = [&] {
    try {
      start();
    } catch (const std::runtime_error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  config_.tls_revoked = {authority_.certificate_file()};
  EXPECT_EQ(why_not(), "no revocation list in " + authority_.certificate_file() +
                           "; [tls] revoked wants PEM files of such lists");
  config_.tls_trust = {(folder_ / "absent.pem").string()};
  EXPECT_EQ(why_not(), "no certificates in " + config_.tls_trust[0] + "; [tls] trust wants PEM files of authorities");
}

INSTANTIATE_TEST_SUITE_P(Threads, TlsOpeningTest, testing::Values(1U, 2U), testing::PrintToStringParamName());

}  // namespace
}  // namespace vedette::control
