// Pools, hash indexes and timers: what every record of the engine stands on.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "engine/base/index_table.h"
#include "engine/base/keyed_hash.h"
#include "engine/base/pool.h"
#include "engine/base/timer_wheel.h"
#include "engine/flow.h"

namespace vedette::engine {
namespace {

TEST(PoolTest, GivesEveryRecordOnceAndKnowsStaleHandles) {
  Pool<int> pool(3);
  const uint32_t a = pool.try_acquire(), b = pool.try_acquire(), c = pool.try_acquire();
  EXPECT_EQ((std::set<uint32_t>{a, b, c}).size(), 3u);
  EXPECT_EQ(pool.try_acquire(), kNoIndex);
  const Handle<int> handle = pool.handle(b);
  *pool.find(handle) = 7;
  pool.release(b);
  EXPECT_EQ(pool.find(handle), nullptr);
  EXPECT_EQ(pool.try_acquire(), b);
  EXPECT_EQ(pool[b], 0);  // Value-initialised, not what it was.
  EXPECT_EQ(pool.find(handle), nullptr);
  EXPECT_EQ(pool.size(), 3u);
}

TEST(IndexTableTest, AgreesWithAMapUnderInsertsAndErases) {
  constexpr uint32_t kItems = 200;
  IndexTable table(kItems);
  std::mt19937_64 random(1);
  std::map<uint32_t, uint64_t> model;  // Index → hash. Few distinct hashes, so that runs collide.
  for (int round = 0; round < 20'000; ++round) {
    const uint32_t index = static_cast<uint32_t>(random() % kItems);
    if (model.contains(index)) {
      table.erase(model[index], index);
      model.erase(index);
    } else {
      model[index] = (random() % 37) << 32;
      table.insert(model[index], index);
    }
    const uint32_t asked = static_cast<uint32_t>(random() % kItems);
    const uint64_t hash = model.contains(asked) ? model[asked] : uint64_t{5} << 32;
    const uint32_t found = table.find(hash, [&](uint32_t i) { return i == asked; });
    ASSERT_EQ(found, model.contains(asked) ? asked : kNoIndex);
  }
  EXPECT_EQ(table.size(), model.size());
}

TEST(KeyedHashTest, DependsOnKeyPartsAndTheirBorders) {
  const KeyedHash one({1, 2}), other({1, 3});
  EXPECT_EQ(one("abc"), one("abc"));
  EXPECT_NE(one("abc"), other("abc"));
  EXPECT_NE(one("ab", "c"), one("a", "bc"));
  EXPECT_NE(one("abc", ""), one("abc"));
}

// The wheel against a sorted map, with jumps from a millisecond to days.
TEST(TimerWheelTest, FiresEveryTimerOnceInTimeAndNeverEarly) {
  std::mt19937_64 random(2);
  for (int world = 0; world < 30; ++world) {
    constexpr uint32_t kTimers = 64;
    TimerWheel wheel(kTimers);
    std::map<uint32_t, Instant> model;
    Instant now = Instant::from_unix_seconds(1'800'000'000);
    const auto random_span = [&] {
      return Duration::nanoseconds(static_cast<int64_t>(random() >> (20 + random() % 40)) % 400'000'000'000'000);
    };
    for (int step = 0; step < 600; ++step) {
      const uint32_t timer = static_cast<uint32_t>(random() % kTimers);
      switch (random() % 4) {
        case 0:
        case 1: {
          const Instant deadline = now + random_span() - Duration::seconds(random() % 8 == 0 ? 5 : 0);
          wheel.start(now);
          wheel.arm(timer, deadline);
          model[timer] = deadline;
          break;
        }
        case 2:
          wheel.cancel(timer);
          model.erase(timer);
          break;
        default:
          if (!model.empty()) {
            // Never later than the earliest deadline's millisecond.
            Instant earliest = Instant::never();
            for (const auto& [id, deadline] : model) earliest = std::min(earliest, deadline);
            ASSERT_LE(wheel.next_deadline(), std::max(earliest + Duration::milliseconds(1), now));
          }
          now = now + random_span();
          for (uint32_t fired; (fired = wheel.take_due(now)) != kNoIndex;) {
            ASSERT_TRUE(model.contains(fired));
            ASSERT_LE(model[fired], now);
            model.erase(fired);
          }
          for (const auto& [id, deadline] : model) ASSERT_GT(deadline + Duration::milliseconds(1), now);
      }
      ASSERT_EQ(wheel.armed(), model.size());
    }
    EXPECT_EQ(wheel.next_deadline() == Instant::never(), model.empty());
  }
}

TEST(TimerWheelTest, ReachesADistantDeadlineByItsOwnDeadlines) {
  TimerWheel wheel(1);
  Instant now = Instant::from_unix_seconds(1'800'000'000);
  const Instant deadline = now + Duration::seconds(86'400);
  wheel.start(now);
  wheel.arm(0, deadline);
  int turns = 0;
  while (wheel.take_due(now) == kNoIndex) {
    ASSERT_GT(wheel.next_deadline(), now);
    now = wheel.next_deadline();
    ASSERT_LT(++turns, 1000);
  }
  EXPECT_LT(now - deadline, Duration::milliseconds(2));
}

std::string written(const IpAddress& address) {
  char buffer[64];
  parsers::Writer writer(buffer, sizeof buffer);
  address.write(writer);
  return std::string(writer.text());
}

// RFC 5952 §4: the one way to write an address.
TEST(IpAddressTest, ReadsAndWritesBothFamilies) {
  for (const auto& [text, canonical] : std::map<std::string, std::string>{
           {"192.0.2.1", "192.0.2.1"}, {"0.0.0.0", "0.0.0.0"}, {"2001:DB8::1", "2001:db8::1"},
           {"[::1]", "::1"}, {"::", "::"}, {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
           {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"}, {"1::", "1::"}, {"::ffff:192.0.2.1", "192.0.2.1"},
           {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"}, {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"}}) {
    IpAddress address;
    ASSERT_TRUE(IpAddress::parse(text, address)) << text;
    EXPECT_EQ(written(address), canonical) << text;
  }
  for (const char* text : {"", "192.0.2", "192.0.2.256", "192.0.2.1.1", "1.2.3.x", "::1::", "1:2:3:4:5:6:7:8:9", ":1",
                           "1:", "12345::", "g::1", "[::1", "2001:db8::192.0.2", "example.com", "1:2:3:4:5:6:7:8::"}) {
    IpAddress address;
    EXPECT_FALSE(IpAddress::parse(text, address)) << text;
  }
}

}  // namespace
}  // namespace vedette::engine
