// WebSocket as SIP uses it (RFC 7118, RFC 6455): the upgrade and what is refused, frames into messages and back, pings,
// and the limits. The client's frames are made here by hand.
#include <gtest/gtest.h>

#include "engine/control/streams.h"
#include "tests/unit/control_stream_peer.h"

namespace vedette::control {
namespace {

using namespace std::chrono_literals;

enum Opcode : unsigned { kContinuation = 0, kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10 };
constexpr unsigned kFinal = 0x80;

// RFC 6455 §5.2, masked as a client must.
std::string frame(std::string_view payload, unsigned first = kFinal | kText) {
  std::string out{static_cast<char>(first)};
  if (payload.size() < 126) {
    out += static_cast<char>(0x80 | payload.size());
  } else {
    out += static_cast<char>(0x80 | 126);
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size());
  }
  constexpr std::string_view kMask = "\x12\x34\x56\x78";
  out += kMask;
  for (size_t i = 0; i < payload.size(); ++i) out += static_cast<char>(payload[i] ^ kMask[i % 4]);
  return out;
}

// As a server sends it.
std::string plain_frame(std::string_view payload, unsigned first = kFinal | kText) {
  std::string out{static_cast<char>(first)};
  if (payload.size() < 126) {
    out += static_cast<char>(payload.size());
  } else {
    out += static_cast<char>(126);
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size());
  }
  return out.append(payload);
}

// RFC 6455 §1.3's key, whose answer is known.
constexpr std::string_view kAccepted = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
std::string upgrade(std::string_view more = "", std::string_view protocol = "sip", std::string_view version = "13") {
  return "GET /sip HTTP/1.1\r\nHost: ws.example.com\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: " +
         std::string(version) + "\r\nSec-WebSocket-Protocol: " + std::string(protocol) + "\r\n" + std::string(more) +
         "\r\n";
}

class WebSocketTest : public StreamsTest {
 protected:
  WebSocketTest() {
    config_.tcp_listen.clear();
    config_.ws_listen = {loopback(0)};
  }
  StreamPeer upgraded() {
    StreamPeer peer = connect();
    settle();
    peer.send(upgrade());
    EXPECT_TRUE(hears(peer, "\r\n\r\n"));
    EXPECT_TRUE(peer.heard.starts_with("HTTP/1.1 101 ")) << peer.heard;
    peer.heard.clear();
    return peer;
  }
  // One that was not upgraded: the answer's first line.
  std::string refused(std::string_view request) {
    StreamPeer peer = connect();
    settle();
    peer.send(request);
    EXPECT_TRUE(is_ended(peer));
    return peer.heard.substr(0, peer.heard.find("\r\n"));
  }
};

TEST_P(WebSocketTest, TheUpgradeIsAnsweredAsRfc6455AndRfc7118Say) {
  start();
  StreamPeer peer = connect();
  settle();
  const std::string request = upgrade("Origin: https://example.com\r\n", "chat, sip");
  // It may come in any pieces.
  for (const char byte : request) {
    peer.send({&byte, 1});
    turn();
  }
  ASSERT_TRUE(hears(peer, "\r\n\r\n"));
  EXPECT_TRUE(peer.heard.starts_with("HTTP/1.1 101 ")) << peer.heard;
  EXPECT_NE(peer.heard.find("Sec-WebSocket-Accept: " + std::string(kAccepted)), std::string::npos) << peer.heard;
  EXPECT_NE(peer.heard.find("Sec-WebSocket-Protocol: sip\r\n"), std::string::npos) << peer.heard;
  EXPECT_EQ(peer.heard.find("Sec-WebSocket-Extensions"), std::string::npos) << peer.heard;
  EXPECT_TRUE(counts(StreamCounter::kUpgrades, 1));
}

TEST_P(WebSocketTest, AMessageIsAFrameBothWaysAndNeedsNoLength) {
  start();
  StreamPeer peer = upgraded();
  // RFC 7118 §5: "the use of the Content-Length header field in SIP messages is not necessary".
  const std::string message =
      "OPTIONS sip:example.com SIP/2.0\r\nVia: SIP/2.0/WS a.invalid;branch=z9hG4bK1\r\n\r\nbody";
  peer.send(frame(message) + frame(request(2), kFinal | kBinary));
  ASSERT_TRUE(shards_have(2));
  EXPECT_EQ(workers_.to_shards[0].bytes, message);
  EXPECT_EQ(workers_.to_shards[1].bytes, request(2));
  EXPECT_EQ(workers_.to_shards[0].flow.transport, engine::Transport::kWs);
  workers_.send_to_stream(0, answer(1), workers_.to_shards[0].flow);
  workers_.send_to_stream(0, notify(1, "\xff\xfe"), workers_.to_shards[0].flow);
  const std::string expected = plain_frame(answer(1)) + plain_frame(notify(1, "\xff\xfe"), kFinal | kBinary);
  EXPECT_TRUE(hears(peer, expected));
  EXPECT_EQ(peer.heard, expected) << "text where it is UTF-8, else binary; each message in one frame";
}

