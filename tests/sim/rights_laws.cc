// What the book of dialogs says of watchers whom rules decide on (RFC 3856 §6.6, RFC 4745, RFC 5025): none sees what it
// may not, not even that something happens; who is decided on anew is told at once.
#include <algorithm>

#include "tests/sim/dialog_laws.h"

namespace vedette::sim {

using engine::Duration;
using engine::Instant;
using Handling = Rights::Handling;

namespace {

// Within this the server has asked the rules, and told who is decided on otherwise.
constexpr Duration kDecidedWithin = Duration::seconds(2);

template <typename Condition>
bool any(const std::vector<Rights>& rights, Condition condition) {
  return std::any_of(rights.begin(), rights.end(), condition);
}
bool is_blocked(const Rights& rights) { return rights.handling == Handling::kBlock; }
bool is_confirmed(const Rights& rights) { return rights.handling == Handling::kConfirm; }
bool is_shown(const Rights& rights) { return rights.shows_document(); }

// One of them is where a SUBSCRIBE came from.
template <typename Endpoints>
bool leads_elsewhere(const Endpoints& targets) {
  return std::any_of(targets.begin(), targets.end(), [&targets](const engine::Endpoint& target) {
    return target.address != targets.begin()->address;
  });
}

}  // namespace

std::vector<Rights> DialogLaws::rights_of(const Dialog& dialog) const {
  // Who watches something else than presence was let in for good.
  if (dialog.package != Package::kPresence || !stage_.preset.events.has_rules) return {all_rights()};
  return rights_.of({dialog.package, dialog.watcher, dialog.aor});
}

void DialogLaws::note_rights(Dialog& dialog) {
  if (dialog.package != Package::kPresence || dialog.final_sent || !stage_.preset.events.has_rules) return;
  const std::vector<Rights> rights = rights_of(dialog);
  dialog.perhaps_blocked = dialog.perhaps_blocked || any(rights, is_blocked);
  dialog.perhaps_decided = dialog.perhaps_decided || any(rights, dialog.told_pending ? is_shown : is_confirmed);
  if (any(rights, is_shown) || any(rights, is_confirmed)) {
    dialog.blocked_since = Instant::never();
  } else {
    dialog.blocked_since = std::min(dialog.blocked_since, stage_.now());
  }
}

void DialogLaws::on_rights_changed(std::string_view aor) {
  for (auto& [id, dialog] : dialogs_) {
    if (dialog.aor == aor) note_rights(dialog);
  }
}

// RFC 3856 §6.6.1: 403 says that the watcher may not.
void DialogLaws::on_forbidden(const Facts& request) {
  Package package{};
  if (!request.to_tag.empty() || !read_package(request.message, package) || package != Package::kPresence) return;
  const std::string aor = aor_of(request.message.request_uri());
  const std::string watcher = aor_of_address(request.value(parsers::HeaderId::kFrom));
  if (!rights_.has_rules(aor) || any(rights_.of({package, watcher, aor}), is_blocked)) return;
  stage_.verdict.broken({.law = "nobody is refused whom the rules let watch",
                         .seen = watcher + " was, by " + aor,
                         .call_id = std::string(request.call_id)});
}

// A NOTIFY of a subscription that goes on.
void DialogLaws::check_rights(const DialogId& id, Dialog& dialog, const Facts& notify, bool is_pending) {
  const std::vector<Rights> rights = rights_of(dialog);
  const bool has_body = !notify.message.body().empty();
  if (is_pending) {
    stage_.played.add(Play::kNotifyOfPending);
    if (!any(rights, is_confirmed)) broken(id, "pending are those whom the rules say to confirm", dialog.watcher);
    if (has_body) broken(id, "who is pending is told no state", std::string(notify.message.body()));
  } else {
    if (!any(rights, is_shown)) broken(id, "active are those whom the rules let watch", dialog.watcher);
    // RFC 5839: who said that it has it, or wants none, is told it without.
    const bool is_known = dialog.condition == "*" || dialog.condition == notify.value(parsers::HeaderId::kSipEtag);
    // Where limits are met a document may be too long for a buffer. And who is not where his SUBSCRIBE came from, as a
    // damaged Contact or Record-Route may say, has to answer one without a body first.
    if (!has_body && !is_known && dialog.package == Package::kPresence && stage_.preset.serves_everybody &&
        !leads_elsewhere(dialog.targets)) {
      broken(id, "who is active is told the state", "no body");
    }
  }
  check_discreet(id, dialog, rights);
  // It goes on: whatever the rules said in between.
  dialog.perhaps_blocked = any(rights, is_blocked);
}

// RFC 5025 §3.2.1: who is pending or politely blocked does not learn from NOTIFYs that something happens.
void DialogLaws::check_discreet(const DialogId& id, const Dialog& dialog, const std::vector<Rights>& rights) {
  const bool is_asked_for = dialog.cseq == 0 || dialog.owed || dialog.perhaps_owed;
  const bool was_refused = dialog.refused || dialog.perhaps_answered || dialog.end != End::kNo;
  if (is_asked_for || was_refused || may_be_told_again(dialog)) return;
  if (rights != dialog.told_as || rights_.asks_for_sphere(dialog.aor)) return;
  if (rights.size() != 1 || rights[0].handling == Handling::kAllow) return;
  if (rights_.changed_at(dialog.aor) >= dialog.sent_at) return;
  broken(id, "who is pending or politely blocked is told nothing of what happens",
         std::string("a NOTIFY to one who is ") + (is_confirmed(rights[0]) ? "pending" : "politely blocked"));
}

// Whatever else is not certain: nothing is shown that its watcher was not granted.
void DialogLaws::check_permitted(const DialogId& id, const Dialog& dialog, std::string_view body) {
  if (dialog.package != Package::kPresence) return;
  std::string forbidden;
  for (const Rights& rights : rights_of(dialog)) {
    if (!rights.shows_document()) {
      forbidden = "a document";
      continue;
    }
    if (rights.handling == Handling::kPoliteBlock) stage_.played.add(Play::kNotifyOfPoliteBlock);
    if (rights.sees_all || rights.handling == Handling::kPoliteBlock) return;
    stage_.played.add(Play::kNotifyOfPart);
    forbidden = find_forbidden(rights.granted, body);
    if (forbidden.empty()) return;
  }
  broken(id, "none sees what it may not", forbidden);
}

bool DialogLaws::may_be_rejected(const Dialog& dialog, std::string_view reason) const {
  if (reason == "rejected" && dialog.perhaps_blocked) {
    stage_.played.add(Play::kRejected);
    return true;
  }
  return reason == "probation" && may_lack_a_view(dialog);
}

// Where limits are met there may be no room for what its watcher is to see.
bool DialogLaws::may_lack_a_view(const Dialog& dialog) const {
  return !stage_.preset.serves_everybody && stage_.preset.events.has_rules && dialog.package == Package::kPresence;
}

void DialogLaws::check_told_rights(const DialogId& id, const Dialog& dialog) {
  const Instant free_since = std::max({dialog.answered_at, dialog.sent_at, rights_.changed_at(dialog.aor)});
  if (dialog.cseq == 0 || dialog.package != Package::kPresence) return;
  if (dialog.blocked_since != Instant::never() &&
      stage_.is_past(std::max(dialog.blocked_since, free_since) + kDecidedWithin)) {
    return broken(id, "who is blocked is told so at once (RFC 5025 §3.2.1)", dialog.watcher);
  }
  const std::vector<Rights> rights = rights_of(dialog);
  const Instant changed_at = std::max(model_.changed_at(dialog.package, dialog.aor), free_since);
  const bool is_late = stage_.is_past(changed_at + kDecidedWithin);
  if (dialog.perhaps_blocked || !is_late || dialog.owed) return;
  // Where limits are met its document may have to wait for room.
  const bool may_wait = !stage_.is_past(stage_.starved_at + kDecidedWithin);
  const bool all_pending = std::all_of(rights.begin(), rights.end(), is_confirmed);
  const bool all_shown = std::all_of(rights.begin(), rights.end(), is_shown);
  if ((all_pending && !dialog.told_pending) || (all_shown && dialog.told_pending && !may_wait)) {
    broken(id, "pending and active change without a SUBSCRIBE (RFC 3856 §6.6)",
           std::string(all_pending ? "an active" : "a pending") + " one was not told that it is the other");
  }
}

}  // namespace vedette::sim
