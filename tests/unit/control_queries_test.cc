// Conversations with shards: complete, silent, full rings, more rows than wanted. And the nonce keys they are
// told.
#include <gtest/gtest.h>

#include "engine/control/nonce_keys.h"
#include "engine/control/shard_queries.h"
#include "tests/support/control_fake_workers.h"

namespace vedette::control {
namespace {

using Kind = engine::ControlMessage::Kind;
using RowKind = engine::ControlReplyHeader::Kind;

const SteadyTime kStart{};

ShardQuestion question(Kind kind) { return {.message = {.kind = kind}}; }

struct Outcome {
  int times = 0;
  ShardAnswer answer;
  ShardQueries::Done keep() {
    return [this](const ShardAnswer& given) {
      ++times;
      answer = given;
    };
  }
};

TEST(ShardQueries, AllAnswer) {
  FakeWorkers workers(3, answer_as_a_shard);
  ShardQueries queries(workers);
  Outcome outcome;
  queries.ask(kStart, question(Kind::kListWatchers), outcome.keep());
  EXPECT_EQ(outcome.times, 0) << "answers come in a turn";
  queries.on_turn(kStart);
  EXPECT_EQ(outcome.times, 1);
  EXPECT_EQ(outcome.answer.rows.size(), 6u);
  EXPECT_TRUE(outcome.answer.silent.empty());
  EXPECT_EQ(queries.open(), 0u);
  // Expect: it is over, also when time is up.
  queries.on_turn(kStart + 2 * ShardQueries::kPatience);
  EXPECT_EQ(outcome.times, 1);
}

TEST(ShardQueries, OnlyOneIsAsked) {
  FakeWorkers workers(3, answer_as_a_shard);
  ShardQueries queries(workers);
  Outcome outcome;
  ShardQuestion one = question(Kind::kListPresentity);
  one.only = 2;
  queries.ask(kStart, one, outcome.keep());
  queries.on_turn(kStart);
  EXPECT_EQ(outcome.times, 1);
  ASSERT_EQ(workers.sent.size(), 1u);
  EXPECT_EQ(workers.sent[0].worker, 2u);
}

TEST(ShardQueries, SilenceEndsWhenTimeIsUp) {
  FakeWorkers workers(3, [](FakeWorkers& self, unsigned worker, const engine::ControlMessage& message) {
    if (worker != 1) answer_as_a_shard(self, worker, message);
  });
  ShardQueries queries(workers);
  Outcome outcome;
  queries.ask(kStart, question(Kind::kCounters), outcome.keep());
  queries.on_turn(kStart);
  queries.on_turn(kStart + ShardQueries::kPatience - std::chrono::milliseconds(1));
  EXPECT_EQ(outcome.times, 0);
  queries.on_turn(kStart + ShardQueries::kPatience);
  EXPECT_EQ(outcome.times, 1);
  EXPECT_EQ(outcome.answer.silent, std::vector<unsigned>{1});
  EXPECT_EQ(outcome.answer.rows.size(), 4u) << "what the others said counts";

  // Expect: what comes too late is for nobody, also not for the next question.
  Outcome next;
  queries.ask(kStart, question(Kind::kCounters), next.keep());
  workers.reply(1, workers.sent.front().message.query, RowKind::kCounter, "requests_in\t1000");
  workers.end(1, workers.sent.front().message.query);
  queries.on_turn(kStart);
  EXPECT_EQ(next.times, 0);
  EXPECT_EQ(outcome.times, 1);
}

TEST(ShardQueries, TheRowOfASummaryIsItsEnd) {
  FakeWorkers workers(1, [](FakeWorkers& self, unsigned worker, const engine::ControlMessage& message) {
    self.reply(worker, message.query, RowKind::kSummary, "0\t9");
  });
  ShardQueries queries(workers);
  Outcome outcome;
  queries.ask(kStart, question(Kind::kQuiesce), outcome.keep());
  queries.on_turn(kStart);
  EXPECT_EQ(outcome.times, 1);
  EXPECT_EQ(number_in(outcome.answer.rows.at(0), "subscriptions"), 9);
}

TEST(ShardQueries, MoreRowsThanWantedAreCounted) {
  FakeWorkers workers(2, answer_as_a_shard);
  ShardQueries queries(workers);
  Outcome outcome;
  ShardQuestion few = question(Kind::kListWatchers);
  few.rows_max = 3;
  queries.ask(kStart, few, outcome.keep());
  queries.on_turn(kStart);
  EXPECT_EQ(outcome.answer.rows.size(), 3u);
  EXPECT_EQ(outcome.answer.rows_total, 4u);
}

TEST(ShardQueries, AFullRingIsTriedAgain) {
  FakeWorkers workers(1, nullptr);  // Takes nothing out by itself.
  workers.capacity = 2;
  ShardQueries queries(workers);
  Outcome outcome;
  for (int i = 0; i < 5; ++i) queries.ask(kStart, question(Kind::kCounters), outcome.keep());
  EXPECT_EQ(workers.sent.size(), 2u);
  engine::ControlMessage message;
  uint32_t expected = 1;
  while (workers.try_take(0, message)) {
    EXPECT_EQ(message.query, expected++) << "in the order of asking";
    answer_as_a_shard(workers, 0, message);
    queries.on_turn(kStart);
  }
  queries.on_turn(kStart);
  EXPECT_EQ(outcome.times, 5);
  EXPECT_TRUE(outcome.answer.silent.empty());
}

TEST(ShardQueries, NoMoreAreOpenAtOnceThanAShardAnswers) {
  FakeWorkers workers(1, nullptr);
  workers.capacity = 100;
  ShardQueries queries(workers);
  Outcome outcome;
  for (size_t i = 0; i < ShardQueries::kOpenMax + 3; ++i) {
    queries.ask(kStart, question(Kind::kCounters), outcome.keep());
  }
  EXPECT_EQ(workers.sent.size(), ShardQueries::kOpenMax);
  workers.end(0, 1);
  queries.on_turn(kStart);
  EXPECT_EQ(outcome.times, 1);
  EXPECT_EQ(workers.sent.size(), ShardQueries::kOpenMax + 1) << "one has ended, the next begins";
  // Expect: its time runs from its beginning.
  queries.on_turn(kStart + ShardQueries::kPatience);
  EXPECT_EQ(outcome.times, 1 + static_cast<int>(ShardQueries::kOpenMax));
  queries.on_turn(kStart + 2 * ShardQueries::kPatience);
  EXPECT_EQ(outcome.times, 3 + static_cast<int>(ShardQueries::kOpenMax));
  EXPECT_EQ(queries.open(), 0u);
}

TEST(ShardQueries, WhatIsLentIsKeptUntilTheShardHasSaidItsEnd) {
  FakeWorkers workers(1, nullptr);
  ShardQueries queries(workers);
  Outcome outcome;
  auto bytes = std::make_shared<const std::string>("rules");
  const std::weak_ptr<const std::string> lent = bytes;
  ShardQuestion load = question(Kind::kLoadRules);
  load.only = 0;
  load.lent = std::move(bytes);
  queries.ask(kStart, std::exchange(load, {}), outcome.keep());
  queries.on_turn(kStart + ShardQueries::kPatience);
  EXPECT_EQ(outcome.times, 1);
  EXPECT_FALSE(lent.expired()) << "a shard that is late may still read it";
  workers.end(0, 1);
  queries.on_turn(kStart + ShardQueries::kPatience);
  EXPECT_TRUE(lent.expired());
}

TEST(ShardQueries, ALongListingIsWaitedForAsLongAsItGoesOn) {
  FakeWorkers workers(1, nullptr);
  ShardQueries queries(workers);
  Outcome outcome;
  queries.ask(kStart, question(Kind::kListWatchers), outcome.keep());
  SteadyTime now = kStart;
  for (int row = 0; row < 5; ++row) {
    now += ShardQueries::kPatience - std::chrono::milliseconds(1);
    workers.reply(0, 1, RowKind::kWatcher, "a@b\tc@d");
    queries.on_turn(now);
  }
  EXPECT_EQ(outcome.times, 0);
  workers.end(0, 1);
  queries.on_turn(now);
  EXPECT_EQ(outcome.times, 1);
  EXPECT_EQ(outcome.answer.rows.size(), 5u);
}

TEST(ShardQueries, AStuckWorkerHoldsABoundedNumberOfMessages) {
  FakeWorkers workers(1, nullptr);
  workers.capacity = 0;
  ShardQueries queries(workers);
  for (size_t i = 0; i < ShardQueries::kWaitingMax + 100; ++i) queries.tell_all({});
  workers.capacity = 10'000;
  queries.on_turn(kStart);
  EXPECT_EQ(workers.sent.size(), ShardQueries::kWaitingMax);
}

TEST(ShardQueries, TheAskerMayAskAgainFromDone) {
  FakeWorkers workers(2, answer_as_a_shard);
  ShardQueries queries(workers);
  Outcome second;
  queries.ask(kStart, question(Kind::kSummary),
              [&](const ShardAnswer&) { queries.ask(kStart, question(Kind::kCounters), second.keep()); });
  queries.on_turn(kStart);
  queries.on_turn(kStart);
  EXPECT_EQ(second.times, 1);
}

TEST(NonceKeys, TheKeyBeforeIsStillBelieved) {
  uint8_t next = 255;
  NonceKeys keys([&](std::span<uint8_t> out) {
    std::fill(out.begin(), out.end(), next);
    ++next;
  });
  // Expect: a random id, and nothing else believed at first.
  const engine::NonceKey first = keys.current();
  EXPECT_EQ(first.id, 255);
  EXPECT_EQ(keys.message().previous.secret, first.secret);
  EXPECT_EQ(keys.message().previous.id, first.id);

  keys.rotate();
  const engine::ControlMessage message = keys.message();
  EXPECT_EQ(message.kind, Kind::kNonceKeys);
  EXPECT_EQ(message.current.id, 0) << "ids go round";
  EXPECT_NE(message.current.secret, first.secret);
  EXPECT_EQ(message.previous.id, first.id);
  EXPECT_EQ(message.previous.secret, first.secret);

  keys.rotate();
  EXPECT_NE(keys.message().previous.secret, first.secret) << "two rotations later the first key is forgotten";
}

TEST(NonceKeys, SecretsAreRandom) { EXPECT_NE(NonceKeys().current().secret, NonceKeys().current().secret); }

TEST(ShardRow, ValuesByTheirColumns) {
  const ShardRow row{
      RowKind::kWatcher, {}, "a@b\tc@d\tactive\tpresence\t12\tsip:x\t1.2.3.4:5\t0012\t7\t1\t3"};
  const auto object = object_of(row);
  EXPECT_EQ(object["presentity"], "a@b");
  EXPECT_EQ(object["call_id"], "0012") << "a text, though it looks like a number";
  EXPECT_EQ(object["expires_in"], 12);
  EXPECT_EQ(object["shard"], 3);
  // Expect: too few values are empty, too many are left out.
  EXPECT_EQ(object_of({RowKind::kCounter, {}, "x"})["value"], "");
  EXPECT_EQ(object_of({RowKind::kCounter, {}, "x\t1\t2"}).size(), 2u);
  EXPECT_EQ(number_in({RowKind::kCounter, {}, "x\ty"}, "value"), 0);
}

}  // namespace
}  // namespace vedette::control
