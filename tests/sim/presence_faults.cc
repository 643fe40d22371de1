// What the oracle finds wrong with a presence document, for a watcher who sees it all, or what rules grant of it: the
// order of precedence of composition, told again element by element.
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "tests/sim/presence_model.h"

namespace vedette::sim {

namespace {

bool sees_all_services(const Rights& rights) {
  return rights.sees_all || rights.granted.booleans.contains("all-services");
}

}  // namespace

// What is known of a presentity for certain, while some of its publications may be gone or not.
struct PresenceModel::Doubts {
  bool any = false;              // There are some.
  bool tuples_surely = false;    // A published tuple,
  bool tuples_perhaps = false;   // or perhaps one;
  bool open_surely = false;      // one that is not closed,
  bool open_perhaps = false;     // or perhaps one;
  bool hard_surely = false;      // a tuple of hard state,
  bool hard_perhaps = false;     // or perhaps one.
  std::vector<TupleView> hard;   // Tuples of hard state that show or not.
  std::vector<TupleView> soft;   // What may be published, and was found; or it was hard state that looks like it.
};

// The rules of engine/presence/composition.h, one by one.
std::string PresenceModel::find_presence_fault(const Presentity& presentity, const DocumentView& view,
                                               const Rights& rights) const {
  if (!rights.shows_document()) return "a document for who may see none";
  const bool is_bare = view.persons.empty() && view.devices.empty();
  const bool says_offline = is_bare && view.tuples.size() == 1 && view.tuples.front().id == "offline";
  // RFC 5025 §3.2.1: as if there were nobody, whatever happens.
  if (rights.handling == Rights::Handling::kPoliteBlock) {
    return says_offline ? "" : "shown to who is politely blocked: " + to_text(view.tuples);
  }
  bool hidden_surely = false, hidden_perhaps = false;
  for (const auto& [tag, publication] : presentity.publications) {
    if (!publication.document.presence.is_hidden || !may_live(publication.expires_at)) continue;
    hidden_perhaps = true;
    hidden_surely = hidden_surely || (is_live(publication.expires_at) && !publication.doubtful);
  }
  const bool shows_nothing = sees_all_services(rights) ? says_offline : is_bare && view.tuples.empty();
  if (shows_nothing && hidden_perhaps) return "";
  if (hidden_surely) return "shown although the user appears offline: " + to_text(view.tuples);
  if (!rights.sees_all && is_odd(presentity)) return "";

  DocumentView left = view;
  Doubts doubts;
  std::string fault = find_publication_fault(presentity, rights, left, doubts);
  if (fault.empty()) fault = find_device_fault(presentity, rights, left);
  if (fault.empty()) fault = find_note_fault(presentity, rights, left);
  if (fault.empty()) fault = find_order_fault(presentity, rights, view);
  if (fault.empty()) fault = find_hard_state_fault(presentity, rights, left, doubts);
  return fault.empty() ? find_registration_fault(presentity, rights, left, doubts) : fault;
}

// RFC 4479 §3.4: of those with one deviceID the newest.
std::string PresenceModel::find_device_fault(const Presentity& presentity, const Rights& rights,
                                             const DocumentView& view) const {
  // Who is shown them by name is shown which of them has it, and those are few.
  std::map<std::string, const Publication*> newest;
  std::map<std::string, bool> is_sure;
  std::vector<DeviceView> allowed;
  bool any_doubt = false;
  for (const auto& [tag, publication] : presentity.publications) {
    if (!may_live(publication.expires_at)) continue;
    any_doubt = any_doubt || !is_live(publication.expires_at) || publication.doubtful;
    for (const DeviceView& device : publication.document.presence.devices) {
      const Publication*& known = newest[device.id];
      if (known == nullptr || known->modified < publication.modified) known = &publication;
    }
    const std::vector<DeviceView>& shown = shown_of(publication, rights).devices;
    allowed.insert(allowed.end(), shown.begin(), shown.end());
  }
  for (const DeviceView& device : view.devices) {
    const auto found = std::find(allowed.begin(), allowed.end(), device);
    if (found == allowed.end()) return "a device is shown but not published: " + device.id;
    allowed.erase(found);
  }
  if (any_doubt) return "";
  std::vector<DeviceView> due;
  for (const auto& [id, publication] : newest) {
    for (const DeviceView& device : shown_of(*publication, rights).devices) {
      if (device.id == id) due.push_back(device);
    }
  }
  std::vector<DeviceView> shown = view.devices;
  std::sort(due.begin(), due.end());
  std::sort(shown.begin(), shown.end());
  return due == shown ? "" : "the devices shown are not the newest of each";
}

const DocumentView& PresenceModel::shown_of(const Publication& publication, const Rights& rights) const {
  if (rights.sees_all) return publication.document.presence;
  const auto [found, is_new] = publication.views.try_emplace(rights.granted);
  if (!is_new) return found->second;
  std::vector<XmlNode> shown;
  for (XmlNode element : publication.elements) {
    if (cut_to(rights.granted, element)) shown.push_back(std::move(element));
  }
  return found->second = view_of(shown);
}

bool PresenceModel::content_shown_of(const Binding& binding, const Rights& rights, uint64_t& content) const {
  content = binding.content;
  if (rights.sees_all) return true;
  XmlNode tuple = binding.tuple;
  if (!cut_to(rights.granted, tuple)) return false;
  const DocumentView view = view_of({tuple});
  if (!view.tuples.empty()) content = view.tuples.front().content;
  return true;
}

// Something in it came damaged, and can be shown in whatever way.
bool PresenceModel::is_odd(const Presentity& presentity) const {
  for (const auto& [tag, publication] : presentity.publications) {
    if (publication.elements.empty() && may_live(publication.expires_at)) return true;
  }
  return std::any_of(presentity.bindings.begin(), presentity.bindings.end(), [this](const Binding& binding) {
    return (binding.is_odd || binding.tuple.name.empty()) && may_live(binding.expires_at);
  });
}

std::string PresenceModel::find_publication_fault(const Presentity& presentity, const Rights& rights,
                                                  DocumentView& view, Doubts& doubts) const {
  std::vector<TupleView> due, allowed;
  const Publication* newest_with_person = nullptr;
  for (const auto& [tag, publication] : presentity.publications) {
    if (!may_live(publication.expires_at)) continue;
    const bool surely = is_live(publication.expires_at) && !publication.doubtful;
    doubts.any = doubts.any || !surely;
    // What is not shown takes room all the same.
    if (!rights.sees_all || publication.is_hard) view.bytes += publication.document.bytes;
    if (!publication.document.presence.persons.empty() &&
        (newest_with_person == nullptr || newest_with_person->modified < publication.modified)) {
      newest_with_person = &publication;
    }
    const std::vector<TupleView>& tuples = publication.document.presence.tuples;
    if (tuples.empty()) continue;
    (publication.is_hard ? doubts.hard_perhaps : doubts.tuples_perhaps) = true;
    if (surely) (publication.is_hard ? doubts.hard_surely : doubts.tuples_surely) = true;
    if (publication.is_hard) continue;
    const std::vector<TupleView>& shown = shown_of(publication, rights).tuples;
    (surely ? due : allowed).insert((surely ? due : allowed).end(), shown.begin(), shown.end());
    for (const TupleView& tuple : tuples) {
      if (tuple.basic == parsers::BasicStatus::kClosed) continue;
      doubts.open_perhaps = true;
      doubts.open_surely = doubts.open_surely || surely;
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
      doubts.soft.push_back(tuple);
      allowed.erase(late);
    } else {
      own.push_back(tuple);
    }
  }
  if (!due.empty()) return "published but not shown: " + to_text(due);
  if (!doubts.any) {
    std::vector<uint64_t> persons;
    const std::vector<uint64_t> none;
    const auto& shown = newest_with_person == nullptr ? none : shown_of(*newest_with_person, rights).persons;
    if (!shown.empty()) persons.push_back(shown.front());
    if (view.persons != persons) return "the person shown is not the newest one";
  }
  if (view.persons.size() > 1) return "more than one person";
  view.tuples = own;
  const bool may_be_empty = doubts.tuples_perhaps || doubts.hard_perhaps || !sees_all_services(rights);
  return view.tuples.empty() && !may_be_empty ? "no tuple at all" : "";
}

// Of all publications, and of hard state.
std::string PresenceModel::find_note_fault(const Presentity& presentity, const Rights& rights,
                                           const DocumentView& view) const {
  std::vector<uint64_t> due, allowed;
  for (const auto& [tag, publication] : presentity.publications) {
    if (!may_live(publication.expires_at)) continue;
    const bool surely = is_live(publication.expires_at) && !publication.doubtful;
    const std::vector<uint64_t>& shown = shown_of(publication, rights).notes;
    (surely ? due : allowed).insert((surely ? due : allowed).end(), shown.begin(), shown.end());
  }
  for (const uint64_t note : view.notes) {
    std::vector<uint64_t>& from = std::find(due.begin(), due.end(), note) != due.end() ? due : allowed;
    const auto found = std::find(from.begin(), from.end(), note);
    if (found == from.end()) return "a note is shown but not published";
    from.erase(found);
  }
  return due.empty() ? "" : "a note is published but not shown";
}

// Published tuples, newest publication first; then those of registrations, then those of hard state.
std::string PresenceModel::find_order_fault(const Presentity& presentity, const Rights& rights,
                                            const DocumentView& view) const {
  constexpr uint64_t kHard = 0, kRegistered = 1, kPublished = 2;
  uint64_t before = UINT64_MAX;
  for (const TupleView& tuple : view.tuples) {
    std::set<uint64_t> places;
    for (const auto& [tag, publication] : presentity.publications) {
      if (!may_live(publication.expires_at)) continue;
      const uint64_t place = publication.is_hard ? kHard : kPublished + publication.modified;
      for (const TupleView& known : shown_of(publication, rights).tuples) {
        if (known.content == tuple.content) places.insert(place);
      }
    }
    for (const Binding& binding : presentity.bindings) {
      uint64_t content = 0;
      const bool may_show = may_live(binding.expires_at) && content_shown_of(binding, rights, content);
      if (may_show && content == tuple.content) places.insert(kRegistered);
    }
    // Two that look alike may stand in either's place.
    if (places.size() != 1) continue;
    if (*places.begin() > before) return "not in the order of precedence: " + to_text(view.tuples);
    before = *places.begin();
  }
  return "";
}

// RFC 3903 §2: "in the absence of, or in addition to, soft state publications". All that it says where nothing else
// shows; beside others what says that nobody is there does not.
std::string PresenceModel::find_hard_state_fault(const Presentity& presentity, const Rights& rights,
                                                 DocumentView& view, Doubts& doubts) const {
  const auto hard = std::find_if(presentity.publications.begin(), presentity.publications.end(),
                                 [](const auto& entry) { return entry.second.is_hard; });
  if (hard == presentity.publications.end() || !may_live(hard->second.expires_at)) return "";
  bool others_surely = doubts.tuples_surely, others_perhaps = doubts.tuples_perhaps;
  for (const Binding& binding : presentity.bindings) {
    if (!may_live(binding.expires_at)) continue;
    const Duty duty = duty_of(presentity, binding, doubts);
    others_perhaps = others_perhaps || duty != Duty::kMustNot;
    others_surely = others_surely || (duty == Duty::kMust && has_room(view.bytes));
  }
  for (const TupleView& tuple : shown_of(hard->second, rights).tuples) {
    const bool is_closed = tuple.basic == parsers::BasicStatus::kClosed;
    const bool must = is_live(hard->second.expires_at) && !(is_closed && others_perhaps);
    const auto looks_like_it = [&tuple](const TupleView& shown) {
      return shown.content == tuple.content && shown.basic == tuple.basic;
    };
    const auto at = std::find_if(view.tuples.begin(), view.tuples.end(), looks_like_it);
    if (!must) {
      // A registration may look like it.
      if (!(is_closed && others_surely)) doubts.hard.push_back(tuple);
    } else if (at != view.tuples.end()) {
      view.tuples.erase(at);
    } else if (std::none_of(doubts.soft.begin(), doubts.soft.end(), looks_like_it)) {
      return "hard state is not shown: " + to_text({tuple});
    }
  }
  return "";
}

PresenceModel::Duty PresenceModel::duty_of(const Presentity& presentity, const Binding& binding,
                                           const Doubts& doubts) const {
  bool spoken_for_surely = false, spoken_for_perhaps = false;
  for (const auto& [tag, publication] : presentity.publications) {
    if (publication.device != binding.device || publication.document.presence.tuples.empty()) continue;
    if (!may_live(publication.expires_at)) continue;
    spoken_for_perhaps = true;
    spoken_for_surely = spoken_for_surely || (is_live(publication.expires_at) && !publication.doubtful);
  }
  const bool may_show = !spoken_for_surely && (!doubts.tuples_surely || doubts.open_perhaps);
  const bool must_show =
      is_live(binding.expires_at) && !spoken_for_perhaps && (!doubts.tuples_perhaps || doubts.open_surely);
  return must_show ? Duty::kMust : may_show ? Duty::kMay : Duty::kMustNot;
}

std::string PresenceModel::find_registration_fault(const Presentity& presentity, const Rights& rights,
                                                   const DocumentView& view, const Doubts& doubts) const {
  std::vector<TupleView> own = view.tuples;
  const bool says_offline = own.size() == 1 && own.front().id == "offline";
  if (says_offline) own.clear();
  if (says_offline && !sees_all_services(rights)) return "that there is no service is shown to who may not see all";
  // Two may look alike, so those that must show are looked for first, and those that must not last; what may look like
  // any after what is known.
  struct Due {
    bool is_forbidden, is_odd;
    Duty duty;
    uint64_t content;
    const Binding* binding;
    auto operator<=>(const Due&) const = default;
  };
  std::vector<Due> all;
  for (const Binding& binding : presentity.bindings) {
    uint64_t content = 0;
    if (!may_live(binding.expires_at) || !content_shown_of(binding, rights, content)) continue;
    const Duty duty = duty_of(presentity, binding, doubts);
    all.push_back({duty == Duty::kMustNot, binding.is_odd, duty, content, &binding});
  }
  std::sort(all.begin(), all.end());
  size_t due = 0, missing = 0;
  for (const auto& [is_forbidden, is_odd, duty, content, binding] : all) {
    const auto looks_like_it = [content = content, odd = is_odd](const TupleView& tuple) {
      return tuple.content == content || (odd && tuple.id.starts_with('r'));
    };
    const auto at = std::find_if(own.begin(), own.end(), looks_like_it);
    due += duty == Duty::kMust;
    if (at == own.end()) {
      missing += duty == Duty::kMust;
      continue;
    }
    if (is_forbidden) return "a registration is shown where its user says otherwise: " + binding->uri;
    own.erase(at);
  }
  for (const TupleView& tuple : doubts.hard) {
    const auto at = std::find_if(own.begin(), own.end(), [&tuple](const TupleView& shown) {
      return shown.content == tuple.content && shown.basic == tuple.basic;
    });
    if (at != own.end()) own.erase(at);
  }
  if (!own.empty()) return "shown but not published: " + to_text(own);
  // What is published goes before what is registered when there is no room for both.
  if (missing > 0 && has_room(view.bytes)) return "registered but not shown";
  if (says_offline && (doubts.tuples_surely || doubts.hard_surely || (due > 0 && has_room(view.bytes)))) {
    return "closed despite a registration, or hard state";
  }
  return "";
}

std::vector<std::string> PresenceModel::spheres_of(std::string_view aor) const {
  // What is published for certain, and what is perhaps: with each of these or without it.
  std::vector<std::vector<std::string>> sure, doubtful;
  // What hard state says where nobody else says anything, or would say.
  std::vector<std::set<std::string>> otherwise;
  for (const auto& [tag, publication] : presentity_of(Package::kPresence, aor).publications) {
    if (!may_live(publication.expires_at)) continue;
    const bool surely = is_live(publication.expires_at) && !publication.doubtful;
    if (publication.is_hard) {
      const std::vector<std::string> words = sim::spheres_of(publication.elements);
      otherwise.emplace_back(words.begin(), words.end());
      if (!surely) otherwise.emplace_back();
      continue;
    }
    (surely ? sure : doubtful).push_back(sim::spheres_of(publication.elements));
  }
  if (otherwise.empty()) otherwise.emplace_back();
  const auto one_of = [](const std::set<std::string>& words) {
    return words.size() == 1 ? *words.begin() : std::string();
  };
  std::set<std::string> spheres;
  for (size_t some = 0; some < size_t{1} << std::min<size_t>(doubtful.size(), 6); ++some) {
    std::set<std::string> words;
    for (const auto& found : sure) words.insert(found.begin(), found.end());
    for (size_t i = 0; i < doubtful.size(); ++i) {
      if ((some >> i & 1) != 0) words.insert(doubtful[i].begin(), doubtful[i].end());
    }
    if (!words.empty()) {
      spheres.insert(one_of(words));
      continue;
    }
    for (const std::set<std::string>& hard : otherwise) spheres.insert(one_of(hard));
  }
  return {spheres.begin(), spheres.end()};
}

}  // namespace vedette::sim
