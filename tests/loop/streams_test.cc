// Messages of stream connections through running workers: to the owner and back to the connection's thread, whichever
// shard they were given to, and what happens when that thread does not keep up.
#include <set>

#include "tests/loop/loop_fixture.h"

namespace vedette::tests {
namespace {

using dataplane::Fate;

class StreamMessagesTest : public LoopTest {
 protected:
  static engine::Flow connection(uint32_t number) {
    return {.transport = engine::Transport::kTcp, .connection = number};
  }
  // What the next message to a connection says; empty when none comes within a second.
  std::string take_message(engine::Flow& flow) {
    std::string bytes;
    for (int i = 0; i < 1'000; ++i) {
      for (unsigned worker = 0; worker < dataplane_->workers(); ++worker) {
        if (dataplane_->try_from_shard({worker, 0}, bytes, flow)) return bytes;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return {};
  }
};

TEST_F(StreamMessagesTest, AreHandedToTheirOwnerAndAnsweredOnTheConnection) {
  config_.workers = 3;
  begin({3, 3});
  for (unsigned given = 0; given < 3; ++given) {
    for (unsigned owner = 0; owner < 3; ++owner) {
      const uint32_t number = 10 * given + owner + 1;
      ASSERT_TRUE(dataplane_->try_to_shard({given, 0}, {"own " + std::to_string(owner), connection(number)}));
      engine::Flow flow;
      const std::string expected =
          std::to_string(owner) + (owner == given ? " got it at once" : " got it from another");
      EXPECT_EQ(take_message(flow), expected);
      EXPECT_EQ(flow, connection(number));
    }
  }
  expect_count(Fate::kStreamMessagesIn, 9);
  expect_count(Fate::kStreamMessagesOut, 9);
  EXPECT_EQ(count(Fate::kTxFrames), 0U);
}

// A message for a connection goes to the thread that has it; what has no connection yet to one and the same.
TEST_F(StreamMessagesTest, EachThreadHasItsOwnConnections) {
  config_.workers = 2;
  config_.stream_threads = 3;
  begin({2, 2});
  std::string bytes;
  engine::Flow flow;
  for (uint32_t number = 1; number <= 9; ++number) {
    const unsigned thread = number % 3, worker = number % 2;
    ASSERT_TRUE(dataplane_->try_to_shard({worker, thread}, {"echo " + std::to_string(number), connection(number)}));
    expect_count(Fate::kStreamMessagesOut, number);
    for (const unsigned other : {(thread + 1) % 3, (thread + 2) % 3}) {
      EXPECT_FALSE(dataplane_->try_from_shard({worker, other}, bytes, flow)) << number;
    }
    ASSERT_TRUE(dataplane_->try_from_shard({worker, thread}, bytes, flow)) << number;
    EXPECT_EQ(bytes, "echo " + std::to_string(number));
  }
  engine::Flow there = connection(0);
  std::set<unsigned> threads;
  for (uint16_t port = 1; port < 100; ++port) {
    there.remote.port = port;
    const unsigned thread = dataplane::stream_thread_of(there, 3);
    threads.insert(thread);
    ASSERT_TRUE(dataplane_->try_to_shard({0, 0}, {"echo", there}));
    expect_count(Fate::kStreamMessagesOut, 9U + port);
    ASSERT_TRUE(dataplane_->try_from_shard({0, thread}, bytes, flow)) << port;
  }
  EXPECT_EQ(threads.size(), 3U) << "destinations are spread";
}

// A thread that does not keep up loses its own connections' answers.
TEST_F(StreamMessagesTest, AThreadThatDoesNotKeepUpTakesNoRoomOfAnother) {
  config_.stream_ring_size = 4;
  config_.stream_threads = 2;
  begin({1, 1});
  ASSERT_TRUE(dataplane_->try_to_shard({0, 0}, {"many 100", connection(2)}));
  expect_count(Fate::kStreamRingFull, 96);
  ASSERT_TRUE(dataplane_->try_to_shard({0, 1}, {"echo", connection(1)}));
  expect_count(Fate::kStreamMessagesOut, 5);
  std::string bytes;
  engine::Flow flow;
  ASSERT_TRUE(dataplane_->try_from_shard({0, 1}, bytes, flow));
  EXPECT_EQ(bytes, "echo");
  EXPECT_EQ(flow, connection(1));
}

TEST_F(StreamMessagesTest, AnswersThatFindNoRoomAreACountedRefusal) {
  config_.stream_ring_size = 4;
  begin({1, 1});
  // It asks for no room, as answers do not.
  ASSERT_TRUE(dataplane_->try_to_shard({0, 0}, {"many 100", connection(1)}));
  expect_count(Fate::kStreamRingFull, 96);
  expect_count(Fate::kStreamMessagesOut, 4);
  for (const char* number : {"1", "2", "3", "4"}) {
    engine::Flow flow;
    EXPECT_EQ(take_message(flow), number);
  }
  // Datagrams feel nothing of it.
  loop_->put(udp_frame(way(true), "echo"));
  EXPECT_EQ(take_plain(), udp_frame(back(way(true)), "echo"));
}

}  // namespace
}  // namespace vedette::tests
