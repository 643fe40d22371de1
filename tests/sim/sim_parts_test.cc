// The simulator's own parts: chance, time and network do the same again for the same seed, and faults end when
// they shall. What the laws notice is tested in laws_test.cc.
#include <gtest/gtest.h>

#include "tests/sim/document_view.h"
#include "tests/sim/event_queue.h"
#include "tests/sim/network.h"
#include "tests/sim/trace.h"

namespace vedette::sim {
namespace {

using engine::Duration;
using engine::Instant;

TEST(Random, IsItsSeed) {
  Random a(7), b(7), c(8);
  bool all_equal = true;
  for (int i = 0; i < 100; ++i) {
    const uint64_t drawn = a.next();
    ASSERT_EQ(drawn, b.next());
    all_equal &= drawn == c.next();
  }
  EXPECT_FALSE(all_equal);
}

TEST(Random, ForksDoNotDependOnWhatWasDrawn) {
  Random a(7), b(7);
  a.next();
  EXPECT_EQ(a.fork("phone").next(), b.fork("phone").next());
  EXPECT_NE(b.fork("phone").next(), b.fork("server").next());
}

TEST(Random, StaysInItsRange) {
  Random random(1);
  bool min_seen = false, max_seen = false;
  for (int i = 0; i < 1000; ++i) {
    const uint64_t drawn = random.between({3, 5});
    ASSERT_GE(drawn, 3u);
    ASSERT_LE(drawn, 5u);
    min_seen |= drawn == 3;
    max_seen |= drawn == 5;
  }
  EXPECT_TRUE(min_seen && max_seen);
}

TEST(EventQueue, RunsInOrderOfTimeThenOfMaking) {
  EventQueue queue(Instant::from_unix_seconds(100));
  std::string order;
  queue.after(Duration::seconds(2), [&] { order += "c"; });
  queue.after(Duration::seconds(1), [&] { order += "a"; });
  queue.after(Duration::seconds(1), [&] {
    order += "b";
    queue.at(Instant::from_unix_seconds(0), [&] { order += "past"; });
  });
  queue.after(Duration::seconds(5), [&] { order += "too late"; });
  queue.run_until(Instant::from_unix_seconds(103));
  EXPECT_EQ(order, "abpastc");
  EXPECT_EQ(queue.now(), Instant::from_unix_seconds(103));
}

TEST(EventQueue, StopsAtOnce) {
  EventQueue queue(Instant::from_unix_seconds(0));
  int events = 0;
  queue.after(Duration::seconds(1), [&] {
    ++events;
    queue.stop();
  });
  queue.after(Duration::seconds(2), [&] { ++events; });
  queue.run_until(Instant::from_unix_seconds(10));
  EXPECT_EQ(events, 1);
  EXPECT_EQ(queue.now(), Instant::from_unix_seconds(1));
}

TEST(EventQueue, WhatWasDueWhileTimeLeaptRunsAfterItInItsOrder) {
  EventQueue queue(Instant::from_unix_seconds(100));
  std::string order;
  std::vector<Instant> seen;
  queue.after(Duration::seconds(3), [&] { order += "b"; });
  queue.after(Duration::seconds(2), [&] {
    order += "a";
    seen.push_back(queue.now());
  });
  queue.after(Duration::seconds(1), [&] { queue.leap(Duration::seconds(3600)); });
  queue.run_until(Instant::from_unix_seconds(110));
  EXPECT_EQ(order, "ab");
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0], Instant::from_unix_seconds(101 + 3600));
  EXPECT_EQ(queue.now(), Instant::from_unix_seconds(110 + 3600));
}

class Sink : public Receiver {
 public:
  void on_packet(const Packet& packet) override { received.push_back(packet); }
  std::vector<Packet> received;
};

const engine::Endpoint kHere = {make_v4(2), 5060};
const engine::Endpoint kThere = {make_v4(3), 5060};

struct Sent {
  std::vector<Packet> received;
  uint64_t hash = 0;
};

Sent send_thousand(const Faults& faults, uint64_t seed, bool healed) {
  EventQueue clock(Instant::from_unix_seconds(0));
  Trace trace(clock, TracePrint::kNothing);
  Network network(clock, trace, faults, Random(seed));
  Sink sink;
  network.attach(kThere, sink);
  if (healed) network.heal();
  for (int i = 0; i < 1000; ++i) {
    network.send({.from = kHere, .to = kThere, .bytes = "message " + std::to_string(i)});
    clock.run_until(clock.now() + Duration::milliseconds(5));
  }
  clock.run_until(clock.now() + Duration::seconds(5));
  return {sink.received, trace.hash()};
}

constexpr Faults kBad = {.loss = 0.1, .duplication = 0.05, .corruption = 0.05, .reordering = 0.05};

TEST(Network, LosesDoublesChangesAndReorders) {
  const Sent sent = send_thousand(kBad, 3, false);
  size_t corrupted = 0, overtaken = 0;
  std::map<std::string, int> copies;
  for (size_t i = 0; i < sent.received.size(); ++i) {
    corrupted += sent.received[i].corrupted;
    ++copies[sent.received[i].bytes];
    if (i > 0 && !sent.received[i].corrupted && !sent.received[i - 1].corrupted) {
      overtaken += sent.received[i].bytes.size() < sent.received[i - 1].bytes.size();
    }
  }
  EXPECT_GT(corrupted, 10u);
  EXPECT_GT(overtaken, 0u);
  EXPECT_LT(copies.size(), 990u);
  EXPECT_TRUE(std::any_of(copies.begin(), copies.end(), [](const auto& entry) { return entry.second == 2; }));
}

TEST(Network, IsItsSeed) {
  EXPECT_EQ(send_thousand(kBad, 3, false).hash, send_thousand(kBad, 3, false).hash);
  EXPECT_NE(send_thousand(kBad, 3, false).hash, send_thousand(kBad, 4, false).hash);
}

TEST(Network, IsPerfectOnceHealed) {
  const Sent sent = send_thousand(kBad, 3, true);
  ASSERT_EQ(sent.received.size(), 1000u);
  for (size_t i = 0; i < 1000; ++i) EXPECT_EQ(sent.received[i].bytes, "message " + std::to_string(i));
}

TEST(DocumentView, ReadsWhatWasWritten) {
  const std::string body = write_document({.aor = "user1@presence.test", .tuple_id = "d1", .stamp = {"user1-d1-1", 12},
                                           .open = false, .padding = 10, .with_person = true});
  DocumentView view;
  ASSERT_TRUE(read_document(body, view));
  ASSERT_EQ(view.tuples.size(), 1u);
  EXPECT_EQ(view.tuples[0].id, "d1");
  EXPECT_EQ(view.tuples[0].basic, parsers::BasicStatus::kClosed);
  ASSERT_TRUE(view.tuples[0].stamped);
  EXPECT_EQ(view.tuples[0].stamp.publication, "user1-d1-1");
  EXPECT_EQ(view.tuples[0].stamp.version, 12u);
  EXPECT_EQ(view.persons.size(), 1u);
}

TEST(DocumentView, ADamagedStampIsNone) {
  std::string body = write_document({.aor = "a@b", .tuple_id = "d1", .stamp = {"user1-d1-1", 12}});
  body.replace(body.find("/12/"), 4, "/13/");
  DocumentView view;
  ASSERT_TRUE(read_document(body, view));
  ASSERT_EQ(view.tuples.size(), 1u);
  EXPECT_FALSE(view.tuples[0].stamped);
}

}  // namespace
}  // namespace vedette::sim
