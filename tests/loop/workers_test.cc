// Several workers: hand-off to the owner, peers, spreading, queues that some workers lack, full rings.
#include "dataplane/handoff.h"
#include "tests/loop/loop_fixture.h"

namespace vedette::tests {
namespace {

using dataplane::Fate;

class WorkersTest : public LoopTest {
 protected:
  void begin_with(unsigned workers, LoopPort::Queues queues) {
    config_.workers = workers;
    begin(queues);
  }
  uint64_t of_worker(unsigned worker, Fate fate) const {
    return dataplane_->fates(worker)[static_cast<size_t>(fate)];
  }
};

TEST_F(WorkersTest, ADatagramIsHandedToItsOwnerAndAnsweredFromThere) {
  begin_with(3, {3, 3});
  for (unsigned queue = 0; queue < 3; ++queue) {
    for (unsigned owner = 0; owner < 3; ++owner) {
      loop_->put(udp_frame(way(true, 2 + queue), "own " + std::to_string(owner)), queue);
      const std::string expected =
          std::to_string(owner) + (owner == queue ? " got it at once" : " got it from another");
      EXPECT_EQ(take_plain(), udp_frame(back(way(true, 2 + queue)), expected));
    }
    EXPECT_EQ(of_worker(queue, Fate::kHandedOff), 2U);
  }
  EXPECT_EQ(count(Fate::kHandedIn), 6U);
}

TEST_F(WorkersTest, ShardsTalkToEachOther) {
  begin_with(3, {3, 3});
  for (unsigned to = 0; to < 3; ++to) {
    loop_->put(udp_frame(way(false), "peer " + std::to_string(to)), 1);
    EXPECT_EQ(take_plain(), udp_frame(back(way(false)), std::to_string(to) + " greeted"));
  }
  EXPECT_EQ(of_worker(1, Fate::kPeerMessagesOut), 3U);
}

TEST_F(WorkersTest, OneQueueIsSpreadOverAllWorkersByFlow) {
  begin_with(3, {1, 1});
  for (unsigned client = 2; client < 62; ++client) {
    loop_->put(udp_frame(way(true, client), "echo"));
    EXPECT_EQ(take_plain(), udp_frame(back(way(true, client)), "echo"));
  }
  for (unsigned worker = 0; worker < 3; ++worker)
    EXPECT_GE(of_worker(worker, Fate::kRxToShard), 10U) << worker;
  EXPECT_EQ(count(Fate::kRxToShard), 60U);
  EXPECT_EQ(of_worker(0, Fate::kSpread), of_worker(1, Fate::kRxToShard) + of_worker(2, Fate::kRxToShard));
  // Only worker 0 has the transmit queue.
  EXPECT_EQ(of_worker(0, Fate::kTxFrames), 60U);
  EXPECT_EQ(count(Fate::kTxMoved), of_worker(1, Fate::kRxToShard) + of_worker(2, Fate::kRxToShard));
}

TEST_F(WorkersTest, PiecesThatArriveOnDifferentQueuesMeet) {
  begin_with(3, {3, 3});
  for (const bool v4 : {true, false}) {
    for (uint32_t id = 0; id < 20; ++id) {
      unsigned queue = id;
      const std::string payload = "big 5" + std::string(4000, ' ');
      for (const std::string& frame : fragment_frames(way(v4), payload, 1448, id))
        loop_->put(frame, queue++ % 3);
      EXPECT_EQ(take_plain(), udp_frame(back(way(v4)), "bbbbb"));
    }
  }
  EXPECT_EQ(count(Fate::kRxReassembled), 40U);
  for (unsigned worker = 0; worker < 3; ++worker)
    EXPECT_GT(of_worker(worker, Fate::kRxReassembled), 0U) << worker;
}

TEST_F(WorkersTest, AFullRingIsACountedRefusal) {
  config_.handoff_ring_size = 4;
  // More than one turn takes out of the receive ring, all for a worker that is a turn behind.
  begin_with(2, {2, 2});
  for (int i = 0; i < 400; ++i) loop_->put(udp_frame(way(true), "own 1"), 0);
  expect_count(Fate::kRxFrames, 400);
  uint64_t answers = 0;
  while (loop_->take()) ++answers;
  EXPECT_GT(count(Fate::kHandOffFull), 0U);
  EXPECT_EQ(answers + count(Fate::kHandOffFull), 400U);
  // Nothing is stuck.
  loop_->put(udp_frame(way(true), "own 1"), 0);
  EXPECT_EQ(take_plain(), udp_frame(back(way(true)), "1 got it from another"));
}

// More rings than the EAL has memzones.
TEST_F(WorkersTest, AsManyWorkersAsThereMayBeHandOnToEachOther) {
  config_.workers = dataplane::kWorkersMax;
  config_.handoff_ring_size = 8;
  dataplane::HandOff rings(config_);
  for (unsigned from = 0; from < config_.workers; ++from) {
    for (unsigned to = 0; to < config_.workers; ++to) {
      auto* const given = reinterpret_cast<rte_mbuf*>(uintptr_t{64} * (from * config_.workers + to + 1));
      rte_mbuf* taken = nullptr;
      ASSERT_TRUE(rings.try_give({from, to}, given));
      ASSERT_EQ(rings.take({from, to}, {&taken, 1}), 1U);
      ASSERT_EQ(taken, given);
    }
  }
}

TEST_F(WorkersTest, EightWorkersOnAFewCpus) {
  config_.idle = dataplane::IdleMode::kSleep;
  begin_with(8, {1, 1});
  for (unsigned client = 2; client < 102; ++client) {
    loop_->put(udp_frame(way(true, client), "own " + std::to_string(client % 8)));
    EXPECT_TRUE(loop_->take()) << client;
  }
  EXPECT_GT(count(Fate::kHandedOff), 60U);
}

TEST_F(WorkersTest, ABurstLargerThanThePoolsIsSurvived) {
  config_.mbufs_per_worker = 512;
  begin_with(1, {1, 1});
  loop_->put(udp_frame(way(true), "many 5000"));
  uint64_t taken = 0;
  while (loop_->take()) ++taken;
  EXPECT_EQ(taken + count(Fate::kTxQueueFull) + count(Fate::kNoBuffer), 5000U);
  loop_->put(udp_frame(way(true), "echo"));
  EXPECT_EQ(take_plain(), udp_frame(back(way(true)), "echo"));
}

}  // namespace
}  // namespace vedette::tests
