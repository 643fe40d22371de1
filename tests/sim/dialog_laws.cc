#include "tests/sim/dialog_laws.h"

#include <algorithm>
#include <array>

#include "parsers/address.h"
#include "parsers/event.h"
#include "parsers/uri.h"
#include "tests/sim/fake_hashes.h"

namespace vedette::sim {

using engine::Duration;
using engine::Instant;
using parsers::HeaderId;
using parsers::ParseError;

namespace {

// Without a NOTIFY of its own in flight the server has no reason to wait with one that is owed.
constexpr Duration kNotifyBound = Duration::seconds(2);
constexpr Duration kSlack = Duration::milliseconds(1500);
// What is over is kept for so long: a pending one waits meanwhile (limits.waiting_watcher_seconds).
constexpr Duration kKeptFor = Duration::seconds(120);
// A NOTIFY that was refused for now goes out again after 32 s.
constexpr Duration kRetriedWithin = Duration::seconds(32 + 3);

std::string seconds_text(Duration duration) {
  return std::to_string(static_cast<double>(duration.to_milliseconds()) / 1000.0) + " s";
}

uint64_t hash_below_first_line(const Facts& facts) {
  const std::string_view bytes = facts.message.bytes();
  return hash_text(bytes.substr(bytes.find("\r\n")));
}

// RFC 6665 §4.2.2 with RFC 5057 §5.1: the answers to a NOTIFY that end the subscription. Others may.
bool ends_subscription(unsigned status) {
  static constexpr std::array<unsigned, 9> kOnes = {404, 405, 408, 410, 416, 489, 501, 502, 604};
  return std::find(kOnes.begin(), kOnes.end(), status) != kOnes.end() || (status >= 480 && status <= 485);
}

std::string event_id_of(const Facts& facts) {
  parsers::Event event;
  return parsers::parse_event(facts.value(HeaderId::kEvent), event) == ParseError::kOk ? std::string(event.id) : "";
}

// host and port of a URI when the host is an address.
bool endpoint_of(const parsers::Uri& uri, engine::Endpoint& out) {
  if (!engine::IpAddress::parse(uri.host, out.address)) return false;
  out.port = uri.has_port ? uri.port : 5060;
  return true;
}

}  // namespace

void DialogLaws::broken(const DialogId& id, std::string law, std::string seen) {
  const auto found = dialogs_.find(id);
  if (found != dialogs_.end()) seen += " (" + model_.describe(found->second.package, found->second.aor) + ")";
  stage_.verdict.broken({.law = std::move(law), .seen = std::move(seen), .call_id = id.call_id});
}

bool DialogLaws::has_timed_out(const Dialog& dialog) const {
  return dialog.in_flight && stage_.now() >= stage_.noticed_by(dialog.sent_at + config_.t1 * 64);
}

void DialogLaws::on_ended_by_operator(std::string_view aor, engine::EndReason reason) {
  ended_at_[std::string(aor)] = stage_.now();
  for (auto& [id, dialog] : dialogs_) {
    if (dialog.aor != aor || dialog.final_sent) continue;
    // What looks over from here may be alive there: an answer that was damaged, or is on its way.
    dialog.ended_as.insert(std::string(engine::entry_of(reason).name));
    if (is_over(dialog)) continue;
    dialog.ended_at = stage_.now();
    if (!dialog.owed) dialog.owed_since = stage_.now();
    dialog.owed = true;
  }
}

bool DialogLaws::is_over(const Dialog& dialog) const {
  return dialog.ended_at <= stage_.now() || dialog.end != End::kNo || dialog.final_sent || dialog.perhaps_blocked ||
         has_timed_out(dialog) ||
         stage_.now() >= dialog.expires_at;
}

void DialogLaws::on_subscribed(const Facts& request, const Facts& response, const engine::Flow& flow) {
  const DialogId id = dialog_of(request, response.to_tag);
  uint32_t asked = static_cast<uint32_t>(config_.subscription.when_absent.to_seconds());
  read_expires(request.message, asked);
  uint32_t granted = 0;
  // RFC 6665 §4.2.1.1: a 2xx says how long, never longer than was asked for.
  if (!read_expires(response.message, granted) || !may_grant(config_.subscription, asked, granted)) {
    return broken(id, "a 2xx to SUBSCRIBE grants what was asked for, up to the maximum, but for the spread",
                  "asked " + std::to_string(asked) + ", granted " + std::to_string(granted));
  }
  const auto found = dialogs_.find(id);
  if (request.to_tag.empty()) {
    if (found != dialogs_.end()) return broken(id, "a new subscription gets a new To tag", "a tag that was in use");
  } else if (found == dialogs_.end()) {
    return broken(id, "no 2xx to a SUBSCRIBE in a dialog that never was", "To tag " + id.server_tag);
  } else if (found->second.end == End::kSurely || found->second.final_sent) {
    return broken(id, "no 2xx to a SUBSCRIBE in a dialog that has ended", "To tag " + id.server_tag);
  }
  Dialog& dialog = dialogs_[id];
  if (request.to_tag.empty()) {
    if (!read_package(request.message, dialog.package)) {
      return broken(id, "no 2xx to a SUBSCRIBE for a package that is not there",
                    std::string(request.value(HeaderId::kEvent)));
    }
    dialog.aor = aor_of(request.message.request_uri());
    dialog.watcher = aor_of_address(request.value(HeaderId::kFrom));
    dialog.event_id = event_id_of(request);
    dialog.created_at = stage_.now();
    note_rights(dialog);
  }
  dialog.expires_at = stage_.now() + Duration::seconds(granted);
  dialog.unsubscribed = granted == 0;
  learn_rates(request, granted, dialog);
  dialog.takes_partial = lower_case(request.value(HeaderId::kAccept)).find(kPartialMediaType) != std::string::npos;
  learn_targets(request, flow, dialog);
  dialog.condition = std::string(request.value(HeaderId::kSuppressIfMatch));
  if (response.status() == 204) return on_kept(id, dialog, request, granted);
  if (!dialog.owed) dialog.owed_since = stage_.now();
  dialog.owed = dialog.full_due = true;
  if (request.to_tag.empty()) check_share(id, dialog);
}

void DialogLaws::on_perhaps_refreshed(const Facts& request, const Facts& response, const engine::Flow& flow) {
  const auto found =
      dialogs_.find(dialog_of(request, response.to_tag));
  uint32_t granted = 0;
  if (request.to_tag.empty() || found == dialogs_.end() || !read_expires(response.message, granted)) return;
  found->second.perhaps_owed = found->second.rates_unsure = true;
  if (granted > 0) found->second.perhaps_expires_at = stage_.now() + Duration::seconds(granted);
  learn_targets(request, flow, found->second);
}

void DialogLaws::learn_targets(const Facts& request, const engine::Flow& flow, Dialog& dialog) {
  dialog.refreshed_at = stage_.now();
  dialog.targets.insert(flow.remote);
  parsers::Address contact;
  engine::Endpoint ignored;
  if (parsers::parse_address(request.value(HeaderId::kContact), contact) == ParseError::kOk) {
    dialog.gruu = endpoint_of(contact.uri, ignored) ? std::string() : std::string(contact.uri.text);
  }
  for (const HeaderId header : {HeaderId::kContact, HeaderId::kRecordRoute}) {
    const parsers::HeaderField* field = request.message.find(header);
    for (; field != nullptr; field = request.message.find_next(*field)) {
      std::string_view rest = request.message.value(*field);
      parsers::Address address;
      engine::Endpoint endpoint;
      while (parsers::next_address(rest, address) == ParseError::kOk) {
        if (endpoint_of(address.uri, endpoint)) dialog.targets.insert(endpoint);
      }
    }
  }
}

bool DialogLaws::may_target(const Facts& notify, const engine::Endpoint& to) const {
  const DialogId id = dialog_of_notify(notify);
  const auto found = dialogs_.find(id);
  if (found == dialogs_.end()) return false;
  if (found->second.targets.contains(to)) return true;
  // A GRUU (RFC 5627 §6.1) is reached at what its owner registered.
  // It leaves by the flow that the registration came by.
  if (model_.is_registered_from(aor_of_address(notify.value(HeaderId::kTo)), to)) return true;
  for (const std::string& contact : model_.contacts_of(aor_of_address(notify.value(HeaderId::kTo)))) {
    parsers::Uri uri;
    engine::Endpoint endpoint;
    if (parsers::parse_uri(contact, uri) == ParseError::kOk && endpoint_of(uri, endpoint) && endpoint == to)
      return true;
  }
  return false;
}

void DialogLaws::on_dialog_refused(const Facts& request) {
  on_bindings_changed();
  const DialogId id = dialog_of(request, request.to_tag);
  const auto found = dialogs_.find(id);
  if (found == dialogs_.end() || is_over(found->second)) return;
  // It may have ended for want of a view, and its last NOTIFY waits for an answer to the one before it.
  if (may_lack_a_view(found->second)) return;
  // The clock has leapt over Timer F, and the shard may have seen it.
  if (found->second.in_flight && stage_.now() >= found->second.sent_at + config_.t1 * 64) return;
  // RFC 6665 §4.5.2: another Event id would be another subscription.
  if (event_id_of(request) != found->second.event_id) return;
  broken(id, "no 481 to a SUBSCRIBE in a live dialog", "To tag " + id.server_tag);
}

void DialogLaws::on_notify(const Facts& notify, bool is_forward) {
  const DialogId id = dialog_of_notify(notify);
  const auto found = dialogs_.find(id);
  if (found == dialogs_.end()) return broken(id, "a NOTIFY belongs to a dialog that a SUBSCRIBE made", "none");
  Dialog& dialog = found->second;
  const uint64_t bytes = hash_below_first_line(notify);
  const std::string branch = lower_case(notify.branch);
  if (is_forward) {
    ++dialog.forwarded[branch];
  } else if (const auto copy = dialog.forwarded.find(branch); copy != dialog.forwarded.end()) {
    if (--copy->second == 0) dialog.forwarded.erase(copy);
    // While a copy was between two shards its NOTIFY was answered and the next one handed over, behind it.
    if (branch != dialog.branch) return;
  }
  if (notify.cseq == dialog.cseq && branch == dialog.branch) {
    // A refresh in between may have moved the target, and with it our address in Via.
    if (bytes != dialog.bytes && !is_forward && dialog.refreshed_at <= dialog.sent_at) {
      broken(id, "a retransmitted NOTIFY is the same again", "other bytes under the same branch");
    }
    return;
  }
  check_new_notify(id, dialog, notify);
  if (dialog.end == End::kPerhaps) dialog.end = End::kNo;       // The server evidently goes on.
  by_branch_.erase(dialog.branch);
  dialog.cseq = notify.cseq;
  dialog.branch = branch;
  dialog.bytes = bytes;
  dialog.sent_at = stage_.now();
  dialog.in_flight = true;
  dialog.told_as = rights_of(dialog);
  dialog.perhaps_answered = dialog.refused = false;
  dialog.retry_by = Instant::never();
  dialog.owed = dialog.perhaps_owed = dialog.full_due = false;
  by_branch_[dialog.branch] = id;
  if (!is_forward) stage_.played.add(static_cast<Play>(dialog.package));
}

void DialogLaws::check_new_notify(const DialogId& id, Dialog& dialog, const Facts& notify) {
  const std::string cseqs = "CSeq " + std::to_string(notify.cseq) + " after " + std::to_string(dialog.cseq);
  if (notify.cseq <= dialog.cseq) return broken(id, "CSeq grows from NOTIFY to NOTIFY (RFC 3261 §12.2.1.1)", cseqs);
  if (by_branch_.contains(lower_case(notify.branch))) return broken(id, "every NOTIFY has a branch of its own", cseqs);
  if (dialog.in_flight && !dialog.perhaps_answered) {
    return broken(id, "one NOTIFY in flight per dialog, and none after one timed out",
                  cseqs + ", which left " + seconds_text(stage_.now() - dialog.sent_at) + " ago");
  }
  if (dialog.final_sent) return broken(id, "no NOTIFY after the final one", cseqs);
  if (dialog.end == End::kSurely) return broken(id, "no NOTIFY in a dialog that its watcher has ended", cseqs);
  Package package{};
  if (!read_package(notify.message, package) || package != dialog.package || event_id_of(notify) != dialog.event_id) {
    return broken(id, "a NOTIFY has its subscription's Event", std::string(notify.value(HeaderId::kEvent)));
  }
  note_rights(dialog);
  check_state(id, dialog, notify);
  ++dialog.notifies;
  check_body(id, dialog, notify);
}

// RFC 6665 §4.2.2, §4.4.1, §8.2.3.
void DialogLaws::check_state(const DialogId& id, Dialog& dialog, const Facts& notify) {
  using Value = parsers::SubscriptionState::Value;
  const std::string_view text = notify.value(HeaderId::kSubscriptionState);
  const std::string seen(text);
  parsers::SubscriptionState state;
  if (parsers::parse_subscription_state(text, state) != ParseError::kOk || state.value == Value::kOther) {
    return broken(id, "every NOTIFY has a Subscription-State", seen);
  }
  const auto is_told = [&](Instant end) {
    const Duration difference = end - stage_.now() - Duration::seconds(state.expires);
    return state.has_expires && difference <= kSlack && difference >= Duration() - kSlack;
  };
  // Of two possible ends the NOTIFY names one.
  if (!is_told(dialog.expires_at) && is_told(dialog.perhaps_expires_at)) dialog.expires_at = dialog.perhaps_expires_at;
  dialog.perhaps_expires_at = {};
  const Duration left = dialog.expires_at - stage_.now();
  const bool is_pending = state.value == Value::kPending;
  if (state.value == Value::kTerminated) {
    dialog.final_sent = true;
    dialog.waits = dialog.told_pending && state.reason == "timeout";
    return check_final(id, dialog, state);
  }
  check_rights(id, dialog, notify, is_pending);
  check_rates_told(id, dialog, text);
  // An operator's word takes the shard a few turns.
  const bool is_late = dialog.ended_at != Instant::never() && stage_.is_past(dialog.ended_at + kNotifyBound);
  // Expired while the clock leapt: the end is seen after what was on its way.
  const bool is_unnoticed = left <= Duration() && !stage_.is_past(dialog.expires_at);
  if ((left <= Duration() - kSlack && !is_unnoticed) || dialog.unsubscribed || is_late) {
    return broken(id, "the NOTIFY at the end of a subscription says terminated",
                  seen + " with " + seconds_text(left) + " left");
  }
  // That it was decided on is no news of the presentity, and waits for nothing.
  if (!dialog.perhaps_decided) check_pace(id, dialog);
  dialog.perhaps_decided = false;
  dialog.told_pending = is_pending;
  if (!is_told(dialog.expires_at) && !is_unnoticed) {
    broken(id, "Subscription-State's expires is the time that is left", seen + " with " + seconds_text(left) + " left");
  }
}

// RFC 3856 §6.10: but for what answers a SUBSCRIBE, and the end, NOTIFYs keep their distance.
void DialogLaws::check_pace(const DialogId& id, const Dialog& dialog) {
  if (dialog.cseq == 0 || dialog.owed || dialog.perhaps_owed || dialog.rates_unsure ||
      stage_.now() - dialog.sent_at >= interval_between(dialog)) {
    return;
  }
  // A list of watchers that has no room in one NOTIFY goes on in the next.
  if (dialog.shown.goes_on) return;
  broken(id, "no two NOTIFYs of a subscription are closer than its pace",
         seconds_text(stage_.now() - dialog.sent_at) + " apart");
}

Duration DialogLaws::pace(Package package) const {
  return config_.pace.interval[static_cast<size_t>(entry_of(package).id)];
}

// RFC 6665 §4.1.3: what ends says why.
void DialogLaws::check_final(const DialogId& id, const Dialog& dialog, const parsers::SubscriptionState& state) {
  const Duration left = dialog.expires_at - stage_.now();
  const std::string seen = std::string(state.reason) + " with " + seconds_text(left) + " left";
  const bool was_ended = dialog.ended_as.contains(std::string(state.reason)) || may_be_rejected(dialog, state.reason);
  if (left > Duration() && dialog.end == End::kNo && !was_ended) {
    return broken(id, "a subscription ends when it was unsubscribed or has expired", seen);
  }
  if (state.reason != "timeout" && !was_ended) broken(id, "the end of a subscription has its reason", seen);
}

void DialogLaws::check_body(const DialogId& id, Dialog& dialog, const Facts& notify) {
  dialog.shown_any = !notify.message.body().empty();
  if (!dialog.shown_any) return check_left_out(id, dialog, notify);
  dialog.shown = {.aor = dialog.aor, .view = {}, .made_at = stage_.now(), .watcher = dialog.watcher,
                  .pace = interval_between(dialog)};
  const bool is_partial = notify.value(HeaderId::kContentType) == kPartialMediaType;
  if (is_partial) check_partial(id, dialog, notify);
  const std::string whole = is_partial ? dialog.partial.document() : std::string();
  if (!read_shown(dialog.package, is_partial ? whole : notify.message.body(), dialog.shown.view)) {
    return broken(id, "the body of a NOTIFY is a document of its package", std::string(notify.message.body()));
  }
  // RFC 4235 §4.1.1, RFC 3680 §5.1, RFC 3858 §3.1: each watcher's documents count by one from 0.
  if (entry_of(dialog.package).counts && dialog.shown.view.version != dialog.notifies - 1) {
    return broken(id, "a watcher's documents are numbered without a gap",
                  "version " + std::to_string(dialog.shown.view.version) + " in NOTIFY " +
                      std::to_string(dialog.notifies));
  }
  learn_tag(id, dialog, notify);
  check_permitted(id, dialog, is_partial ? whole : notify.message.body());
  if (dialog.package == Package::kWatcherInfo) check_watcher_list(id, dialog);
  const std::string fault = find_fault(dialog.shown);
  if (!fault.empty()) broken(id, "a NOTIFY shows the state of the moment in which it is made", fault);
}

// RFC 5263 §4.4.
void DialogLaws::check_partial(const DialogId& id, Dialog& dialog, const Facts& notify) {
  if (!dialog.takes_partial) broken(id, "partial presence is for those who take it", "a watcher who does not");
  const std::string fault = dialog.partial.take(notify.message.body());
  if (!fault.empty()) return broken(id, "partial presence is everything, or fits what the watcher has", fault);
  const int64_t version = dialog.partial.version();
  if (version != ++dialog.partial_documents) {
    broken(id, "a watcher's documents are numbered without a gap, from 1",
           "version " + std::to_string(version) + " in document " + std::to_string(dialog.partial_documents));
  }
  if (!dialog.partial.was_patched()) return;
  if (dialog.full_due) broken(id, "a SUBSCRIBE is answered by everything", "a patch");
  if (dialog.refused) broken(id, "who refused a NOTIFY is told everything", "a patch");
}

void DialogLaws::on_answer(const Facts& response, bool corrupted) {
  if (response.status() < 200) return;
  const auto branch = by_branch_.find(lower_case(response.branch));
  if (branch == by_branch_.end()) return;
  const auto found = dialogs_.find(branch->second);
  if (found == dialogs_.end() || !found->second.in_flight) return;
  Dialog& dialog = found->second;
  if (has_timed_out(dialog)) {
    // Too late: Timer F has ended the subscription.
    dialog.end = End::kSurely;
    return;
  }
  if (stage_.now() >= dialog.sent_at + config_.t1 * 64) {
    // The clock has leapt, and nobody knows whether Timer F or this answer was seen first.
    dialog.perhaps_answered = true;
    if (dialog.end == End::kNo) dialog.end = End::kPerhaps;
    return;
  }
  const bool exact = !corrupted && response.cseq == dialog.cseq;
  if (exact) {
    dialog.in_flight = false;
    dialog.answered_at = stage_.now();
    dialog.refused = response.status() >= 300;
    if (dialog.final_sent) dialog.gone_at = stage_.now();
    if (dialog.owed) dialog.owed_since = stage_.now();
  } else {
    dialog.perhaps_answered = true;
  }
  if (response.status() < 300) return;
  const bool ends = exact && ends_subscription(response.status());
  if (exact && !ends) dialog.retry_by = stage_.now() + kRetriedWithin + interval_between(dialog);
  if (dialog.end != End::kSurely) dialog.end = ends ? End::kSurely : End::kPerhaps;
  if (ends) dialog.gone_at = stage_.now();
  note_end(dialog);
}

void DialogLaws::on_damaged_answer(std::string_view branch) {
  const auto known = by_branch_.find(lower_case(branch));
  if (known == by_branch_.end()) return;
  const auto found = dialogs_.find(known->second);
  if (found == dialogs_.end() || !found->second.in_flight) return;
  found->second.perhaps_answered = true;
  if (found->second.end == End::kNo) found->second.end = End::kPerhaps;
}

void DialogLaws::on_bindings_changed() {
  for (auto& [id, dialog] : dialogs_) {
    if (!dialog.gruu.empty() && dialog.end == End::kNo && !model_.is_bound(dialog.gruu)) dialog.end = End::kPerhaps;
  }
}

void DialogLaws::on_forward_failed(const Facts& notify) {
  const DialogId id = dialog_of_notify(notify);
  const auto found = dialogs_.find(id);
  if (found == dialogs_.end()) return;
  const std::string branch = lower_case(notify.branch);
  const auto copy = found->second.forwarded.find(branch);
  if (copy != found->second.forwarded.end() && --copy->second == 0) found->second.forwarded.erase(copy);
  if (branch == found->second.branch) found->second.in_flight = false;
  if (found->second.end == End::kNo) found->second.end = End::kPerhaps;
}

void DialogLaws::on_tick() {
  on_bindings_changed();
  for (auto& [id, dialog] : dialogs_) {
    note_rights(dialog);
    check_overdue(id, dialog);
  }
  // What has ended long ago is of no interest: nobody may send anything there, which an unknown dialog shows as well.
  std::erase_if(dialogs_, [this](const auto& entry) {
    return is_over(entry.second) && stage_.is_past(stage_.noticed_by(entry.second.expires_at) + kKeptFor);
  });
}

void DialogLaws::check_overdue(const DialogId& id, Dialog& dialog) {
  const Instant now = stage_.now();
  note_end(dialog);
  check_retried(id, dialog);
  if (dialog.end != End::kNo || dialog.final_sent || (dialog.in_flight && !dialog.perhaps_answered)) return;
  if (dialog.perhaps_answered) return;
  check_told_rights(id, dialog);
  if (dialog.perhaps_blocked) return;
  // Where limits are met the document may have to wait for room.
  if (dialog.owed && stage_.is_past(dialog.owed_since + kNotifyBound) && stage_.preset.serves_everybody) {
    return broken(id, "every accepted SUBSCRIBE and every end is followed by a NOTIFY (RFC 6665 §4.2.2)",
                  "none for " + seconds_text(now - dialog.owed_since));
  }
  if (stage_.is_past(stage_.noticed_by(std::max(dialog.expires_at, dialog.perhaps_expires_at)) + kNotifyBound)) {
    return broken(id, "a subscription that expires gets a final NOTIFY (RFC 6665 §4.2.1.4)",
                  "none for " + seconds_text(now - dialog.expires_at));
  }
  check_minimum_rate(id, dialog);
  check_list_is_whole(id, dialog);
  // Where limits are met a document may have to wait for room.
  const Instant settled = std::max({changed_at(dialog.package, dialog.aor), dialog.sent_at, stage_.starved_at}) +
                          interval_between(dialog) + Duration::seconds(5);
  if (!stage_.is_past(settled) || !dialog.shown_any || dialog.owed || dialog.condition == "*") return;
  const std::string fault = find_fault(dialog.shown);
  if (!fault.empty()) broken(id, "every change reaches every watcher whose NOTIFYs are answered", fault);
}

// RFC 5057 §5.1: a failure that is one of the attempt alone does not end the subscription.
void DialogLaws::check_retried(const DialogId& id, const Dialog& dialog) {
  if (dialog.retry_by == Instant::never() || !stage_.is_past(dialog.retry_by) || dialog.in_flight) return;
  if (dialog.end != End::kPerhaps || dialog.final_sent || dialog.perhaps_blocked || dialog.owed) return;
  // Who watches by a GRUU may be out of reach; where limits are met a document may have to wait for room.
  if (!dialog.gruu.empty() || stage_.now() >= dialog.expires_at || !stage_.preset.serves_everybody) return;
  broken(id, "a NOTIFY that was refused for now goes out again (RFC 5057 §5.1)",
         "none for " + seconds_text(stage_.now() - dialog.answered_at));
}

void DialogLaws::on_restart() {
  dialogs_.clear();
  ended_at_.clear();
  tags_.clear();
  by_branch_.clear();
}

std::string DialogLaws::aor_of_dialog(const DialogId& id) const {
  const auto found = dialogs_.find(id);
  return found == dialogs_.end() ? std::string() : found->second.aor;
}

bool DialogLaws::may_have_ended(const DialogId& id) const {
  const auto found = dialogs_.find(id);
  return found == dialogs_.end() || found->second.end != End::kNo;
}

bool DialogLaws::is_live(const DialogId& id) const {
  const auto found = dialogs_.find(id);
  return found != dialogs_.end() && !is_over(found->second);
}

size_t DialogLaws::live_dialogs() const {
  size_t count = 0;
  for (const auto& [id, dialog] : dialogs_) count += !is_over(dialog);
  return count;
}

}  // namespace vedette::sim
