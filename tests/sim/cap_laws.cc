// The laws of what one watcher or presentity may have: no more than its share, and whoever has less is not turned away
// for it.
#include <algorithm>

#include "tests/sim/dialog_laws.h"

namespace vedette::sim {
namespace {

constexpr std::string_view kTooManyWatchers = "Too Many Watchers";
constexpr std::string_view kTooManyViews = "Too Many Views";
constexpr std::string_view kTooManyRequests = "Too Many Requests";

}  // namespace

// The subscriptions of one watcher to one presentity are on one shard, whichever that is.
void DialogLaws::check_share(const DialogId& id, const Dialog& made) {
  const uint32_t most = config_.limits.subscriptions_per_watcher_max;
  if (most == 0) return;
  const auto count = std::count_if(dialogs_.begin(), dialogs_.end(), [&](const auto& entry) {
    const Dialog& dialog = entry.second;
    const bool is_same = dialog.watcher == made.watcher && dialog.aor == made.aor;
    return is_same && !is_over(dialog) && !may_lack_a_view(dialog);
  });
  if (count > most) {
    broken(id, "nobody has more subscriptions than one watcher may have", std::to_string(count) + " to " + made.aor);
  }
}

// 480, or 500 within a dialog: its phrase says what there is too much of. A filter stays as long as anybody has it, so
// of who came with one it is not known how many are his.
void DialogLaws::on_share_refused(const Facts& request, const Facts& refusal) {
  const DialogId id = dialog_of(request, request.to_tag);
  const std::string_view phrase = refusal.message.reason_phrase();
  if (!request.to_tag.empty()) {
    const bool ends = refusal.status() == 480;
    if (ends) return broken(id, "who has too much keeps what he has (RFC 6665 §4.1.2.2)", "480 to a refresh");
    // RFC 3261 §12.2.2: 500 without Retry-After is for a CSeq that is out of order.
    const bool is_for_now = refusal.has(parsers::HeaderId::kRetryAfter) && phrase != kTooManyRequests;
    if (!is_for_now || !request.message.body().empty()) return;
    return broken(id, "a refresh is served whatever its watcher has", std::string(phrase));
  }
  if (refusal.status() != 480 || !request.message.body().empty() || phrase == kTooManyRequests) return;
  const std::string aor = aor_of(request.message.request_uri());
  const std::string watcher = aor_of_address(request.value(parsers::HeaderId::kFrom));
  if (phrase == kTooManyViews) {
    if (!rights_.has_rules(aor)) broken(id, "where there are no rules there is one view", aor + " has too many");
    return;
  }
  const bool is_presentity = phrase == kTooManyWatchers;
  Package package{};
  read_package(request.message, package);
  const auto count = std::count_if(dialogs_.begin(), dialogs_.end(), [&](const auto& entry) {
    const Dialog& dialog = entry.second;
    const bool counts = is_presentity ? dialog.aor == aor && dialog.package == package : dialog.watcher == watcher;
    return counts && stage_.now() < dialog.gone_at;
  });
  const uint32_t most = is_presentity ? config_.limits.subscriptions_per_presentity_max
                                      : config_.limits.subscriptions_per_watcher_max;
  if (count >= most) return;
  broken(id, "nobody is turned away for what there is where there is less than there may be",
         (is_presentity ? aor : watcher) + " has " + std::to_string(count));
}

}  // namespace vedette::sim
