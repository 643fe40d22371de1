// How long frames wait, held to queues whose length is known: never less, and nothing where none stands.
#include "dataplane/standing_queue.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace vedette::dataplane {
namespace {

using engine::Duration;
using engine::Instant;

constexpr size_t kBurst = 32;
constexpr Instant kNow = Instant::from_unix_seconds(1'800'000'000);

// A queue that so many frames come to each millisecond while a worker takes so many; for `milliseconds`, a turn each
// burst. What StandingQueue says in the end.
struct Model {
  Duration run(int milliseconds, size_t come, size_t taken) {
    for (int i = 0; i < milliseconds; ++i) {
      length = std::min<size_t>(length + come, 4'096);
      const size_t turns = taken / kBurst;
      for (size_t turn = 0; turn < turns; ++turn) {
        const size_t burst = std::min(length, kBurst);
        length -= burst;
        now = now + Duration::nanoseconds(1'000'000 / static_cast<int64_t>(turns));
        queue.on_received(now, burst, burst < kBurst);
      }
    }
    return queue.delay(now);
  }
  StandingQueue queue;
  Instant now = kNow;
  size_t length = 0;
};

TEST(StandingQueue, NothingStandsWhileAllIsTaken) {
  Model model;
  EXPECT_EQ(model.run(1'000, 0, 320), Duration());
  EXPECT_EQ(model.run(1'000, 300, 320), Duration());
}

TEST(StandingQueue, AFullQueueTakesAsLongAsItTakes) {
  for (const size_t taken : {96UL, 320UL, 3'200UL}) {
    Model model;
    const Duration delay = model.run(2'000, 10'000, taken);
    const Duration real = Duration::nanoseconds(int64_t{4'096'000'000} / static_cast<int64_t>(taken));
    EXPECT_GE(delay, real) << taken;
    EXPECT_LE(delay, real * 2) << taken;
    // It is gone as soon as it has been worked off.
    EXPECT_EQ(model.run(4'096 / static_cast<int>(taken) + 3, 0, taken), Duration());
  }
}

TEST(StandingQueue, WhatComesSlowerNowIsSeenSoon) {
  Model model;
  EXPECT_LT(model.run(5'000, 10'000, 3'200), Duration::milliseconds(3));
  EXPECT_GT(model.run(300, 10'000, 96), Duration::milliseconds(20));
}

TEST(StandingQueue, AWorkerThatWasKeptFromRunningHasNone) {
  StandingQueue queue;
  Instant now = kNow;
  for (int i = 0; i < 100; ++i) {
    now = now + Duration::milliseconds(30);
    for (int burst = 0; burst < 5; ++burst) queue.on_received(now, kBurst, false);
    queue.on_received(now, 3, true);
    EXPECT_EQ(queue.delay(now), Duration());
  }
}

}  // namespace
}  // namespace vedette::dataplane
