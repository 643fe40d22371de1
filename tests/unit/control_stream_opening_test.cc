// Connections that we open, by TCP: when, how often, and what becomes of what cannot leave by one.
#include <vector>

#include "engine/control/streams.h"
#include "tests/unit/control_stream_peer.h"

namespace vedette::control {
namespace {

using namespace std::chrono_literals;
using engine::PeerKind;

TEST_P(StreamOpeningTest, AConnectionIsOpenedOnceAndUsedForAllThatGoesThere) {
  start();
  workers_.send_to_stream(0, notify(1), flow_there());
  workers_.send_to_stream(1, notify(2), flow_there());
  StreamPeer watcher = take();
  EXPECT_TRUE(hears(watcher, notify(2)));
  EXPECT_EQ(watcher.heard, notify(1) + notify(2));
  EXPECT_TRUE(counts(StreamCounter::kOpened, 1));
  // What comes back on it has its number, and no leave to open another.
  watcher.send(answer(1));
  ASSERT_TRUE(shards_have(1));
  EXPECT_NE(workers_.to_shards[0].flow.connection, 0U);
  EXPECT_FALSE(workers_.to_shards[0].flow.may_open);
  // When it is lost, the next message opens another one.
  watcher.close();
  EXPECT_TRUE(becomes([&] { return streams_->connections() == 0; }));
  workers_.send_to_stream(0, notify(3), flow_there());
  StreamPeer again = take();
  EXPECT_TRUE(hears(again, notify(3)));
  EXPECT_EQ(streams_->counters().get(StreamCounter::kUndeliverable), 0U);
}

// Two connections are gone, of either thread if there are two: both of their watchers are told on one.
TEST_P(StreamOpeningTest, AConnectionIsOpenedOnceForWhatComesToAnyThread) {
  start();
  engine::Flow flow = flow_there();
  for (unsigned i = 0; i < 8; ++i) {
    flow.connection = 1'000'000 + i;
    workers_.send_to_stream(i % 3, notify(i), flow);
  }
  StreamPeer watcher = take();
  for (unsigned i = 0; i < 8; ++i) EXPECT_TRUE(hears(watcher, notify(i)));
  EXPECT_TRUE(counts(StreamCounter::kOpened, 1));
  EXPECT_EQ(streams_->connections(), 1U);
  // All of them open one anew when that is gone.
  watcher.close();
  EXPECT_TRUE(becomes([&] { return streams_->connections() == 0; }));
  for (unsigned i = 0; i < 2; ++i) {
    flow.connection = 2'000'000 + i;
    workers_.send_to_stream(0, notify(100 + i), flow);
  }
  StreamPeer again = take();
  EXPECT_TRUE(hears(again, notify(100)));
  EXPECT_TRUE(hears(again, notify(101)));
  EXPECT_TRUE(counts(StreamCounter::kOpened, 2));
  EXPECT_EQ(streams_->counters().get(StreamCounter::kUndeliverable), 0U);
}

TEST_P(StreamOpeningTest, WhatCannotBeOpenedIsToldTheShard) {
  config_.openings_max = 2;
  start();
  engine::Flow nobody = flow_there();
  acceptor_.close();
  workers_.send_to_stream(0, notify(4), nobody);
  ASSERT_TRUE(shards_have(1));
  EXPECT_EQ(workers_.to_shards[0].kind, PeerKind::kNotifyUndeliverable);
  EXPECT_EQ(workers_.to_shards[0].worker, 4U % 3);
  EXPECT_TRUE(counts(StreamCounter::kOpenFailed, 1));
  EXPECT_EQ(streams_->connections(), 0U);
}

TEST_P(StreamOpeningTest, NoMoreAtATimeThanAllowedAndNoneForLong) {
  config_.openings_max = 2;
  start();
  // A queue of connections that nobody takes: those that find it full get no answer from the kernel.
  ASSERT_EQ(listen(acceptor_.native_handle(), 0), 0);
  const uint16_t port = acceptor_.local_endpoint().port();
  std::vector<StreamPeer> fillers;
  for (int i = 0; i < 3; ++i) fillers.push_back(StreamPeer::connect_v4(port));
  settle();
  for (unsigned i = 0; i < 3; ++i) {
    engine::Flow flow = flow_there();
    flow.remote.address = engine::IpAddress::v4(0x7f000001 + i);
    workers_.send_to_stream(0, notify(i), flow);
  }
  EXPECT_TRUE(counts(StreamCounter::kRefusedOpenings, 1));
  EXPECT_TRUE(counts(StreamCounter::kUndeliverable, 1));
  EXPECT_EQ(streams_->connections(), 2U);
  pass(11s);
  EXPECT_TRUE(counts(StreamCounter::kOpenTooSlow, 2));
  EXPECT_TRUE(counts(StreamCounter::kUndeliverable, 3));
  EXPECT_EQ(streams_->connections(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Threads, StreamOpeningTest, testing::Values(1U, 2U), testing::PrintToStringParamName());

}  // namespace
}  // namespace vedette::control
