// TLS connections: handshakes however they are cut up, certificates that change under connections, what is refused, and
// the limits on handshakes, each with its counter.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/support/certificate_file.h"
#include "tests/unit/control_tls_peer.h"

namespace vedette::control {
namespace {

using namespace std::chrono_literals;
using support::write_certificate;

constexpr int kVersions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

class TlsTest : public StreamsTest {
 protected:
  TlsTest() : folder_(std::filesystem::temp_directory_path() / ("vedette-tls-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
    config_.tcp_listen.clear();
    config_.tls_listen = {loopback(0)};
    config_.connections_per_peer_max = config_.connections_max;
    config_.tls_certificates = {files("example.com"), files("example.org")};
    EXPECT_TRUE(write_certificate(config_.tls_certificates[0], "example.com", 1));
    EXPECT_TRUE(write_certificate(config_.tls_certificates[1], "example.org", 2));
  }
  ~TlsTest() override { std::filesystem::remove_all(folder_); }

  TlsCertificate files(const std::string& name) const {
    return {(folder_ / (name + ".pem")).string(), (folder_ / (name + ".key")).string()};
  }
  static void copy(const std::string& from, const std::string& to) {
    std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
  }
  TlsPeer call(int version = TLS1_3_VERSION, const std::string& name = "example.com") {
    return TlsPeer(connect(), version, name);
  }
  static void send_records(TlsPeer& peer) {
    const std::string records = peer.take_records();
    EXPECT_EQ(peer.wire.send(records), records.size());
  }
  bool shakes_hands(TlsPeer& peer) {
    return becomes([&] {
      peer.go_on();
      send_records(peer);
      return peer.has_shaken_hands() || peer.wire.is_over;
    }) && peer.has_shaken_hands();
  }
  bool hears(TlsPeer& peer, std::string_view text) {
    return becomes([&] {
      peer.go_on();
      return peer.heard.find(text) != std::string::npos;
    });
  }
  // A ping, and what is said to it.
  bool is_served(TlsPeer& peer) {
    peer.heard.clear();
    peer.write("\r\n\r\n");
    send_records(peer);
    return hears(peer, "\r\n");
  }
  bool is_ended(TlsPeer& peer) {
    return becomes([&] {
      peer.go_on();
      return peer.wire.is_over;
    });
  }
  long serial_for(const std::string& name) {
    TlsPeer peer = call(TLS1_3_VERSION, name);
    return shakes_hands(peer) && is_served(peer) ? peer.serial_shown() : -1;
  }

  const std::filesystem::path folder_;
};

// Each flight of the client, and its first request, are sent in two pieces: cut at every place there is.
TEST_P(TlsTest, HandshakesAreCutAtEveryByte) {
  start();
  for (const int version : kVersions) {
    size_t longest = 1;
    for (size_t at = 1; at <= longest; ++at) {
      TlsPeer peer = call(version);
      bool has_asked = false;
      const auto answered = [&] {
        peer.go_on();
        if (peer.has_shaken_hands() && !has_asked) {
          peer.write(request(1));
          has_asked = true;
        }
        const std::string flight = peer.take_records();
        longest = std::max(longest, flight.size());
        const size_t cut = std::min(at, flight.size());
        EXPECT_EQ(peer.wire.send(flight.substr(0, cut)), cut);
        for (int i = 0; i < 3 && cut < flight.size(); ++i) turn();
        EXPECT_EQ(peer.wire.send(flight.substr(cut)), flight.size() - cut);
        return !workers_.to_shards.empty();
      };
      ASSERT_TRUE(becomes(answered)) << "cut at " << at;
      EXPECT_EQ(workers_.to_shards.front().bytes, request(1));
      EXPECT_EQ(workers_.to_shards.front().flow.transport, engine::Transport::kTls);
      workers_.to_shards.clear();
    }
    EXPECT_GT(longest, 100U);
  }
}

TEST_P(TlsTest, AMessageOfManyRecordsAndARecordOfManySegments) {
  start();
  for (const int version : kVersions) {
    TlsPeer peer = call(version);
    ASSERT_TRUE(shakes_hands(peer));
    for (const char byte : request(1, "body")) peer.write({&byte, 1});
    peer.write(request(2, std::string(9'000, 'x')) + request(3));
    for (const char byte : peer.take_records()) {
      EXPECT_EQ(peer.wire.send({&byte, 1}), 1U);
      turn();
    }
    ASSERT_TRUE(shards_have(3));
    EXPECT_EQ(workers_.to_shards[0].bytes, request(1, "body"));
    EXPECT_EQ(workers_.to_shards[1].bytes, request(2, std::string(9'000, 'x')));
    // What is written is a peer's who takes its time, too.
    const engine::Flow flow = workers_.to_shards[0].flow;
    workers_.send_to_stream(1, notify(1, std::string(200'000, 'y')), flow);
    EXPECT_TRUE(hears(peer, std::string(200'000, 'y')));
    workers_.to_shards.clear();
  }
}

TEST_P(TlsTest, NewCertificatesAreShownToNewConnectionsAndOldOnesGoOn) {
  start();
  TlsPeer before = call();
  TlsPeer halfway = call();
  ASSERT_TRUE(shakes_hands(before));
  halfway.go_on();
  const std::string hello = halfway.take_records();
  EXPECT_EQ(halfway.wire.send(hello.substr(0, 50)), 50U);
  settle();
  ASSERT_TRUE(write_certificate(config_.tls_certificates[0], "example.com", 11));
  streams_->reload_certificates();
  EXPECT_NE(lines_.str().find("certificates read anew"), std::string::npos);
  EXPECT_EQ(serial_for("example.com"), 11);
  EXPECT_EQ(serial_for("example.org"), 2);
  EXPECT_EQ(serial_for("elsewhere.test"), 11);
  EXPECT_TRUE(is_served(before));
  EXPECT_EQ(before.serial_shown(), 1);
  // What has begun ends as it began.
  EXPECT_EQ(halfway.wire.send(hello.substr(50)), hello.size() - 50);
  EXPECT_TRUE(shakes_hands(halfway) && is_served(halfway));
  EXPECT_EQ(halfway.serial_shown(), 1);
}

TEST_P(TlsTest, FilesThatDoNotFitChangeNothingAndAreSaidNotTo) {
  start();
  const TlsCertificate& used = config_.tls_certificates[0];
  const TlsCertificate other = files("other");
  ASSERT_TRUE(write_certificate(other, "example.com", 21));
  const auto is_refused = [&](const std::string& why) {
    lines_.str("");
    streams_->reload_certificates();
    EXPECT_NE(lines_.str().find("certificates not read, those there were stay"), std::string::npos) << lines_.str();
    EXPECT_NE(lines_.str().find(why), std::string::npos) << lines_.str();
    EXPECT_EQ(serial_for("example.com"), 1);
    EXPECT_EQ(serial_for("example.org"), 2);
  };
  const TlsCertificate kept = files("kept");
  copy(used.key, kept.key);
  copy(used.chain, kept.chain);
  copy(other.key, used.key);
  is_refused("no key of that certificate in " + used.key);
  copy(kept.key, used.key);
  copy(other.chain, used.chain);
  is_refused("no key of that certificate in " + used.key);
  std::ofstream(used.chain) << "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  is_refused("no certificate in " + used.chain);
  std::filesystem::remove(used.chain);
  is_refused("no certificate in " + used.chain);
  copy(kept.chain, used.chain);
  // A fault of the last one is one of all.
  std::filesystem::resize_file(config_.tls_certificates[1].key, 20);
  is_refused("no key of that certificate in " + config_.tls_certificates[1].key);
}

TEST_P(TlsTest, NothingStartsWithAKeyOfAnotherCertificate) {
  copy(config_.tls_certificates[1].key, config_.tls_certificates[0].key);
  try {
    start();
    FAIL() << "it has started";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string_view(error.what()).find("no key of that certificate"), std::string_view::npos);
    EXPECT_NE(std::string_view(error.what()).find("[[certificate]]"), std::string_view::npos);
  }
}

TEST_P(TlsTest, OldVersionsAreRefused) {
  start();
  TlsPeer peer = call(TLS1_1_VERSION);
  SSL_set_security_level(peer.session(), 0);
  EXPECT_FALSE(shakes_hands(peer));
  EXPECT_TRUE(counts(StreamCounter::kTlsVersion, 1));
}

// RFC 9325 §3.5 (TLS 1.2 alone has it): the request is refused by a warning, and costs nothing else.
TEST_P(TlsTest, RenegotiationIsRefused) {
  start();
  TlsPeer peer = call(TLS1_2_VERSION);
  ASSERT_TRUE(shakes_hands(peer));
  ASSERT_EQ(SSL_renegotiate(peer.session()), 1);
  SSL_do_handshake(peer.session());
  send_records(peer);
  EXPECT_TRUE(becomes([&] {
    peer.go_on();
    return SSL_get_error(peer.session(), -1) == SSL_ERROR_SSL || peer.wire.is_over;
  }));
  EXPECT_EQ(SSL_num_renegotiations(peer.session()), 1);
  EXPECT_EQ(SSL_total_renegotiations(peer.session()), 1) << "begun by the client, and never ended";
  EXPECT_FALSE(peer.has_shaken_hands());
  EXPECT_EQ(streams_->counters().get(StreamCounter::kTlsHandshakes), 1U);
}

TEST_P(TlsTest, WhatIsNoRecordEndsTheConnection) {
  start();
  for (const std::string_view record : {std::string_view("\x17\x03\x03\xff\xff", 5),      // Longer than may be.
                                        std::string_view("\x17\x03\x03\x00\x05hello", 10),   // Of another key.
                                        std::string_view("\x63\x03\x03\x00\x01x", 6)}) {     // Of no type there is.
    TlsPeer peer = call();
    ASSERT_TRUE(shakes_hands(peer) && is_served(peer));
    EXPECT_EQ(peer.wire.send(record), record.size());
    EXPECT_TRUE(is_ended(peer));
  }
  EXPECT_TRUE(counts(StreamCounter::kBroken, 3));
  TlsPeer peer = call();
  ASSERT_TRUE(shakes_hands(peer));
  // An endless message in records of full length is a message that is too long.
  config_.message_bytes_max = 20'000;
  peer.write("OPTIONS sip:example.com SIP/2.0\r\nSubject: " + std::string(40'000, 'x'));
  send_records(peer);
  EXPECT_TRUE(is_ended(peer));
  EXPECT_TRUE(counts(StreamCounter::kMessageTooLong, 1));
}

// RFC 8446 §6.1: each side says that it is its last word.
TEST_P(TlsTest, TheEndIsSaid) {
  start();
  TlsPeer peer = call();
  ASSERT_TRUE(shakes_hands(peer) && is_served(peer));
  SSL_shutdown(peer.session());
  send_records(peer);
  EXPECT_TRUE(is_ended(peer));
  EXPECT_TRUE(peer.heard_end);
  EXPECT_TRUE(counts(StreamCounter::kClosedByPeer, 1));
  TlsPeer idle = call();
  ASSERT_TRUE(shakes_hands(idle) && is_served(idle));
  pass(2h);
  EXPECT_TRUE(is_ended(idle));
  EXPECT_TRUE(idle.heard_end);
  EXPECT_TRUE(counts(StreamCounter::kIdle, 1));
}

TEST_P(TlsTest, AMessageIsNeitherLongerNorSlowerThanAllowed) {
  start();
  TlsPeer endless = call(), longer = call(), slow = call();
  for (TlsPeer* peer : {&endless, &longer, &slow}) ASSERT_TRUE(shakes_hands(*peer));
  endless.write("OPTIONS sip:example.com SIP/2.0\r\nSubject: ");
  for (int i = 0; i < 100 && !endless.wire.is_over; ++i) {
    endless.write(std::string(400, 'x'));
    const std::string records = endless.take_records();
    endless.wire.send(records);
    settle();
    endless.go_on();
  }
  EXPECT_TRUE(is_ended(endless));
  EXPECT_TRUE(counts(StreamCounter::kMessageTooLong, 1));
  EXPECT_TRUE(workers_.to_shards.empty());

  // Its head is whole: it hears why.
  longer.write(request(1, std::string(config_.message_bytes_max, 'x')));
  send_records(longer);
  ASSERT_TRUE(shards_have(1));
  workers_.send_to_stream(0, answer(1), workers_.to_shards[0].flow);
  EXPECT_TRUE(hears(longer, answer(1)));
  EXPECT_TRUE(counts(StreamCounter::kMessageTooLong, 2));

  // A byte a second, each in a record of its own.
  const std::string text = request(2);
  for (size_t i = 0; i < 12 && !slow.wire.is_over; ++i) {
    slow.write(text.substr(i, 1));
    const std::string records = slow.take_records();
    slow.wire.send(records);
    settle();
    pass(1s);
    settle();
    slow.go_on();
  }
  EXPECT_TRUE(is_ended(slow));
  EXPECT_TRUE(counts(StreamCounter::kMessageTooSlow, 1));
}

// RFC 8446 §6.1, RFC 5246 §7.2.1.
TEST_P(TlsTest, WhoHasSaidHisEndIsAnsweredStillBy13Alone) {
  start();
  for (const int version : kVersions) {
    TlsPeer peer = call(version);
    ASSERT_TRUE(shakes_hands(peer));
    peer.write(request(1));
    SSL_shutdown(peer.session());
    send_records(peer);
    ASSERT_TRUE(shards_have(1));
    settle();
    workers_.send_to_stream(0, answer(1), workers_.to_shards[0].flow);
    EXPECT_TRUE(is_ended(peer));
    EXPECT_EQ(peer.heard, version == TLS1_3_VERSION ? answer(1) : "");
    EXPECT_TRUE(peer.heard_end);
    workers_.to_shards.clear();
  }
  EXPECT_TRUE(counts(StreamCounter::kClosedByPeer, 2));
  EXPECT_TRUE(counts(StreamCounter::kAnswersLost, 1));
}

TEST_P(TlsTest, HandshakesThatTakeTheirTimeMakeRoomForOthers) {
  config_.handshakes_max = 3;
  start();
  std::vector<StreamPeer> silent;
  for (size_t i = 0; i < 3; ++i) {
    silent.push_back(connect());
    EXPECT_TRUE(becomes([&] { return streams_->connections() == i + 1; }));
  }
  TlsPeer peer = call();
  EXPECT_TRUE(shakes_hands(peer) && is_served(peer));
  EXPECT_TRUE(counts(StreamCounter::kDroppedHandshakes, 1));
  EXPECT_TRUE(StreamsTest::is_ended(silent[0])) << "the one that has taken longest";
  silent[1].listen_to_it();
  EXPECT_FALSE(silent[1].is_over);
  pass(6s);
  EXPECT_TRUE(counts(StreamCounter::kHandshakeTooSlow, 2));
  EXPECT_TRUE(is_served(peer));
  EXPECT_EQ(streams_->connections(), 1U);
}

TEST_P(TlsTest, OnePeerHasNotAllHandshakes) {
  config_.handshakes_max = 10;
  config_.handshakes_per_peer_max = 2;
  start();
  std::vector<StreamPeer> silent;
  for (int i = 0; i < 4; ++i) silent.push_back(connect("127.0.0.2"));
  EXPECT_TRUE(counts(StreamCounter::kRefusedPeerHandshakes, 2));
  TlsPeer other = call();
  EXPECT_TRUE(shakes_hands(other));
  // Whoever is through with it has room for the next one.
  for (int i = 0; i < 3; ++i) {
    TlsPeer again = call();
    EXPECT_TRUE(shakes_hands(again) && is_served(again));
  }
  pass(6s);
  EXPECT_TRUE(counts(StreamCounter::kHandshakeTooSlow, 2));
  TlsPeer late(connect("127.0.0.2"), TLS1_3_VERSION);
  EXPECT_TRUE(shakes_hands(late));
  EXPECT_EQ(streams_->counters().get(StreamCounter::kRefusedPeerHandshakes), 2U);
}

// One peer's own oldest handshake makes room, and its account stays right.
TEST_P(TlsTest, TheOldestOneMayBeOfTheSamePeer) {
  config_.handshakes_max = 1;
  start();
  for (int i = 0; i < 3; ++i) {
    StreamPeer silent = connect();
    settle();
    TlsPeer peer = call();
    EXPECT_TRUE(shakes_hands(peer) && is_served(peer));
  }
  EXPECT_TRUE(counts(StreamCounter::kDroppedHandshakes, 3));
  EXPECT_TRUE(becomes([&] { return streams_->connections() == 0; }));
}

INSTANTIATE_TEST_SUITE_P(Threads, TlsTest, testing::Values(1U, 2U), testing::PrintToStringParamName());

}  // namespace
}  // namespace vedette::control
