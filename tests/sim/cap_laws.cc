// The laws of what one watcher may have: no more than his share, and whoever has less is not turned away for it.
#include <algorithm>

#include "tests/sim/dialog_laws.h"

namespace vedette::sim {

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

// 480. A filter stays as long as anybody has it, so of who came with one it is not known how many are his.
void DialogLaws::on_share_refused(const Facts& request) {
  if (!request.message.body().empty()) return;
  const DialogId id = dialog_of(request, request.to_tag);
  if (!request.to_tag.empty()) return broken(id, "a refresh is served whatever its watcher has", "480");
  const std::string watcher = aor_of_address(request.value(parsers::HeaderId::kFrom));
  const auto count = std::count_if(dialogs_.begin(), dialogs_.end(), [&](const auto& entry) {
    return entry.second.watcher == watcher && stage_.now() < entry.second.gone_at;
  });
  if (count < config_.limits.subscriptions_per_watcher_max) {
    broken(id, "nobody is turned away for what he has who has less than he may",
           watcher + " has " + std::to_string(count));
  }
}

}  // namespace vedette::sim
