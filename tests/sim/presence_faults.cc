// What the oracle finds wrong with a presence document.
#include <algorithm>
#include <array>

#include "tests/sim/presence_model.h"

namespace vedette::sim {

// What is known of a presentity for certain, while some of its publications may be gone or not.
struct PresenceModel::Doubts {
  bool any = false;              // There are some.
  bool tuples_surely = false;    // A published tuple,
  bool tuples_perhaps = false;   // or perhaps one;
  bool open_surely = false;      // one that is not closed,
  bool open_perhaps = false;     // or perhaps one.
};

// The rules of engine/presence/composition.h, one by one.
std::string PresenceModel::find_presence_fault(const Presentity& presentity, const DocumentView& view) const {
  bool hidden_surely = false, hidden_perhaps = false;
  for (const auto& [tag, publication] : presentity.publications) {
    if (!publication.document.presence.is_hidden || !may_live(publication.expires_at)) continue;
    hidden_perhaps = true;
    hidden_surely = hidden_surely || (is_live(publication.expires_at) && !publication.doubtful);
  }
  const bool shows_nothing = view.tuples.size() == 1 && view.tuples.front().id == "offline" && view.persons.empty();
  if (shows_nothing && hidden_perhaps) return "";
  if (hidden_surely) return "shown although the user appears offline: " + to_text(view.tuples);

  DocumentView left = view;
  Doubts doubts;
  const std::string fault = find_publication_fault(presentity, left, doubts);
  return fault.empty() ? find_registration_fault(presentity, left, doubts) : fault;
}

std::string PresenceModel::find_publication_fault(const Presentity& presentity, DocumentView& view,
                                                  Doubts& doubts) const {
  std::vector<TupleView> due, allowed;
  const Publication* newest_with_person = nullptr;
  for (const auto& [tag, publication] : presentity.publications) {
    if (!may_live(publication.expires_at)) continue;
    const bool surely = is_live(publication.expires_at) && !publication.doubtful;
    doubts.any = doubts.any || !surely;
    const std::vector<TupleView>& tuples = publication.document.presence.tuples;
    (surely ? due : allowed).insert((surely ? due : allowed).end(), tuples.begin(), tuples.end());
    doubts.tuples_perhaps = doubts.tuples_perhaps || !tuples.empty();
    doubts.tuples_surely = doubts.tuples_surely || (surely && !tuples.empty());
    for (const TupleView& tuple : tuples) {
      if (tuple.basic == parsers::BasicStatus::kClosed) continue;
      doubts.open_perhaps = true;
      doubts.open_surely = doubts.open_surely || surely;
    }
    if (publication.document.presence.persons.empty()) continue;
    if (newest_with_person == nullptr || newest_with_person->modified < publication.modified) {
      newest_with_person = &publication;
    }
  }
  std::vector<TupleView> own;
  for (const TupleView& tuple : view.tuples) {
    const auto same = [&tuple](const TupleView& other) {
      return other.content == tuple.content && other.basic == tuple.basic;
    };
    if (const auto at = std::find_if(due.begin(), due.end(), same); at != due.end()) {
      due.erase(at);
    } else if (const auto late = std::find_if(allowed.begin(), allowed.end(), same); late != allowed.end()) {
      allowed.erase(late);
    } else {
      own.push_back(tuple);
    }
  }
  if (!due.empty()) return "published but not shown: " + to_text(due);
  if (!doubts.any) {
    std::vector<uint64_t> persons;
    if (newest_with_person != nullptr) persons.push_back(newest_with_person->document.presence.persons.front());
    if (view.persons != persons) return "the person shown is not the newest one";
  }
  if (view.persons.size() > 1) return "more than one person";
  view.tuples = own;
  return view.tuples.empty() && !doubts.tuples_perhaps ? "no tuple at all" : "";
}

std::string PresenceModel::find_registration_fault(const Presentity& presentity, const DocumentView& view,
                                                   const Doubts& doubts) const {
  std::vector<TupleView> own = view.tuples;
  const bool says_offline = own.size() == 1 && own.front().id == "offline";
  if (says_offline) own.clear();
  // Two may look alike, so those that must show are looked for first, and those that must not last; what may look like
  // any after what is known.
  enum Duty : uint8_t { kMust, kMay, kMustNot };
  struct Due {
    bool is_forbidden, is_odd;
    Duty duty;
    const Binding* binding;
    auto operator<=>(const Due&) const = default;
  };
  std::vector<Due> all;
  for (const Binding& binding : presentity.bindings) {
    if (!may_live(binding.expires_at)) continue;
    bool spoken_for_surely = false, spoken_for_perhaps = false;
    for (const auto& [tag, publication] : presentity.publications) {
      if (publication.device != binding.device || publication.document.presence.tuples.empty()) continue;
      if (!may_live(publication.expires_at)) continue;
      spoken_for_perhaps = true;
      spoken_for_surely = spoken_for_surely || (is_live(publication.expires_at) && !publication.doubtful);
    }
    const bool may_show = !spoken_for_surely && (!doubts.tuples_surely || doubts.open_perhaps);
    const bool must_show = is_live(binding.expires_at) && !spoken_for_perhaps &&
                           (!doubts.tuples_perhaps || doubts.open_surely);
    const Duty duty = must_show ? kMust : may_show ? kMay : kMustNot;
    all.push_back({duty == kMustNot, binding.is_odd, duty, &binding});
  }
  std::sort(all.begin(), all.end());
  size_t due = 0, missing = 0;
  for (const auto& [is_forbidden, is_odd, duty, binding] : all) {
    const auto looks_like_it = [content = binding->content, odd = is_odd](const TupleView& tuple) {
      return tuple.content == content || (odd && tuple.id.starts_with('r'));
    };
    const auto at = std::find_if(own.begin(), own.end(), looks_like_it);
    due += duty == kMust;
    if (at == own.end()) {
      missing += duty == kMust;
      continue;
    }
    if (is_forbidden) return "a registration is shown where its user says otherwise: " + binding->uri;
    own.erase(at);
  }
  if (!own.empty()) return "shown but not published: " + to_text(own);
  // What is published goes before what is registered when there is no room for both.
  if (missing > 0 && has_room(view.bytes)) return "registered but not shown";
  if (says_offline && (doubts.tuples_surely || (due > 0 && has_room(view.bytes))))
    return "closed despite a registration";
  return "";
}

}  // namespace vedette::sim
