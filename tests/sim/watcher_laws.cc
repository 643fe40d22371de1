// What the book of dialogs says of documents that list watchers (RFC 3857, RFC 3858), and of all others through the
// oracle.
#include <algorithm>

#include "tests/sim/dialog_laws.h"

namespace vedette::sim {

using engine::Duration;
using engine::Instant;

namespace {

// Within this, and the pace, a change has reached who watches it.
constexpr Duration kToldWithin = Duration::seconds(5);
// And the rest of a list, after the answer to its first part.
constexpr Duration kGoesOnWithin = Duration::seconds(2);
// What one watcher takes at most, and besides the list a NOTIFY.
constexpr size_t kRowBytesMax = 640, kOverheadMax = 512;
// So many of whom a list was made may have been over by then.
constexpr size_t kLookedAt = 256;

}  // namespace

std::string DialogLaws::find_fault(const Shown& shown) const {
  if (shown.view.package == Package::kWatcherInfo) return find_watchers_fault(shown);
  std::string fault;
  for (const Rights& rights : rights_.of({shown.view.package, shown.watcher, shown.aor})) {
    fault = model_.find_fault(shown.aor, shown.view, rights);
    if (fault.empty()) break;
  }
  return fault;
}

Instant DialogLaws::changed_at(Package package, const std::string& aor) const {
  // Of watchers find_watchers_fault() knows when each came and went.
  if (package == Package::kWatcherInfo) return Instant();
  const Instant changed_at = model_.changed_at(package, aor);
  return package == Package::kPresence ? std::max(changed_at, rights_.changed_at(aor)) : changed_at;
}

void DialogLaws::note_end(Dialog& dialog) {
  // An operator's word takes the shard a few turns.
  const bool is_ended = dialog.ended_at != Instant::never() && stage_.is_past(dialog.ended_at + kToldWithin);
  const bool is_sure = is_ended || dialog.end == End::kSurely || dialog.final_sent ||
                       (has_timed_out(dialog) && !dialog.perhaps_answered) ||
                       stage_.is_past(std::max(dialog.expires_at, dialog.perhaps_expires_at));
  dialog.over_at = is_sure ? std::min(dialog.over_at, stage_.now()) : Instant::never();
}

// RFC 3857 §4.7.1: who waits to be decided on, or did just now.
bool DialogLaws::may_be_pending(const Shown& shown, const ElementView& watcher) const {
  if (watcher.state != "pending" && watcher.state != "waiting") return false;
  const Duration told_within = kToldWithin + shown.pace;
  const Instant changed_at = std::max(model_.changed_at(Package::kPresence, shown.aor), rights_.changed_at(shown.aor));
  if (!stage_.is_past(changed_at + told_within)) return true;
  const std::vector<Rights> rights = rights_.of({Package::kPresence, watcher.subject, shown.aor});
  return std::any_of(rights.begin(), rights.end(),
                     [](const Rights& one) { return one.handling == Rights::Handling::kConfirm; });
}

// RFC 3858 §4. Afterwards the view is of all that was told.
void DialogLaws::check_watcher_list(const DialogId& id, Dialog& dialog) {
  const bool is_full = dialog.shown.view.is_full;
  if (dialog.full_due && !is_full) broken(id, "a SUBSCRIBE is answered by everything", "a partial list of watchers");
  if (dialog.refused && !is_full) {
    broken(id, "who refused a NOTIFY is told everything", "a partial list of watchers");
  }
  const std::string fault = dialog.watchers.take(dialog.shown.view);
  if (!fault.empty()) broken(id, "a watcher list is everything, or fits what its reader has", fault);
  dialog.shown.view = dialog.watchers.view();
  // RFC 3858 §4 lets a partial list say what a full one had no room for.
  const size_t others = std::count_if(dialogs_.begin(), dialogs_.end(), [&dialog](const auto& entry) {
    return entry.second.package == Package::kPresence && entry.second.aor == dialog.aor;
  });
  dialog.shown.goes_on = others >= kLookedAt || dialog.shown.view.bytes + kRowBytesMax + kOverheadMax +
                                                        config_.limits.dialog_bytes_max >
                                                    config_.limits.datagram_bytes_max;
}

// Whoever is due is in what its reader has put together, in however many NOTIFYs it came.
void DialogLaws::check_list_is_whole(const DialogId& id, const Dialog& dialog) {
  if (dialog.package != Package::kWatcherInfo || !dialog.shown_any || dialog.owed || dialog.condition == "*") return;
  const Instant told_by = std::max(dialog.sent_at, dialog.answered_at) + kGoesOnWithin;
  // Where limits are met a document may have to wait for room.
  const bool may_wait = !stage_.is_past(stage_.starved_at + dialog.shown.pace + kToldWithin);
  if (!dialog.shown.goes_on || may_wait || !stage_.is_past(told_by)) return;
  Shown whole = dialog.shown;
  whole.goes_on = false;
  const std::string fault = find_fault(whole);
  if (fault.empty()) return;
  broken(id, "a list that has no room in a NOTIFY goes on in the next ones until it is whole", fault);
}

// RFC 3857 §4.7.1: a watcher is listed from its SUBSCRIBE on, until it is over.
std::string DialogLaws::find_watchers_fault(const Shown& shown) const {
  struct Count {
    int due = 0, allowed = 0, listed = 0;
  };
  if (shown.view.aor != shown.aor) return "it is about " + shown.view.aor;
  const Duration told_within = kToldWithin + shown.pace;
  std::map<std::string, Count> counts;
  for (const auto& [id, dialog] : dialogs_) {
    if (dialog.package != Package::kPresence || dialog.aor != shown.aor) continue;
    const Instant gone_at = std::min(dialog.gone_at, dialog.over_at);
    if (gone_at != Instant::never() && (gone_at <= shown.made_at || stage_.is_past(gone_at + told_within))) continue;
    Count& count = counts[dialog.watcher];
    ++count.allowed;
    const bool is_reached = dialog.gruu.empty() || model_.is_bound(dialog.gruu);
    const bool is_live =
        is_reached && !is_over(dialog) && !dialog.perhaps_answered && !may_lack_a_view(dialog);
    count.due += is_live && (dialog.created_at <= shown.made_at || stage_.is_past(dialog.created_at + told_within));
  }
  for (const ElementView& watcher : shown.view.elements) {
    if (watcher.state != "active" && !may_be_pending(shown, watcher)) return "a watcher is " + watcher.state;
    // Who waits has no dialog any more.
    counts[watcher.subject].listed += watcher.state != "waiting";
  }
  for (const auto& [aor, count] : counts) {
    const std::string numbers = aor + ": listed " + std::to_string(count.listed) + ", due " +
                                std::to_string(count.due) + " to " + std::to_string(count.allowed);
    if (count.listed > count.allowed) return "a watcher that does not watch, " + numbers;
    if (count.listed < count.due && !shown.goes_on) return "a watcher is missing, " + numbers;
  }
  return find_waiting_fault(shown);
}

// RFC 3857 §4.7.1: who was not decided on waits, once, until rules decide, he subscribes anew, or too long.
std::string DialogLaws::find_waiting_fault(const Shown& shown) const {
  std::map<std::string, int> waiting;
  for (const ElementView& watcher : shown.view.elements) {
    if (watcher.state == "waiting" && ++waiting[watcher.subject] > 1) return "he waits twice: " + watcher.subject;
  }
  const Instant ended_at = ended_by_operator_at(shown.aor);
  std::set<std::string> known;
  for (const auto& [id, dialog] : dialogs_) {
    if (dialog.package != Package::kPresence || dialog.aor != shown.aor) continue;
    // An operator ends who waits with the others.
    const bool is_ended = dialog.gone_at < ended_at && stage_.is_past(ended_at + kToldWithin + shown.pace);
    if (!is_ended) known.insert(dialog.watcher);
    if (waiting.contains(dialog.watcher) || shown.goes_on) continue;
    if (must_wait(shown, dialog)) return "who was not decided on does not wait: " + dialog.watcher;
  }
  for (const auto& [watcher, count] : waiting) {
    if (!known.contains(watcher)) return "he waits, and never was here, or was ended: " + watcher;
  }
  return {};
}

Instant DialogLaws::ended_by_operator_at(std::string_view aor) const {
  const auto found = ended_at_.find(aor);
  return found == ended_at_.end() ? Instant() : found->second;
}

bool DialogLaws::must_wait(const Shown& shown, const Dialog& dialog) const {
  if (!dialog.waits || dialog.gone_at == Instant::never() || !stage_.preset.serves_everybody) return false;
  // Its last NOTIFY left some time before that.
  const Instant began = dialog.sent_at;
  const Instant told_by = dialog.gone_at + kToldWithin + shown.pace;
  const Instant gives_up_at = began + Duration::seconds(config_.limits.waiting_watcher_seconds) - kToldWithin;
  if (!stage_.is_past(told_by) || stage_.now() >= gives_up_at) return false;
  const Instant decided_at = std::max(rights_.changed_at(shown.aor), model_.changed_at(Package::kPresence, shown.aor));
  if (decided_at + kToldWithin >= began || ended_by_operator_at(shown.aor) + kToldWithin >= began) return false;
  const std::vector<Rights> rights = rights_.of({Package::kPresence, dialog.watcher, shown.aor});
  if (rights.size() != 1 || rights[0].handling != Rights::Handling::kConfirm) return false;
  return std::none_of(dialogs_.begin(), dialogs_.end(), [&](const auto& entry) {
    const Dialog& other = entry.second;
    const bool is_his = &other != &dialog && other.aor == dialog.aor && other.watcher == dialog.watcher;
    return is_his && other.created_at + kToldWithin >= began;
  });
}

}  // namespace vedette::sim
