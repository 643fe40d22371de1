// What the oracle finds wrong with documents of dialog state, message summaries and registrations.
#include <algorithm>
#include <set>

#include "parsers/address.h"
#include "tests/sim/fake_hashes.h"
#include "tests/sim/presence_model.h"

namespace vedette::sim {

namespace {

// The summary of an account that nobody has published anything for (RFC 3842 §5.2).
constexpr std::string_view kNothingWaits = "Messages-Waiting: no\r\n";

// Takes the first element with this content off; false when there is none.
bool take_content(std::vector<ElementView>& elements, uint64_t content) {
  const auto found = std::find_if(elements.begin(), elements.end(),
                                  [content](const ElementView& element) { return element.content == content; });
  if (found == elements.end()) return false;
  elements.erase(found);
  return true;
}

// The first id that two have; empty when none is.
std::string find_repeated_id(const std::vector<ElementView>& elements) {
  std::set<std::string> ids;
  for (const ElementView& element : elements) {
    if (!element.id.empty() && !ids.insert(element.id).second) return element.id;
  }
  return {};
}

}  // namespace

bool PresenceModel::has_room(size_t bytes) const {
  constexpr size_t kElementBytesMax = 3'000;
  return bytes + config_.limits.dialog_bytes_max + kElementBytesMax < config_.limits.datagram_bytes_max;
}

// RFC 4235 §4.1: the dialogs of all publications, each with an id of its own.
std::string PresenceModel::find_dialog_fault(const Presentity& presentity, const PackageView& view) const {
  if (!view.is_full) return "not the full state";
  const std::string repeated = find_repeated_id(view.elements);
  if (!repeated.empty()) return "two dialogs are called " + repeated;
  std::vector<ElementView> left = view.elements, missing, allowed;
  for (const auto& [tag, publication] : presentity.publications) {
    if (!may_live(publication.expires_at)) continue;
    const bool surely = is_live(publication.expires_at) && !publication.doubtful;
    const std::vector<ElementView>& elements = publication.document.elements;
    (surely ? missing : allowed).insert((surely ? missing : allowed).end(), elements.begin(), elements.end());
  }
  std::erase_if(missing, [&left](const ElementView& element) { return take_content(left, element.content); });
  std::erase_if(left, [&allowed](const ElementView& element) { return take_content(allowed, element.content); });
  if (!missing.empty()) return "a dialog is published but not shown: " + missing.front().id;
  return left.empty() ? std::string() : "a dialog is shown but not published: " + left.front().id;
}

// RFC 3842 §3.5: of several who publish for an account the newest one's word counts.
std::string PresenceModel::find_summary_fault(const Presentity& presentity, const PackageView& view) const {
  std::vector<const Publication*> newest_first;
  for (const auto& [tag, publication] : presentity.publications) {
    if (may_live(publication.expires_at)) newest_first.push_back(&publication);
  }
  std::sort(newest_first.begin(), newest_first.end(),
            [](const Publication* a, const Publication* b) { return a->modified > b->modified; });
  const uint64_t shown = view.elements.front().content;
  for (const Publication* publication : newest_first) {
    if (publication->document.elements.front().content == shown) return {};
    if (is_live(publication->expires_at) && !publication->doubtful) return "not the newest summary";
  }
  return shown == hash_text(kNothingWaits) ? std::string() : "a summary that nobody has published";
}

// RFC 3680 §5.1: all contacts that are bound, and with one that has just ended what ended it.
std::string PresenceModel::find_contacts_fault(const Presentity& presentity, const PackageView& view) const {
  static const std::set<std::string> kActive = {"registered", "created", "refreshed", "shortened"};
  static const std::set<std::string> kTerminated = {"expired", "deactivated", "probation", "unregistered", "rejected"};
  if (!view.is_full) return "not the full state";
  const std::string repeated = find_repeated_id(view.elements);
  if (!repeated.empty()) return "two contacts are called " + repeated;
  Presentity missing = presentity;
  std::erase_if(missing.bindings, [this](const Binding& binding) { return !is_live(binding.expires_at); });
  const bool is_surely_active = !missing.bindings.empty();
  Presentity perhaps = presentity;
  std::erase_if(perhaps.bindings, [this](const Binding& binding) { return !may_live(binding.expires_at); });
  if (is_surely_active && view.state != "active") return "a registration with contacts is " + view.state;
  if (perhaps.bindings.empty() && view.state != "init" && view.state != "terminated") {
    return "a registration without contacts is " + view.state;
  }
  for (const ElementView& contact : view.elements) {
    const bool is_active = contact.state == "active";
    if (!(is_active ? kActive : kTerminated).contains(contact.event) || (!is_active && contact.state != "terminated")) {
      return "a contact is " + contact.state + " by " + contact.event;
    }
    if (!is_active) continue;
    Binding* shown = find_binding(perhaps, contact.subject);
    if (shown == nullptr) return "a contact that is not bound: " + contact.subject;
    perhaps.bindings.erase(perhaps.bindings.begin() + (shown - perhaps.bindings.data()));
    Binding* due = find_binding(missing, contact.subject);
    if (due != nullptr) missing.bindings.erase(missing.bindings.begin() + (due - missing.bindings.data()));
  }
  if (missing.bindings.empty() || !has_room(view.bytes)) return {};
  return "bound but not shown: " + missing.bindings.front().uri;
}

}  // namespace vedette::sim
