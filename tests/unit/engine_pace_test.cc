// What of the rates that a watcher asks for applies (RFC 6446), and the arithmetic of the adaptive one.
#include <gtest/gtest.h>

#include <string>

#include "engine/config.h"
#include "engine/presence/pace.h"
#include "engine/presence/subscription.h"

namespace vedette::engine {
namespace {

using parsers::kNotificationsPerSecond;
using parsers::NotificationRates;

constexpr Instant kStart = Instant::from_unix_seconds(1'800'000'000);

NotificationRates every(int64_t max, int64_t min = 0, int64_t adaptive = 0) {
  const auto rate = [](int64_t seconds) { return seconds == 0 ? 0 : kNotificationsPerSecond / uint64_t(seconds); };
  return {rate(max), rate(min), rate(adaptive)};
}

TEST(Pace, ADefaultIsFiveSecondsAndBusyLampsHaveNone) {
  const EngineConfig config;
  const auto of = [&](PackageId package) { return config.pace.interval[static_cast<size_t>(package)]; };
  EXPECT_EQ(of(PackageId::kPresence), Duration::seconds(5));
  EXPECT_EQ(of(PackageId::kWatcherInfo), Duration::seconds(5));
  EXPECT_EQ(of(PackageId::kReg), Duration::seconds(5));
  EXPECT_EQ(of(PackageId::kDialog), Duration());
}

// With the rates that it gets.
Pace negotiate(const PacePolicy& policy, PackageId package, NotificationRates& rates, Duration expires = {}) {
  WantedPace wanted = {package, rates, expires};
  const Pace pace = negotiate_pace(policy, wanted);
  rates = wanted.rates;
  return pace;
}

TEST(Pace, ThePolicyBoundsWhatIsAskedFor) {
  const PacePolicy policy;
  NotificationRates rates = every(20);
  EXPECT_EQ(negotiate(policy, PackageId::kPresence, rates).interval, Duration::seconds(20));
  EXPECT_EQ(rates.max, kNotificationsPerSecond / 20);
  rates = every(1);
  EXPECT_EQ(negotiate(policy, PackageId::kPresence, rates).interval, Duration::seconds(5));
  EXPECT_EQ(rates.max, kNotificationsPerSecond / 5);
  rates = every(1);
  EXPECT_EQ(negotiate(policy, PackageId::kDialog, rates).interval, Duration::seconds(1));
  rates = {.max = 1};
  EXPECT_EQ(negotiate(policy, PackageId::kPresence, rates).interval.to_seconds(), 3600);
  // Nobody is told without a change more often than the policy has it, or than the max-rate.
  rates = every(0, 12, 10);
  Pace pace = negotiate(policy, PackageId::kPresence, rates);
  EXPECT_EQ(pace.unchanged.to_seconds(), 30);
  EXPECT_EQ(pace.adaptive.to_seconds(), 30);
  EXPECT_EQ(pace.interval, Duration::seconds(5));
  rates = every(100, 40, 0);
  pace = negotiate(policy, PackageId::kPresence, rates);
  EXPECT_EQ(pace.unchanged, Duration::seconds(100));
  EXPECT_EQ(rates.min, rates.max);
}

// RFC 6446 §5.3.
TEST(Pace, IsFastEnoughForOneNotifyBeforeTheEnd) {
  NotificationRates rates = every(1'000);
  EXPECT_EQ(negotiate(PacePolicy(), PackageId::kPresence, rates, Duration::seconds(500)).interval,
            Duration::seconds(500));
  EXPECT_EQ(rates.max, kNotificationsPerSecond / 500);
  rates = every(400);
  EXPECT_EQ(negotiate(PacePolicy(), PackageId::kPresence, rates, Duration::seconds(500)).interval,
            Duration::seconds(400));
  // Nobody is told more often than the policy has it for that.
  rates = every(1'000);
  EXPECT_EQ(negotiate(PacePolicy(), PackageId::kPresence, rates, Duration::seconds(2)).interval, Duration::seconds(5));
}

// RFC 6446 §8: a min-rate that is not lower than the adaptive one is not considered.
TEST(Pace, AMinimumRateIsForWhatTheAdaptiveOneLeavesOpen) {
  for (const int64_t min : {40, 30}) {
    NotificationRates rates = every(0, min, 40);
    EXPECT_EQ(negotiate(PacePolicy(), PackageId::kPresence, rates).unchanged, Duration());
    EXPECT_EQ(rates.min, 0u);
  }
  NotificationRates rates = every(0, 100, 40);
  EXPECT_EQ(negotiate(PacePolicy(), PackageId::kPresence, rates).unchanged, Duration::seconds(100));
}

// No interval is shorter than the rate that the watcher was told allows.
TEST(Pace, RoundsInFavourOfTheNetwork) {
  PacePolicy policy;
  policy.interval.fill(Duration());
  for (uint64_t rate = 3; rate < parsers::kNotificationRateMax; rate = rate * 7 / 2) {
    NotificationRates rates = {.max = rate};
    const Pace pace = negotiate(policy, PackageId::kPresence, rates);
    // A year's NOTIFYs at this interval, against the rate.
    const double told = 365.0 * 86'400e9 / double(pace.interval.to_nanoseconds());
    EXPECT_LE(told, 365.0 * 86'400 * double(rates.max) / double(kNotificationsPerSecond) * (1 + 1e-12)) << rate;
  }
}

TEST(Pace, WithoutMinimumRatesNothingIsDue) {
  NotificationRates rates = every(20);
  Pace pace = negotiate(PacePolicy(), PackageId::kPresence, rates);
  pace.on_told(kStart);
  EXPECT_EQ(pace.unchanged_due(kStart), Instant::never());
}

// RFC 6446 §7.4: left alone it settles on the wanted rate; after many changes it waits longer, up to its bound.
TEST(Pace, TheAdaptiveRateIsThatOfTheAverage) {
  PacePolicy policy;
  policy.unchanged_interval_min = Duration::seconds(1);
  NotificationRates rates = every(0, 0, 40);
  Pace pace = negotiate(policy, PackageId::kDialog, rates);
  Instant now = kStart;
  const auto tell = [&](Instant at) {
    now = at;
    pace.on_told(now);
    return pace.unchanged_due(now) - now;
  };
  Duration wait = tell(now);
  // As if it had been told at that rate before.
  EXPECT_EQ(wait, Duration::seconds(40));
  int told = 0;
  for (; now < kStart + Duration::seconds(100'000); ++told) wait = tell(now + wait);
  EXPECT_NEAR(told, 100'000 / 40, 250);
  // A change a second for a while.
  for (int i = 0; i < 1000; ++i) wait = tell(now + Duration::seconds(1));
  EXPECT_GT(wait, Duration::seconds(40 * 8));
  EXPECT_LE(wait, Duration::seconds(40 * 64));
  // When all of it is long past there is one NOTIFY in the period.
  EXPECT_EQ(tell(now + Duration::seconds(10'000)), Duration::seconds(5));
}

TEST(Pace, CostsNobodyWhoDoesNotAskForRates) {
  const PaceText none(PacePolicy(), {PackageId::kPresence, {}, {}});
  EXPECT_TRUE(none.view().empty());
  const PaceText some(PacePolicy(), {PackageId::kPresence, every(20), {}});
  EXPECT_EQ(rates_in(some.view()), ";max-rate=0.05");
  EXPECT_LE(sizeof(Pace), 48u);
  EXPECT_LE(sizeof(Subscription), 232u);
}

}  // namespace
}  // namespace vedette::engine
