// Timers that run equally long, against a list of them; and NOTIFYs that wait for their first resend among them.
#include "engine/base/delay_queue.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <string>

#include "tests/support/shard_bench.h"

namespace vedette::engine {
namespace {

TEST(DelayQueueTest, IsTheListOfItsTimers) {
  struct Timer {
    uint32_t user;
    uint32_t place;
    Instant end;
  };
  std::mt19937_64 random(7);
  for (int world = 0; world < 30; ++world) {
    DelayQueue queue(static_cast<uint32_t>(1 + random() % 40));
    std::deque<Timer> model;
    Instant last;
    // Also where half of a tick's bits begin anew.
    const auto ticks = static_cast<int64_t>(1 + random() % 9) << 32, before = static_cast<int64_t>(random() % 2'000);
    Instant now = Instant::from_unix_nanoseconds((ticks - before) * 1'000'000);
    const auto millisecond_of = [](Instant at) { return (at.unix_nanoseconds() + 999'999) / 1'000'000; };
    for (int step = 0; step < 3'000; ++step) {
      now = now + Duration::nanoseconds(static_cast<int64_t>(random() % 3'000'000));
      switch (random() % 5) {
        case 0:
        case 1: {
          // Now and then earlier than others, which it does not take.
          const Instant end = now + Duration::milliseconds(random() % 16 == 0 ? 3 : 40);
          const auto user = static_cast<uint32_t>(step);
          uint32_t place = 0;
          const bool is_last = model.empty() || millisecond_of(end) >= millisecond_of(last);
          const bool has_room = is_last && !queue.is_full();
          ASSERT_EQ(queue.try_add(user, end, place), has_room);
          if (has_room) model.push_back({user, place, last = end});
          break;
        }
        case 2:
          if (!model.empty()) {
            const auto at = model.begin() + static_cast<std::ptrdiff_t>(random() % model.size());
            ASSERT_TRUE(queue.holds(at->place, at->user));
            queue.remove(at->place, at->user);
            ASSERT_FALSE(queue.holds(at->place, at->user));
            model.erase(at);
          }
          break;
        case 3:
          for (uint32_t user = queue.take_due(now); user != kNoIndex; user = queue.take_due(now)) {
            ASSERT_FALSE(model.empty());
            ASSERT_EQ(user, model.front().user);
            ASSERT_LE(model.front().end, now);
            model.pop_front();
          }
          if (!model.empty()) {
            ASSERT_GT(millisecond_of(model.front().end), now.unix_nanoseconds() / 1'000'000);
          }
          break;
        default:
          if (queue.is_full()) {
            ASSERT_EQ(queue.take_first(), model.front().user);
            model.pop_front();
          }
      }
      ASSERT_EQ(queue.is_empty(), model.empty());
      ASSERT_EQ(queue.next_deadline(), model.empty() ? Instant::never()
                                                     : Instant::from_unix_nanoseconds(
                                                           millisecond_of(model.front().end) * 1'000'000));
    }
  }
}

std::string subscribe(const std::string& user, int cseq, const std::string& to_tag) {
  return "SUBSCRIBE sip:alice@example.com SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK" + user +
         std::to_string(cseq) + "\nFrom: <sip:" + user + "@example.com>;tag=" + user + "\nTo: <sip:alice@example.com>" +
         (to_tag.empty() ? "" : ";tag=" + to_tag) + "\nCall-ID: " + user + "\nCSeq: " + std::to_string(cseq) +
         " SUBSCRIBE\nContact: <sip:" + user + "@192.0.2.1>\nEvent: presence\nExpires: 3600\n\n";
}

// RFC 3261 §17.1.2.2: who does not answer is sent the NOTIFY again after T1, then 2 * T1, however many others have been
// sent and answered meanwhile: more than there are places for those that wait.
TEST(FirstResendsTest, WhoDoesNotAnswerIsNotForgottenAmongThoseWhoDo) {
  EngineConfig config = support::bench_config();
  config.limits.subscriptions_max = 64;
  config.limits.user_requests_per_second = config.limits.source_requests_per_second = 0;
  support::ShardBench bench(config);
  bench.send(subscribe("silent", 1, ""));
  std::string tag;
  for (int i = 1; i <= 10'000; ++i) {
    const auto sent = bench.send(subscribe("lively", i, tag));
    ASSERT_EQ(sent.size(), 2u) << i;
    std::string to = sent.at(0).header("To");
    tag = to.substr(to.find(";tag=") + 5);
    bench.answer(sent.at(1));
  }
  bench.check();
  EXPECT_EQ(bench.count(Counter::kNotifyRetransmissions), 0u);
  EXPECT_TRUE(bench.advance(Duration::milliseconds(499)).empty());
  EXPECT_EQ(bench.advance(Duration::milliseconds(2)).size(), 1u);
  EXPECT_TRUE(bench.advance(Duration::milliseconds(997)).empty());
  EXPECT_EQ(bench.advance(Duration::milliseconds(3)).size(), 1u);
  EXPECT_EQ(bench.count(Counter::kNotifyRetransmissions), 2u);
  // RFC 6665 §4.2.2: after Timer F it is over with him, and the other one goes on.
  bench.advance(Duration::seconds(32));
  EXPECT_EQ(bench.subscriptions(), 1u);
  bench.check();
}

// The same of those who never answer, all at once.
TEST(FirstResendsTest, AllWhoDoNotAnswerAreResentOnceAfterT1) {
  constexpr int kWatchers = 5'000;
  EngineConfig config = support::bench_config();
  config.limits.subscriptions_max = kWatchers;
  config.limits.user_requests_per_second = config.limits.source_requests_per_second = 0;
  config.limits.subscriptions_per_watcher_max = 0;
  support::ShardBench bench(config);
  for (int i = 0; i < kWatchers; ++i) ASSERT_EQ(bench.send(subscribe("w" + std::to_string(i), 1, "")).size(), 2u);
  EXPECT_EQ(bench.advance(Duration::milliseconds(501)).size(), static_cast<size_t>(kWatchers));
  EXPECT_EQ(bench.advance(Duration::milliseconds(1'001)).size(), static_cast<size_t>(kWatchers));
  bench.check();
}

}  // namespace
}  // namespace vedette::engine
