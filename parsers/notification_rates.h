// The rates that a subscriber asks for in Event, and that a notifier gives in Subscription-State (RFC 6446 §9.2):
// ;max-rate=0.2;min-rate=0.01;adaptive-min-rate=0.05, notifications a second.
#pragma once

#include <cstdint>
#include <string_view>

#include "parsers/parse_error.h"
#include "parsers/writer.h"

namespace vedette::parsers {

// Notifications a second, in units of 1e-10: as fine as the grammar has them, so that what is given back is the number
// that was asked for. 0: there is none.
using NotificationRate = uint64_t;

inline constexpr NotificationRate kNotificationsPerSecond = 10'000'000'000;
inline constexpr NotificationRate kNotificationRateMax = 100 * kNotificationsPerSecond - 1;

struct NotificationRates {
  NotificationRate max = 0;
  NotificationRate min = 0;
  NotificationRate adaptive_min = 0;

  bool any() const { return max != 0 || min != 0 || adaptive_min != 0; }
};

// Reads them among the parameters of Event or Subscription-State, which are well-formed. kNumber for one that is not
// 1*2DIGIT ["." 1*10DIGIT], or zero; kParam for one that stands twice.
ParseError parse_notification_rates(std::string_view params, NotificationRates& out);
// Those that there are, each with its semicolon.
void write_notification_rates(const NotificationRates& rates, Writer& out);
// The most bytes that it writes.
inline constexpr size_t kNotificationRatesBytesMax = 88;

}  // namespace vedette::parsers
