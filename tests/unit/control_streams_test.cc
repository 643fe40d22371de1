// Connections that peers open: what is cut into messages, what goes where, and every limit, each with its counter. All
// of it with connections on one thread, and on two, which the test's own plays. Those that we open are in
// control_stream_opening_test.cc.
#include "engine/control/streams.h"

#include <map>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "tests/unit/control_stream_peer.h"

namespace vedette::control {
namespace {

using namespace std::chrono_literals;
using engine::PeerKind;

TEST_P(StreamsTest, AMessageGoesToAShardAndItsAnswerBack) {
  start();
  StreamPeer peer = connect();
  peer.send(request(1, "body"));
  ASSERT_TRUE(shards_have(1));
  const FakeWorkers::Arrived arrived = workers_.to_shards[0];
  EXPECT_EQ(arrived.bytes, request(1, "body"));
  EXPECT_EQ(arrived.kind, PeerKind::kDatagram);
  EXPECT_EQ(arrived.flow.transport, engine::Transport::kTcp);
  EXPECT_EQ(arrived.flow.local, loopback(streams_->port(0)));
  EXPECT_EQ(arrived.flow.remote.address, loopback(0).address);
  EXPECT_NE(arrived.flow.connection, 0U);
  EXPECT_FALSE(arrived.flow.may_open);
  workers_.send_to_stream(2, answer(1), arrived.flow);
  EXPECT_TRUE(hears(peer, answer(1)));
  EXPECT_TRUE(counts(StreamCounter::kAccepted, 1));
  EXPECT_TRUE(counts(StreamCounter::kMessagesIn, 1));
  EXPECT_TRUE(counts(StreamCounter::kMessagesOut, 1));
  peer.close();
  EXPECT_TRUE(counts(StreamCounter::kClosedByPeer, 1));
  EXPECT_EQ(streams_->connections(), 0U);
}

TEST_P(StreamsTest, IPv6IsTakenToo) {
  start();
  StreamPeer peer = StreamPeer::connect_v6(streams_->port(1));
  settle();
  peer.send(request(1));
  ASSERT_TRUE(shards_have(1));
  EXPECT_EQ(workers_.to_shards[0].flow.local, loopback_v6(streams_->port(1)));
}

TEST_P(StreamsTest, MessagesOfASegmentAreManyAndAMessageIsOfManySegments) {
  start();
  StreamPeer peer = connect();
  std::string all;
  for (int i = 0; i < 10; ++i) all += request(i, std::string(static_cast<size_t>(i), 'x'));
  settle();
  peer.send(all);
  ASSERT_TRUE(shards_have(10));
  for (const char byte : all) {
    peer.send({&byte, 1});
    turn();
  }
  ASSERT_TRUE(shards_have(20));
  for (int i = 0; i < 20; ++i) {
    const FakeWorkers::Arrived& arrived = workers_.to_shards[static_cast<size_t>(i)];
    EXPECT_EQ(arrived.bytes, request(i % 10, std::string(static_cast<size_t>(i % 10), 'x')));
    EXPECT_EQ(arrived.worker, workers_.to_shards[0].worker) << "messages of a connection keep their order";
  }
}

TEST_P(StreamsTest, TwoLineEndsAreAnsweredByOne) {
  start();
  StreamPeer peer = connect();
  settle();
  peer.send("\r\n\r\n");
  EXPECT_TRUE(hears(peer, "\r\n"));
  settle();
  peer.listen_to_it();
  EXPECT_EQ(peer.heard, "\r\n");
  peer.heard.clear();
  // Between messages, too; and a lone line end is a pong, to which nothing is said.
  peer.send("\r\n\r\n" + request(1) + "\r\n" + request(2));
  ASSERT_TRUE(shards_have(2));
  EXPECT_EQ(workers_.to_shards[1].bytes, request(2));
  EXPECT_TRUE(hears(peer, "\r\n"));
  EXPECT_EQ(peer.heard, "\r\n");
  EXPECT_TRUE(counts(StreamCounter::kPings, 2));
}

// RFC 3261 §18.3, §20.14; RFC 4475 §3.3.9: where the next message begins cannot be known.
TEST_P(StreamsTest, WithoutAContentLengthItIsAnsweredAndClosed) {
  start();
  StreamPeer peer = connect();
  settle();
  peer.send("OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP a\r\n\r\nbody and more");
  ASSERT_TRUE(shards_have(1));
  EXPECT_EQ(workers_.to_shards[0].bytes, "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP a\r\n\r\n");
  EXPECT_TRUE(counts(StreamCounter::kFramingLost, 1));
  // What comes after it is not listened to.
  peer.send(request(2));
  workers_.send_to_stream(0, answer(1), workers_.to_shards[0].flow);
  EXPECT_TRUE(hears(peer, answer(1)));
  EXPECT_TRUE(is_ended(peer));
  EXPECT_EQ(workers_.to_shards.size(), 1U);
  pass(3s);
  EXPECT_TRUE(becomes([&] { return streams_->connections() == 0; })) << "also when the peer does not close";
}

TEST_P(StreamsTest, WhatIsTooLongIsAnsweredIfItsHeadIsWhole) {
  config_.message_bytes_max = 1'000;
  start();
  StreamPeer peer = connect();
  settle();
  const std::string long_one = request(1, std::string(2'000, 'x'));
  peer.send(long_one);
  ASSERT_TRUE(shards_have(1));
  EXPECT_EQ(workers_.to_shards[0].bytes, long_one.substr(0, long_one.find("\r\n\r\n") + 4));
  workers_.send_to_stream(0, answer(1), workers_.to_shards[0].flow);
  EXPECT_TRUE(hears(peer, answer(1)));
  EXPECT_TRUE(is_ended(peer));
  EXPECT_TRUE(counts(StreamCounter::kMessageTooLong, 1));

  StreamPeer endless = connect();
  settle();
  endless.send("OPTIONS sip:a SIP/2.0\r\nX: ");
  for (int i = 0; i < 20; ++i) {
    endless.send(std::string(100, 'x'));
    turn();
  }
  EXPECT_TRUE(is_ended(endless));
  EXPECT_TRUE(counts(StreamCounter::kMessageTooLong, 2));
  EXPECT_EQ(workers_.to_shards.size(), 1U);
}

TEST_P(StreamsTest, WhoSaysNothingOrTakesHisTimeIsCutOff) {
  start();
  StreamPeer silent = connect();
  StreamPeer slow = connect();
  settle();
  slow.send(request(1));
  ASSERT_TRUE(shards_have(1));
  const std::string text = request(2);
  // A byte a second: the time runs from the first one.
  for (size_t i = 0; i < 9; ++i) {
    slow.send(text.substr(i, 1));
    settle();
    pass(1s);
  }
  settle();
  EXPECT_EQ(streams_->connections(), 2U);
  pass(2s);
  EXPECT_TRUE(is_ended(silent));
  EXPECT_TRUE(is_ended(slow));
  EXPECT_TRUE(counts(StreamCounter::kMessageTooSlow, 2));
}

// RFC 9293 §3.6: "The user who CLOSEs may continue to RECEIVE until the TCP receiver is told that the remote peer has
// CLOSED also."
TEST_P(StreamsTest, WhoHasSaidHisEndIsAnsweredStill) {
  start();
  StreamPeer peer = connect();
  settle();
  peer.send(request(1) + request(2) + "ACK sip:example.com SIP/2.0\r\nContent-Length: 0\r\n\r\n" + "OPT");
  peer.end_writing();
  ASSERT_TRUE(shards_have(3));
  settle();
  const engine::Flow flow = workers_.to_shards[0].flow;
  workers_.send_to_stream(0, answer(1), flow);
  workers_.send_to_stream(0, "SIP/2.0 100 Trying\r\nContent-Length: 0\r\n\r\n", flow);
  ASSERT_TRUE(hears(peer, "100 Trying"));
  settle();
  EXPECT_EQ(streams_->connections(), 1U) << "one answer is due still";
  workers_.send_to_stream(0, answer(2), flow);
  workers_.send_to_stream(0, notify(1), flow);
  EXPECT_TRUE(is_ended(peer));
  EXPECT_TRUE(peer.heard.ends_with(answer(2) + notify(1))) << peer.heard;
  EXPECT_TRUE(counts(StreamCounter::kClosedByPeer, 1));
  EXPECT_EQ(streams_->counters().get(StreamCounter::kAnswersLost), 0U);
}

TEST_P(StreamsTest, WhoHasSaidHisEndIsNotWaitedForForLong) {
  start();
  StreamPeer peer = connect();
  StreamPeer content = connect();
  settle();
  peer.send(request(1));
  peer.end_writing();
  content.end_writing();
  ASSERT_TRUE(shards_have(1));
  EXPECT_TRUE(is_ended(content)) << "nothing is due to it";
  EXPECT_TRUE(counts(StreamCounter::kClosedByPeer, 1));
  settle();
  pass(1900ms);
  settle();
  EXPECT_EQ(streams_->connections(), 1U);
  pass(400ms);
  EXPECT_TRUE(is_ended(peer));
  EXPECT_TRUE(counts(StreamCounter::kHalfClosed, 1));
}

// RFC 4475 §3.1.2.3: the answer to what has no length is written, too.
TEST_P(StreamsTest, WhoHasLostFramingAndSaidHisEndHearsWhy) {
  start();
  StreamPeer peer = connect();
  settle();
  peer.send("OPTIONS sip:example.com SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1\r\n\r\n");
  peer.end_writing();
  ASSERT_TRUE(shards_have(1));
  settle();
  workers_.send_to_stream(0, answer(1), workers_.to_shards[0].flow);
  EXPECT_TRUE(hears(peer, answer(1)));
  EXPECT_TRUE(is_ended(peer));
}

TEST_P(StreamsTest, WhoIsIdleIsClosed) {
  config_.idle_max = engine::Duration::seconds(60);
  start();
  StreamPeer idle = connect();
  settle();
  // A lone line end stays, because it might be half of a ping; it is not the beginning of a message.
  idle.send(request(1) + "\r\n");
  ASSERT_TRUE(shards_have(1));
  pass(50s);
  settle();
  EXPECT_EQ(streams_->connections(), 1U);
  pass(11s);
  EXPECT_TRUE(is_ended(idle));
  EXPECT_TRUE(counts(StreamCounter::kIdle, 1));
}

TEST_P(StreamsTest, NoMoreConnectionsThanAllowed) {
  config_.connections_max = 5;
  config_.connections_per_peer_max = 3;
  start();
  std::vector<StreamPeer> peers;
  for (int i = 0; i < 5; ++i) peers.push_back(connect());
  EXPECT_TRUE(counts(StreamCounter::kRefusedPeer, 2));
  EXPECT_EQ(streams_->connections(), 3U);
  // Another address, and another family, are other peers.
  StreamPeer other = connect("127.0.0.2");
  StreamPeer v6 = StreamPeer::connect_v6(streams_->port(1));
  EXPECT_TRUE(counts(StreamCounter::kAccepted, 5));
  StreamPeer late = connect("127.0.0.3");
  EXPECT_TRUE(is_ended(late));
  EXPECT_TRUE(counts(StreamCounter::kRefusedFull, 1));
  // Who goes makes room, for his own address, too.
  peers.clear();
  EXPECT_TRUE(counts(StreamCounter::kClosedByPeer, 3));
  for (int i = 0; i < 3; ++i) peers.push_back(connect());
  EXPECT_TRUE(counts(StreamCounter::kAccepted, 8));
}

TEST_P(StreamsTest, AShardWithoutRoomHoldsTheConnectionUpNotTheOthers) {
  workers_.stream_capacity = 2;
  start();
  StreamPeer peer = connect();
  StreamPeer other = connect();
  settle();
  std::string all;
  for (int i = 0; i < 5; ++i) all += request(i);
  peer.send(all);
  ASSERT_TRUE(shards_have(2));
  EXPECT_TRUE(becomes([&] { return streams_->counters().get(StreamCounter::kMessagesDeferred) > 0; }));
  other.send("\r\n\r\n");
  EXPECT_TRUE(hears(other, "\r\n"));
  // The shard's time passes, not the peer's.
  pass(11s);
  settle();
  EXPECT_GE(streams_->connections(), 1U);
  workers_.stream_capacity = 100;
  ASSERT_TRUE(shards_have(5));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(workers_.to_shards[static_cast<size_t>(i)].bytes, request(i));
}

TEST_P(StreamsTest, WhoDoesNotReadIsClosedAndHisNotifiesGoBack) {
  config_.write_bytes_max = 65'536;
  start();
  StreamPeer peer = connect();
  peer.shrink_room();
  settle();
  peer.send(request(1));
  ASSERT_TRUE(shards_have(1));
  const engine::Flow flow = workers_.to_shards[0].flow;
  for (int i = 0; i < 600; ++i) {
    workers_.send_to_stream(0, notify(7, std::string(8'000, 'x')), flow);
    turn();
  }
  EXPECT_TRUE(counts(StreamCounter::kWriteQueueFull, 1));
  EXPECT_EQ(streams_->connections(), 0U);
  settle();
  ASSERT_GT(workers_.to_shards.size(), 2U);
  EXPECT_EQ(workers_.to_shards.back().kind, PeerKind::kNotifyUndeliverable);
  EXPECT_EQ(workers_.to_shards.back().worker, 7U % 3);
  EXPECT_EQ(workers_.to_shards.back().bytes, notify(7, std::string(8'000, 'x')));
}

TEST_P(StreamsTest, WhoReadsTooSlowlyIsClosed) {
  start();
  StreamPeer peer = connect();
  peer.shrink_room();
  settle();
  peer.send(request(1));
  ASSERT_TRUE(shards_have(1));
  // More than the kernel takes, less than the limit of what may wait.
  const engine::Flow flow = workers_.to_shards[0].flow;
  config_.write_bytes_max = 1 << 30;
  workers_.send_to_stream(0, notify(1, std::string(16 << 20, 'x')), flow);
  settle();
  EXPECT_EQ(streams_->connections(), 1U);
  pass(11s);
  EXPECT_TRUE(counts(StreamCounter::kWriteTooSlow, 1));
  EXPECT_TRUE(counts(StreamCounter::kUndeliverable, 1));
}

TEST_P(StreamsTest, WhatIsForALostConnectionGoesBackIfItIsANotify) {
  workers_.stream_capacity = 1;
  start();
  StreamPeer peer = connect();
  settle();
  peer.send(request(1));
  ASSERT_TRUE(shards_have(1));
  const engine::Flow flow = workers_.to_shards[0].flow;
  peer.reset();
  EXPECT_TRUE(counts(StreamCounter::kBroken, 1));
  workers_.send_to_stream(0, answer(1), flow);
  workers_.send_to_stream(0, notify(5), flow);
  EXPECT_TRUE(counts(StreamCounter::kAnswersLost, 1));
  EXPECT_TRUE(counts(StreamCounter::kUndeliverable, 1));
  // It waits for room on its way back.
  EXPECT_EQ(workers_.to_shards.size(), 1U);
  workers_.stream_capacity = 100;
  EXPECT_TRUE(becomes([&] {
    return std::any_of(workers_.to_shards.begin(), workers_.to_shards.end(), [&](const FakeWorkers::Arrived& arrived) {
      return arrived.kind == PeerKind::kNotifyUndeliverable && arrived.worker == 5U % 3 && arrived.bytes == notify(5);
    });
  }));
}

// The NOTIFY for a GRUU leaves by another shard than the answer to its SUBSCRIBE, which was given before.
TEST_P(StreamsTest, AnAnswerGoesBeforeARequestWhicheverShardItLeavesBy) {
  start();
  StreamPeer peer = connect();
  peer.send(request(1));
  ASSERT_TRUE(shards_have(1));
  const engine::Flow flow = workers_.to_shards[0].flow;
  workers_.send_to_stream(0, notify(1), flow);
  workers_.send_to_stream(2, answer(1), flow);
  ASSERT_TRUE(hears(peer, answer(1)));
  ASSERT_TRUE(hears(peer, notify(1)));
  EXPECT_EQ(peer.heard, answer(1) + notify(1));
}

// As above, while it is looked into the rings: that of the answer was empty when it was.
TEST_P(StreamsTest, AnAnswerGoesBeforeARequestThoughItsRingWasLookedIntoTooSoon) {
  start();
  StreamPeer peer = connect();
  peer.send(request(1));
  ASSERT_TRUE(shards_have(1));
  const engine::Flow flow = workers_.to_shards[0].flow;
  const auto looks_at = [&](dataplane::StreamWay way, unsigned worker) {
    return way.worker == worker && way.thread == flow.connection % GetParam();
  };
  workers_.before_taking = [&](dataplane::StreamWay way) {
    if (!looks_at(way, 2)) return;
    workers_.before_taking = nullptr;
    workers_.send_to_stream(0, answer(1), flow);
    workers_.send_to_stream(2, notify(1), flow);
  };
  ASSERT_TRUE(hears(peer, notify(1)));
  EXPECT_EQ(peer.heard, answer(1) + notify(1));
  // What is found by the second look goes in the next turn, and before what comes then.
  unsigned looks = 0;
  workers_.before_taking = [&](dataplane::StreamWay way) {
    if (!looks_at(way, 0)) return;
    if (++looks == 2) workers_.send_to_stream(1, notify(2), flow);
    if (looks == 3) workers_.send_to_stream(0, notify(3), flow);
  };
  peer.heard.clear();
  ASSERT_TRUE(hears(peer, notify(3)));
  EXPECT_EQ(peer.heard, notify(2) + notify(3));
  workers_.before_taking = nullptr;
}

TEST_P(StreamsTest, EveryShardHearsThatAConnectionIsGoneIfAnythingCameByIt) {
  start();
  StreamPeer silent = connect();
  StreamPeer peer = connect();
  settle();
  peer.send(request(1));
  ASSERT_TRUE(shards_have(1));
  const uint32_t number = workers_.to_shards[0].flow.connection;
  workers_.send_to_stream(0, answer(1), workers_.to_shards[0].flow);
  ASSERT_TRUE(hears(peer, answer(1)));
  silent.close();
  peer.close();
  EXPECT_TRUE(counts(StreamCounter::kClosedByPeer, 2));
  // What came by it may have to cross to another shard; and a shard without room hears it later.
  EXPECT_TRUE(workers_.losses.empty());
  workers_.stream_capacity = 0;
  pass(1s);
  settle();
  EXPECT_TRUE(workers_.losses.empty());
  workers_.stream_capacity = 100;
  EXPECT_TRUE(becomes([&] { return workers_.losses.size() == 3; }));
  for (unsigned worker = 0; worker < 3; ++worker) {
    EXPECT_EQ(workers_.losses[worker], std::make_pair(worker, number));
  }
}

TEST_P(StreamsTest, EveryThreadAndEveryShardHasItsShare) {
  start();
  std::vector<StreamPeer> peers;
  for (int i = 0; i < 64; ++i) peers.push_back(connect());
  settle();
  for (StreamPeer& peer : peers) peer.send(request(1));
  ASSERT_TRUE(shards_have(64));
  std::map<unsigned, unsigned> of_threads, of_workers;
  std::set<uint32_t> numbers;
  for (const FakeWorkers::Arrived& arrived : workers_.to_shards) {
    numbers.insert(arrived.flow.connection);
    ++of_threads[arrived.flow.connection % GetParam()];
    ++of_workers[arrived.worker];
  }
  EXPECT_EQ(numbers.size(), 64U);
  EXPECT_EQ(of_threads.size(), GetParam());
  EXPECT_EQ(of_workers.size(), 3U);
  for (const auto& [worker, connections] : of_workers) EXPECT_GE(connections, 20U) << worker;
  // Limits are of all threads together: 256 of one peer.
  while (peers.size() < 260) peers.push_back(connect());
  EXPECT_TRUE(counts(StreamCounter::kRefusedPeer, 4));
  EXPECT_EQ(streams_->connections(), 256U);
}

// Threads share their port with each other, and with nobody else.
TEST_P(StreamsTest, AnotherEngineThereIsNoticed) {
  start();
  StreamConfig other = config_;
  other.tcp_listen = {loopback(streams_->port(0))};
  for (const uint32_t threads : {1U, 2U}) {
    other.threads = threads;
    EXPECT_THROW(AllStreams(context_, other, workers_, log_), std::runtime_error) << threads;
  }
}

TEST_P(StreamsTest, ClosingEndsThemAll) {
  start();
  StreamPeer one = connect();
  StreamPeer two = connect();
  settle();
  streams_->close();
  EXPECT_EQ(streams_->connections(), 0U);
  EXPECT_TRUE(is_ended(one));
  EXPECT_TRUE(is_ended(two));
}

INSTANTIATE_TEST_SUITE_P(Threads, StreamsTest, testing::Values(1U, 2U), testing::PrintToStringParamName());

}  // namespace
}  // namespace vedette::control
