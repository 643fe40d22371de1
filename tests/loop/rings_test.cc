// What threads of the dataplane share, with real threads and nothing else: the rings and the published table.
// Run under ThreadSanitizer too, so buffers here are plain memory: DPDK's pools are libraries it cannot see
// into.
#include <gtest/gtest.h>
#include <rte_mbuf.h>

#include <array>
#include <memory>
#include <thread>
#include <vector>

#include "dataplane/eal.h"
#include "dataplane/handoff.h"
#include "dataplane/kernel_rings.h"
#include "dataplane/mailbox.h"
#include "dataplane/packet_meta.h"
#include "dataplane/quiesce.h"
#include "dataplane/stats.h"
#include "dataplane/stream_rings.h"

namespace vedette::dataplane {
namespace {

constexpr unsigned kItems = 20'000;

class RingsTest : public testing::Test {
 protected:
  RingsTest() {
    config_.workers = 2;
    config_.huge_pages = HugePages::kNever;
    config_.memory_mb = 128;
    start_eal(config_, 0);
  }
  DataplaneConfig config_;
};

// Does `step` until it has been true so many times, giving way in between.
template <typename Step>
void repeat(unsigned times, Step step) {
  for (unsigned done = 0; done < times;) {
    if (step(done)) {
      ++done;
    } else {
      std::this_thread::yield();
    }
  }
}

TEST_F(RingsTest, WhatAWorkerHandsOverArrivesWholeAndInOrder) {
  config_.handoff_ring_size = 16;
  HandOff hand_off(config_);
  std::vector<rte_mbuf> packets(64);
  std::thread from([&] {
    repeat(kItems, [&](unsigned i) {
      // The ring holds 16, so a packet is free again long before it comes round.
      rte_mbuf& packet = packets[i % packets.size()];
      packet.hash.usr = i;
      return hand_off.try_give({0, 1}, &packet);
    });
  });
  unsigned expected = 0;
  while (expected < kItems) {
    std::array<rte_mbuf*, 8> taken;
    const size_t count = hand_off.take({0, 1}, taken);
    for (size_t i = 0; i < count; ++i) ASSERT_EQ(taken[i]->hash.usr, expected++);
    if (count == 0) std::this_thread::yield();
  }
  from.join();
  std::array<rte_mbuf*, 8> none;
  EXPECT_EQ(hand_off.take({1, 0}, none), 0U);
}

TEST_F(RingsTest, TheMailboxCarriesBothWays) {
  config_.control_messages_max = 4;
  config_.control_records_max = 4;
  Mailbox mailbox(0, config_);
  std::thread worker([&] {
    ControlRecord record;
    engine::ControlMessage message;
    repeat(kItems, [&](unsigned i) {
      if (!mailbox.try_take(message)) return false;
      EXPECT_EQ(message.query, i);
      record.header.query = message.query;
      record.length = static_cast<uint16_t>(message.query % kControlTextBytesMax);
      record.bytes.fill(static_cast<char>(message.query));
      while (!mailbox.try_post(record)) std::this_thread::yield();
      return true;
    });
  });
  engine::ControlMessage message;
  ControlRecord record;
  unsigned sent = 0;
  repeat(kItems, [&](unsigned i) {
    message.query = sent;
    if (sent < kItems && mailbox.try_send(message)) ++sent;
    if (!mailbox.try_receive(record)) return false;
    EXPECT_EQ(record.header.query, i);
    EXPECT_EQ(record.text(), std::string(i % kControlTextBytesMax, static_cast<char>(i)));
    return true;
  });
  worker.join();
}

TEST_F(RingsTest, MessagesOfConnectionsGoBothWaysWholeAndInOrder) {
  config_.stream_ring_size = 16;
  config_.mbufs_per_worker = 512;
  config_.ports = {{.name = "none"}};
  const Buffers buffers(BufferShape::of(config_, 2'000));
  StreamRings rings({config_.workers, config_.stream_threads, config_.stream_ring_size, "streamin", "streamout"},
                    buffers);
  const auto text_of = [](unsigned i) { return std::string(i % 1'000, static_cast<char>('a' + i % 26)); };
  // The worker gives back what it gets, with a number of its own.
  std::thread worker([&] {
    for (unsigned done = 0; done < kItems;) {
      std::array<rte_mbuf*, 8> taken;
      const size_t count = rings.take({1, 0}, taken);
      for (size_t i = 0; i < count; ++i) {
        PacketMeta& meta = meta_of(taken[i]);
        EXPECT_EQ(meta.flow.connection, done);
        EXPECT_EQ(bytes_of(taken[i]), text_of(done));
        EXPECT_EQ(meta.peer_kind, done % 2 == 0 ? engine::PeerKind::kDatagram : engine::PeerKind::kNotifyUndeliverable);
        meta.flow.connection = done++ + 7;
        while (!rings.try_give(1, taken[i])) std::this_thread::yield();
      }
      if (count == 0) std::this_thread::yield();
    }
  });
  unsigned sent = 0;
  repeat(kItems, [&](unsigned i) {
    const auto kind = sent % 2 == 0 ? engine::PeerKind::kDatagram : engine::PeerKind::kNotifyUndeliverable;
    const engine::Flow flow{.transport = engine::Transport::kTcp, .connection = sent};
    if (sent < kItems && rings.try_to_worker({1, 0}, {text_of(sent), flow, kind})) ++sent;
    std::string bytes;
    engine::Flow back;
    if (!rings.try_from_worker({1, 0}, bytes, back)) return false;
    EXPECT_EQ(bytes, text_of(i));
    EXPECT_EQ(back.connection, i + 7);
    return true;
  });
  worker.join();
  // What is longer than a buffer is not taken, nor what finds the ring full.
  EXPECT_FALSE(rings.try_to_worker({0, 0}, {std::string(60'000, 'x'), {}, {}}));
  unsigned taken = 0;
  while (rings.try_to_worker({0, 0}, {"x", {}, {}})) ++taken;
  EXPECT_EQ(taken, 16U);
}

TEST_F(RingsTest, QuestionsAboutNeighboursReachTheServiceThread) {
  config_.unresolved_held_max = 8;
  KernelRings rings(config_, 1);
  std::thread worker([&] {
    repeat(kItems, [&](unsigned i) { return rings.try_resolve(1, {engine::IpAddress::v4(i), 0, 0}); });
  });
  repeat(kItems, [&](unsigned i) {
    ResolveRequest request;
    if (!rings.try_take_request(1, request)) return false;
    EXPECT_EQ(request.address, engine::IpAddress::v4(i));
    return true;
  });
  worker.join();
}

TEST_F(RingsTest, ATableLivesAsLongAsAWorkerMayLookIntoIt) {
  Quiesce quiesce(config_.workers);
  FateCounters lookups;
  const auto look = [&](unsigned index) {
    quiesce.enter(index);
    unsigned newest = 0;
    while (!quiesce.stop_ordered()) {
      const ForwardingTable* table = quiesce.renew(index);
      const NextHop hop = table->find_next_hop(engine::IpAddress::v4(1));
      if (hop.kind != NextHop::Kind::kResolved) continue;
      // A table is seen whole, and never an older one after a newer one.
      const unsigned number = hop.mac.bytes[0] * 256U + hop.mac.bytes[1];
      EXPECT_EQ(hop.mac.bytes[4] * 256U + hop.mac.bytes[5], number);
      EXPECT_GE(number, newest);
      newest = number;
      if (index == 0) lookups.add(Fate::kTurns);
    }
    quiesce.leave(index);
  };
  std::thread first(look, 0);
  std::thread second(look, 1);
  for (unsigned i = 0; i < 2'000; ++i) {
    ForwardingTable::Contents contents;
    contents.routes.push_back({engine::IpAddress::v4(0), 96, 0, std::nullopt});
    const auto high = static_cast<uint8_t>(i >> 8);
    const auto low = static_cast<uint8_t>(i);
    contents.neighbours.push_back({0, engine::IpAddress::v4(1), {{high, low, 0, 0, high, low}}, false});
    quiesce.publish(std::make_unique<const ForwardingTable>(std::move(contents)));
    quiesce.reclaim();
    if (i % 16 == 0) std::this_thread::yield();
  }
  while (lookups.read()[static_cast<size_t>(Fate::kTurns)] == 0) std::this_thread::yield();
  quiesce.order_stop();
  first.join();
  second.join();
}

}  // namespace
}  // namespace vedette::dataplane
