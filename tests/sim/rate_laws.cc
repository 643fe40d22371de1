// What the book of dialogs says of how often watchers are told who asked for rates (RFC 6446): intervals in place of
// rates, worked out anew from what the RFC and the README say.
#include <algorithm>
#include <cmath>

#include "parsers/event.h"
#include "tests/sim/dialog_laws.h"

namespace vedette::sim {

using engine::Duration;
using engine::Instant;
using parsers::NotificationRate;
using parsers::NotificationRates;

namespace {

constexpr double kUnit = static_cast<double>(parsers::kNotificationsPerSecond);
// Rates are rounded.
constexpr double kPrecision = 1e-6;
constexpr Duration kRounding = Duration::milliseconds(1);
// After its time who wants to be told is.
constexpr Duration kToldAgainWithin = Duration::seconds(2);

double seconds_of(Duration duration) { return static_cast<double>(duration.to_milliseconds()) / 1000.0; }
double seconds_of(NotificationRate rate) { return kUnit / static_cast<double>(rate); }
NotificationRate rate_of(double seconds) { return static_cast<NotificationRate>(kUnit / seconds); }
Duration duration_of(NotificationRate rate) {
  return Duration::milliseconds(static_cast<int64_t>(seconds_of(rate) * 1000.0));
}
bool is_close(NotificationRate a, NotificationRate b) {
  return a == b || (a > 0 && b > 0 && std::abs(seconds_of(a) / seconds_of(b) - 1.0) < kPrecision);
}

}  // namespace

void DialogLaws::learn_rates(const Facts& request, uint32_t granted, Dialog& dialog) {
  parsers::Event event;
  dialog.rates = {};
  if (parsers::parse_event(request.value(parsers::HeaderId::kEvent), event) == parsers::ParseError::kOk) {
    parsers::parse_notification_rates(event.params, dialog.rates);
  }
  dialog.granted = granted;
  dialog.rates_unsure = false;
}

// §5.3, §6.3, §7.3, §8.
NotificationRates DialogLaws::rates_due(const Dialog& dialog) const {
  const double ours = seconds_of(pace(dialog.package));
  const double slowest = seconds_of(config_.pace.interval_max);
  NotificationRates due;
  double least = ours;
  if (dialog.rates.max != 0) {
    const double most = dialog.granted > 0 ? std::min(slowest, static_cast<double>(dialog.granted)) : slowest;
    least = std::max(ours, std::min(seconds_of(dialog.rates.max), most));
    due.max = rate_of(std::max(least, 1.0 / 99));
  }
  least = std::max(least, seconds_of(config_.pace.unchanged_interval_min));
  const auto within = [&](NotificationRate wanted) {
    return wanted == 0 ? 0 : rate_of(std::max(least, std::min(seconds_of(wanted), slowest)));
  };
  due.adaptive_min = within(dialog.rates.adaptive_min);
  const bool counts = dialog.rates.adaptive_min == 0 || dialog.rates.min < dialog.rates.adaptive_min;
  if (counts) due.min = within(dialog.rates.min);
  return due;
}

Duration DialogLaws::interval_between(const Dialog& dialog) const {
  if (dialog.rates_unsure) return config_.pace.interval_max;
  const NotificationRate max = rates_due(dialog).max;
  return max == 0 ? pace(dialog.package) : std::max(pace(dialog.package), duration_of(max) - kRounding);
}

Duration DialogLaws::pace_of(const DialogId& id, Package package) const {
  const auto found = dialogs_.find({id.call_id, lower_case(id.server_tag), id.client_tag});
  return found == dialogs_.end() ? pace(package) : interval_between(found->second);
}

// §5.2.
void DialogLaws::check_rates_told(const DialogId& id, const Dialog& dialog, std::string_view state) {
  if (dialog.rates_unsure) return;
  NotificationRates told;
  const NotificationRates due = rates_due(dialog);
  const size_t params = std::min(state.find(';'), state.size());
  const bool is_read = parsers::parse_notification_rates(state.substr(params), told) == parsers::ParseError::kOk;
  if (is_read && is_close(told.max, due.max) && is_close(told.min, due.min) &&
      is_close(told.adaptive_min, due.adaptive_min)) {
    return;
  }
  broken(id, "Subscription-State says which rates there are (RFC 6446 §5.2)", std::string(state));
}

// §6.2: "the notifier MUST generate notifications ... at least at this rate".
void DialogLaws::check_minimum_rate(const DialogId& id, const Dialog& dialog) {
  const NotificationRate min = rates_due(dialog).min;
  if (min == 0 || dialog.rates_unsure || dialog.cseq == 0 || dialog.owed || dialog.perhaps_owed) return;
  // RFC 5839 §6.3: who said that it has the state is told nothing. Where limits are met there may be no room.
  if (!dialog.condition.empty() || !stage_.preset.serves_everybody) return;
  const Instant due = std::max(dialog.sent_at + duration_of(min), dialog.answered_at) + kToldAgainWithin;
  if (!stage_.is_past(due)) return;
  broken(id, "who asked for a minimum rate is told so often (RFC 6446 §6.2)",
         "nothing for " + std::to_string(seconds_of(stage_.now() - dialog.sent_at)) + " s");
}

// Though nothing has changed.
bool DialogLaws::may_be_told_again(const Dialog& dialog) const {
  const NotificationRates due = rates_due(dialog);
  if (dialog.rates_unsure) return true;
  return (due.min != 0 || due.adaptive_min != 0) &&
         stage_.now() - dialog.sent_at >= config_.pace.unchanged_interval_min - kRounding;
}

}  // namespace vedette::sim
