#include "engine/presence/pace.h"

#include <cstring>
#include <limits>

namespace vedette::engine {
namespace {

using parsers::NotificationRate;

// RFC 6446 §7.4: the period of the rolling average is several times as long as what is wanted between two NOTIFYs.
constexpr int64_t kWindows = 8;

// Nanoseconds that a rate of one unit has between two.
constexpr uint64_t kNanosecondsOfUnit = uint64_t{1'000'000'000} * parsers::kNotificationsPerSecond;
static_assert(kNanosecondsOfUnit / 10 == 1'000'000'000'000'000'000);

// Rounded up, so that no rate is exceeded.
Duration interval_of(NotificationRate rate) {
  return Duration::nanoseconds(static_cast<int64_t>((kNanosecondsOfUnit - 1) / rate + 1));
}
// Rounded down, for the same reason. No rate is so high that there would be no interval.
NotificationRate rate_of(Duration interval) {
  if (interval <= Duration()) return parsers::kNotificationRateMax;
  return std::clamp<NotificationRate>(kNanosecondsOfUnit / static_cast<uint64_t>(interval.to_nanoseconds()), 1,
                                      parsers::kNotificationRateMax);
}

}  // namespace

void Pace::on_told(Instant now) {
  if (adaptive == Duration()) return;
  const Duration window = adaptive * kWindows;
  if (window_began == Instant()) {
    // RFC 6446 §7.2: "The "count" parameter is initialized to contain a history of having sent a "period *
    // adaptive-min-rate" number of notifications for the "period"." This one is the last of them.
    told_before = kWindows - 1;
    window_began = now;
  } else if (now - window_began >= window * 2) {
    told = told_before = 0;
    window_began = now;
  } else if (now - window_began >= window) {
    told_before = told;
    told = 0;
    window_began = window_began + window;
  }
  if (told < std::numeric_limits<uint8_t>::max()) ++told;
}

Instant Pace::unchanged_due(Instant told_at) const {
  if (unchanged == Duration() && adaptive == Duration()) return Instant::never();
  Duration wait = unchanged;
  if (adaptive != Duration()) {
    // RFC 6446 §7.4: timeout = count / (rate^2 * period), count being that of the last period: the window so far and
    // the share of the one before it that the period still reaches. With period = kWindows / rate that is an eighth of
    // the wanted time for each NOTIFY.
    const int64_t wanted = adaptive.to_nanoseconds();
    const int64_t left = std::max<int64_t>(wanted * kWindows - (told_at - window_began).to_nanoseconds(), 0);
    const Duration timeout =
        std::max(Duration::nanoseconds(wanted / kWindows * told + left / (kWindows * kWindows) * told_before),
                 unchanged_min);
    // RFC 6446 §8: "The addition of the minimum rate mechanism ensures that the subscriber always receives
    // notifications after a specified interval."
    wait = unchanged == Duration() ? timeout : std::min(unchanged, timeout);
  }
  return told_at + std::max(wait, interval);
}

Pace negotiate_pace(const PacePolicy& policy, WantedPace& wanted) {
  parsers::NotificationRates& rates = wanted.rates;
  const Duration ours = policy.interval[static_cast<size_t>(wanted.package)];
  const NotificationRate slowest = rate_of(policy.interval_max);
  // RFC 6446 §5.2: nobody is told more often than the local policy has it, whatever is asked.
  const NotificationRate fastest = rate_of(ours);
  const auto within = [](NotificationRate rate, NotificationRate low, NotificationRate high) {
    return rate == 0 ? 0 : std::min(std::max(rate, low), high);
  };
  // RFC 6446 §8: "A subscriber SHOULD choose a "min-rate" value lower than the "adaptive-min-rate" value, otherwise,
  // the notifier MUST NOT consider the "min-rate" value."
  if (rates.adaptive_min != 0 && rates.min >= rates.adaptive_min) rates.min = 0;
  // RFC 6446 §5.3: "If the subscriber requests a maximum rate that would result in no notification before the
  // subscription expiration, the notifier MUST increase the maximum rate and set it to the reciprocal value of the
  // remaining subscription expiration time."
  const NotificationRate once = wanted.expires > Duration() ? rate_of(wanted.expires) : 0;
  rates.max = within(rates.max, std::max(slowest, once), fastest);
  // RFC 6446 §8: a minimum rate above the max-rate is lowered to it.
  const NotificationRate unchanged_fastest =
      std::min(rate_of(policy.unchanged_interval_min), rates.max == 0 ? fastest : rates.max);
  rates.min = within(rates.min, slowest, unchanged_fastest);
  rates.adaptive_min = within(rates.adaptive_min, slowest, unchanged_fastest);
  Pace pace;
  pace.interval = rates.max == 0 ? ours : std::max(ours, interval_of(rates.max));
  if (rates.min != 0) pace.unchanged = interval_of(rates.min);
  if (rates.adaptive_min != 0) pace.adaptive = interval_of(rates.adaptive_min);
  pace.unchanged_min = policy.unchanged_interval_min;
  return pace;
}

PaceText::PaceText(const PacePolicy& policy, WantedPace wanted) {
  if (!wanted.rates.any()) return;
  const Pace pace = negotiate_pace(policy, wanted);
  std::memcpy(bytes_.data(), &pace, sizeof pace);
  parsers::Writer writer(bytes_.data() + sizeof pace, bytes_.size() - sizeof pace);
  parsers::write_notification_rates(wanted.rates, writer);
  length_ = sizeof pace + writer.length();
}

}  // namespace vedette::engine
