// How often one subscription is told (RFC 3856 §6.10, RFC 6446): the operator's policy, what a watcher asked for, and
// what of it applies. Pure; the notifier asks.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/time.h"
#include "engine/presence/packages/package_id.h"
#include "parsers/notification_rates.h"

namespace vedette::engine {

// The operator's: [pace].
struct PacePolicy {
  // Between two NOTIFYs of one subscription, at least; zero: as often as something changes. RFC 3856 §6.10, RFC 3857
  // §4.10 and RFC 3680 §4.10 recommend five seconds. Who looks at a busy lamp is about to press it.
  std::array<Duration, kPackages> interval = {Duration::seconds(5), Duration::seconds(5), Duration(),
                                              Duration::seconds(5), Duration::seconds(5)};
  // Rates below once in this time are raised to it.
  Duration interval_max = Duration::seconds(3600);
  // A watcher that wants to be told without a change (min-rate, adaptive-min-rate) is told after this time at the
  // earliest.
  Duration unchanged_interval_min = Duration::seconds(30);
};

// What applies to a subscription that asked for rates.
struct Pace {
  Duration interval;             // Between two NOTIFYs, at least.
  Duration unchanged;            // Without a change it is told again after this time; zero: it is not.
  Duration adaptive;             // What it wants on average between two (RFC 6446 §7.4); zero: nothing.
  Duration unchanged_min;        // Not sooner, whatever the average is.
  // NOTIFYs of the running window and of the one before it, each as long as kWindows times `adaptive`. The first begins
  // with the first NOTIFY.
  Instant window_began;
  uint8_t told = 0, told_before = 0;

  // A NOTIFY goes out; resends are none.
  void on_told(Instant now);
  // When it is told again though nothing has changed, if the last NOTIFY went out at `told_at`. never(): not at all.
  Instant unchanged_due(Instant told_at) const;
};

// What a SUBSCRIBE asks for.
struct WantedPace {
  PackageId package{};
  parsers::NotificationRates rates;
  Duration expires;              // How long it is granted; zero: it fetches.
};
// `rates`, what the watcher asked for, become those that it gets (RFC 6446 §5.3, §6.3, §7.3, §8).
Pace negotiate_pace(const PacePolicy& policy, WantedPace& wanted);

// A Pace as it stands behind the text of a dialog, so that only those pay for it who asked: its bytes, then the
// parameters that its NOTIFYs have in Subscription-State (RFC 6446 §5.2). Empty where no rate was asked for.
class PaceText {
 public:
  PaceText(const PacePolicy& policy, WantedPace wanted);
  std::string_view view() const { return {bytes_.data(), length_}; }

 private:
  std::array<char, sizeof(Pace) + parsers::kNotificationRatesBytesMax> bytes_;
  size_t length_ = 0;
};
// Those parameters.
constexpr std::string_view rates_in(std::string_view pace_text) {
  return pace_text.substr(std::min(sizeof(Pace), pace_text.size()));
}

}  // namespace vedette::engine