TEST_P(WebSocketTest, AMessageMayComeInFragmentsAndPiecesWithPingsBetweenThem) {
  start();
  StreamPeer peer = upgraded();
  const std::string message = request(1, std::string(5'000, 'x'));
  const std::string bytes = frame(message.substr(0, 7), kText) + frame("are you there", kFinal | kPing) +
                            frame("", kContinuation) + frame(message.substr(7, 3'000), kContinuation) +
                            frame(message.substr(3'007), kFinal | kContinuation) + frame(request(2));
  for (size_t at = 0; at < bytes.size(); at += 97) {
    peer.send(std::string_view(bytes).substr(at, 97));
    turn();
  }
  ASSERT_TRUE(shards_have(2));
  EXPECT_EQ(workers_.to_shards[0].bytes, message);
  EXPECT_EQ(workers_.to_shards[1].bytes, request(2));
  EXPECT_TRUE(hears(peer, plain_frame("are you there", kFinal | kPong)));
}

TEST_P(WebSocketTest, AMessageMayEndWithAnEmptyFrame) {
  start();
  StreamPeer peer = upgraded();
  peer.send(frame(request(1), kText));
  settle();
  peer.send(frame("", kFinal | kContinuation));
  ASSERT_TRUE(shards_have(1));
  peer.send(frame(request(2), kText) + frame("", kFinal | kContinuation) + frame("") + frame(request(3)));
  ASSERT_TRUE(shards_have(3));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(workers_.to_shards[i].bytes, request(i + 1));
}

// RFC 5626 §3.5.1, by those whose WebSocket API cannot ping.
TEST_P(WebSocketTest, LineEndsAreAnsweredAsOnAnyStream) {
  start();
  StreamPeer peer = upgraded();
  peer.send(frame("\r\n\r\n") + frame("") + frame("\r\n"));
  EXPECT_TRUE(hears(peer, plain_frame("\r\n")));
  settle();
  EXPECT_TRUE(counts(StreamCounter::kPings, 1));
  EXPECT_EQ(workers_.to_shards.size(), 0U);
  EXPECT_EQ(streams_->connections(), 1U);
}

TEST_P(WebSocketTest, WhatIsNoUpgradeIsToldWhy) {
  config_.websocket_origins = {"https://phone.example.com"};
  start();
  EXPECT_EQ(refused("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP/1.1 426 Upgrade Required");
  EXPECT_EQ(refused(upgrade("", "sip", "8")), "HTTP/1.1 426 Upgrade Required");
  EXPECT_TRUE(counts(StreamCounter::kUpgradeMissing, 2));
  EXPECT_EQ(refused(upgrade("", "xmpp")), "HTTP/1.1 400 Bad Request");
  EXPECT_TRUE(counts(StreamCounter::kUpgradeProtocol, 1));
  EXPECT_EQ(refused(upgrade("Origin: https://evil.example\r\n")), "HTTP/1.1 403 Forbidden");
  EXPECT_TRUE(counts(StreamCounter::kUpgradeOrigin, 1));
  EXPECT_EQ(refused(request(1)), "HTTP/1.1 400 Bad Request");
  EXPECT_EQ(refused(upgrade() + frame(request(1))), "HTTP/1.1 400 Bad Request");
  EXPECT_EQ(refused("GET / HTTP/1.1\r\nX: " + std::string(9'000, 'x')), "HTTP/1.1 400 Bad Request");
  EXPECT_TRUE(counts(StreamCounter::kUpgradeMalformed, 3));
  EXPECT_EQ(streams_->connections(), 0U);
  StreamPeer welcome = connect();
  settle();
  welcome.send(upgrade("Origin: https://phone.example.com\r\n"));
  EXPECT_TRUE(hears(welcome, "HTTP/1.1 101 "));
}

TEST_P(WebSocketTest, HandshakesAreFewAndShort) {
  config_.handshakes_max = 2;
  start();
  // One after the other: threads take those that come together in any order.
  StreamPeer one = connect();
  EXPECT_TRUE(becomes([&] { return streams_->connections() == 1; }));
  StreamPeer two = connect();
  EXPECT_TRUE(becomes([&] { return streams_->connections() == 2; }));
  one.send("GET / HTTP/1.1\r\n");
  StreamPeer three = connect();
  EXPECT_TRUE(is_ended(one)) << "the oldest makes room";
  EXPECT_TRUE(counts(StreamCounter::kDroppedHandshakes, 1));
  pass(6s);
  EXPECT_TRUE(is_ended(two));
  EXPECT_TRUE(is_ended(three));
  EXPECT_TRUE(counts(StreamCounter::kHandshakeTooSlow, 2));
  upgraded();
}

TEST_P(WebSocketTest, FramesThatAreWrongEndTheConnection) {
  start();
  struct Case {
    const char* what;
    std::string bytes;
    StreamCounter counter;
  };
  const Case cases[] = {
      {"not masked", plain_frame(request(1)), StreamCounter::kFramingLost},
      {"a reserved bit", frame(request(1), kFinal | 0x40 | kText), StreamCounter::kFramingLost},
      {"an opcode that is none", frame("x", kFinal | 3), StreamCounter::kFramingLost},
      {"a continuation of nothing", frame("x", kFinal | kContinuation), StreamCounter::kFramingLost},
      {"a message within a message", frame("x", kText) + frame("y", kText), StreamCounter::kFramingLost},
      {"text that is no UTF-8", frame("OPTIONS \xff\xfe"), StreamCounter::kFramingLost},
      {"a ping in fragments", frame("x", kPing), StreamCounter::kFramingLost},
      {"a ping that is too long", frame(std::string(126, 'x'), kFinal | kPing), StreamCounter::kFramingLost},
      {"a goodbye", frame("\x03\xe8", kFinal | kClose), StreamCounter::kClosedByPeer},
  };
  uint64_t lost = 0, closed = 0;
  for (const Case& one : cases) {
    StreamPeer peer = upgraded();
    peer.send(one.bytes);
    EXPECT_TRUE(is_ended(peer)) << one.what;
    uint64_t& expected = one.counter == StreamCounter::kFramingLost ? lost : closed;
    EXPECT_TRUE(counts(one.counter, ++expected)) << one.what;
    EXPECT_EQ(streams_->connections(), 0U) << one.what;
  }
  EXPECT_EQ(workers_.to_shards.size(), 0U);
}

TEST_P(WebSocketTest, AMessageIsNeitherLongerNorSlowerThanAllowed) {
  config_.message_bytes_max = 1'000;
  start();
  StreamPeer long_one = upgraded();
  long_one.send(frame(request(1, std::string(2'000, 'x'))));
  EXPECT_TRUE(is_ended(long_one));
  // RFC 6455 §7.4.1: 1009, too big.
  EXPECT_NE(long_one.heard.find("\x03\xf1"), std::string::npos);
  EXPECT_TRUE(counts(StreamCounter::kMessageTooLong, 1));
  StreamPeer endless = upgraded();
  for (int i = 0; i < 30 && !endless.is_over; ++i) {
    endless.send(frame(std::string(100, 'x'), i == 0 ? kText : kContinuation));
    settle();
    endless.listen_to_it();
  }
  EXPECT_TRUE(is_ended(endless));
  EXPECT_TRUE(counts(StreamCounter::kMessageTooLong, 2));

  StreamPeer slow = upgraded();
  slow.send(frame(request(1)));
  ASSERT_TRUE(shards_have(1));
  slow.send(frame("OPTIONS ", kText));
  settle();
  pass(11s);
  EXPECT_TRUE(is_ended(slow));
  EXPECT_TRUE(counts(StreamCounter::kMessageTooSlow, 1));
}

TEST_P(WebSocketTest, WhoIsSilentIsPingedAndClosedIfHeDoesNotAnswer) {
  start();
  StreamPeer alive = upgraded();
  alive.send(frame(request(1)));
  ASSERT_TRUE(shards_have(1));
  for (int i = 0; i < 3; ++i) {
    pass(31s);
    EXPECT_TRUE(hears(alive, plain_frame("", kFinal | kPing)));
    alive.heard.clear();
    alive.send(frame("", kFinal | kPong));
    settle();
    pass(1s);
    settle();
    EXPECT_EQ(streams_->connections(), 1U);
  }
  pass(31s);
  EXPECT_TRUE(hears(alive, plain_frame("", kFinal | kPing)));
  pass(31s);
  EXPECT_TRUE(is_ended(alive));
  EXPECT_TRUE(counts(StreamCounter::kNoPong, 1));
}

TEST_P(WebSocketTest, ALostOneGivesItsNotifiesBack) {
  start();
  StreamPeer peer = upgraded();
  peer.send(frame(request(1)));
  ASSERT_TRUE(shards_have(1));
  const engine::Flow flow = workers_.to_shards[0].flow;
  peer.reset();
  EXPECT_TRUE(becomes([&] { return streams_->connections() == 0; }));
  workers_.send_to_stream(0, notify(7), flow);
  EXPECT_TRUE(counts(StreamCounter::kUndeliverable, 1));
}

TEST_P(WebSocketTest, ClosingEndsThoseThatAreHalfWay) {
  start();
  StreamPeer peer = upgraded();
  StreamPeer half = connect();
  settle();
  half.send("GET / HTT");
  settle();
  peer.send(frame(request(1)).substr(0, 10));
  settle();
  streams_->close();
  EXPECT_EQ(streams_->connections(), 0U);
  EXPECT_TRUE(is_ended(peer));
  EXPECT_TRUE(is_ended(half));
}

INSTANTIATE_TEST_SUITE_P(Threads, WebSocketTest, testing::Values(1U, 2U), testing::PrintToStringParamName());

}  // namespace
}  // namespace vedette::control
