#include "tests/sim/presence_model.h"

#include <algorithm>
#include <array>

#include "parsers/address.h"
#include "parsers/number.h"
#include "parsers/param.h"

namespace vedette::sim {

using parsers::ParseError;

namespace {

std::string device_of(const Facts& request, const engine::Endpoint& source) {
  return to_text(source) + "|" + std::string(request.sent_by);
}

// RFC 3840 §9: one item of a list, or its negation.
bool has_item(std::string_view list, std::string_view item) {
  while (!list.empty()) {
    const size_t end = std::min(list.find(','), list.size());
    if (parsers::equal_ignoring_case(list.substr(0, end), item)) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

// What agents of ours say that they can do, as RFC 5196 has it.
std::string expected_capabilities(std::string_view params) {
  std::string text;
  parsers::Param param;
  const auto boolean = [&](const char* name) {
    if (!parsers::find_param(params, name, param)) return;
    const bool is_false = parsers::equal_ignoring_case(param.value, "FALSE");
    text.append("<caps:").append(name).append(is_false ? ">false</caps:" : ">true</caps:").append(name).append(">");
  };
  boolean("audio");
  if (parsers::find_param(params, "methods", param)) {
    text += "<caps:methods>";
    if (has_item(param.value, "INVITE")) text += "<caps:supported><caps:INVITE/></caps:supported>";
    if (has_item(param.value, "!MESSAGE")) text += "<caps:notsupported><caps:MESSAGE/></caps:notsupported>";
    text += "</caps:methods>";
  }
  boolean("video");
  if (text.empty()) return text;
  return "<caps:servcaps xmlns:caps=\"urn:ietf:params:xml:ns:pidf:caps\">" + text + "</caps:servcaps>";
}

// Parameters that our agents do not send have come by damage.
bool is_odd_contact(std::string_view params, std::string_view instance) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyz0123456789:-";
  if (instance.find_first_not_of(kPlain) != std::string_view::npos) return true;
  if (!instance.empty() && !instance.starts_with("urn:uuid:")) return true;
  parsers::Param param;
  while (parsers::next_param(params, param) == ParseError::kOk) {
    constexpr std::string_view kValues[] = {"", "0.5", "FALSE", "INVITE,!MESSAGE"};
    if (param.name == "expires") continue;
    if (param.name == "+sip.instance" && !instance.empty()) continue;
    const bool is_ours = param.name == "audio" || param.name == "video" || param.name == "methods" || param.name == "q";
    if (!is_ours || std::find(std::begin(kValues), std::end(kValues), param.value) == std::end(kValues)) return true;
  }
  return false;
}

}  // namespace

// What is known of a presentity for certain, while some of its publications may be gone or not.
struct PresenceModel::Doubts {
  bool any = false;              // There are some.
  bool tuples_surely = false;    // A published tuple,
  bool tuples_perhaps = false;   // or perhaps one;
  bool open_surely = false;      // one that is not closed,
  bool open_perhaps = false;     // or perhaps one.
};

using engine::Duration;
using engine::Instant;
using parsers::HeaderId;

uint32_t PresenceModel::granted(const Facts& request, const Facts& response, const engine::ExpiryRange& range) {
  uint32_t asked = static_cast<uint32_t>(range.when_absent.to_seconds());
  read_expires(request.message, asked);
  const uint32_t due = std::min(asked, static_cast<uint32_t>(range.max.to_seconds()));
  uint32_t said = 0;
  if (!read_expires(response.message, said) || said != due) {
    stage_.verdict.broken({.law = "a 2xx grants what was asked for, shortened to the maximum, and says so in Expires",
                           .seen = "asked " + std::to_string(asked) + ", granted " + std::to_string(said) +
                                   ", due " + std::to_string(due),
                           .call_id = std::string(request.call_id)});
  }
  return due;
}

void PresenceModel::on_published(const Facts& request, const engine::Endpoint& source, const Facts& response) {
  Presentity& presentity = presentities_[aor_of(request.message.request_uri())];
  forget_expired(presentity);
  const std::string old_tag(request.value(HeaderId::kSipIfMatch));
  const std::string new_tag(response.value(HeaderId::kSipEtag));
  const uint32_t expires = granted(request, response, config_.publication);
  const auto report = [&](std::string law) {
    stage_.verdict.broken({.law = std::move(law), .seen = "SIP-If-Match " + old_tag + ", SIP-ETag " + new_tag,
                           .call_id = std::string(request.call_id)});
  };
  Publication publication;
  if (!old_tag.empty()) {
    // RFC 3903 §6 step 3: an entity tag that matches no publication is answered 412.
    const auto old = presentity.publications.find(old_tag);
    if (old == presentity.publications.end()) return report("no 2xx to a PUBLISH with a stale entity tag");
    publication = std::move(old->second);
    presentity.publications.erase(old);
    publication.doubtful = false;
  }
  if (expires == 0) {
    // RFC 3903 §4.5: a removal; a body would be of no use to anybody.
  } else if (!request.message.body().empty()) {
    if (!read_document(request.message.body(), publication.document)) {
      return report("no 2xx to a PUBLISH whose body is no PIDF document");
    }
  } else if (old_tag.empty()) {
    return report("no 2xx to an initial PUBLISH without a body");
  }
  presentity.changed_at = stage_.now();
  // RFC 3903 §6 step 6: a new entity tag with every success; an old one never comes back.
  if (new_tag.empty() || !tags_given_.insert(new_tag).second) return report("every PUBLISH gets a new SIP-ETag");
  if (expires == 0) return;
  publication.expires_at = stage_.now() + Duration::seconds(expires);
  if (!request.message.body().empty()) {
    publication.modified = ++modifications_;
    publication.source = source;
    publication.device = device_of(request, source);
  }
  if (old_tag.empty()) {
    forget_device(presentity, publication);
    make_room(presentity);
  }
  presentity.publications[new_tag] = std::move(publication);
}

void PresenceModel::forget_device(Presentity& presentity, const Publication& anew) {
  const std::vector<TupleView>& tuples = anew.document.tuples;
  if (tuples.empty()) return;
  std::erase_if(presentity.publications, [&](const auto& entry) {
    const Publication& other = entry.second;
    return other.source == anew.source &&
           std::equal(tuples.begin(), tuples.end(), other.document.tuples.begin(), other.document.tuples.end(),
                      [](const TupleView& a, const TupleView& b) { return a.id == b.id; });
  });
}

void PresenceModel::make_room(Presentity& presentity) {
  if (presentity.publications.size() < config_.limits.publications_per_presentity_max) return;
  size_t live = 0;
  auto oldest = presentity.publications.begin();
  for (auto at = presentity.publications.begin(); at != presentity.publications.end(); ++at) {
    live += is_live(at->second.expires_at) && !at->second.doubtful;
    if (at->second.modified < oldest->second.modified) oldest = at;
  }
  if (live >= config_.limits.publications_per_presentity_max) {
    presentity.publications.erase(oldest);
  } else {
    // Some have just expired, and the server may or may not have noticed by now.
    for (auto& [tag, publication] : presentity.publications) publication.doubtful = true;
  }
}

void PresenceModel::on_tag_refused(const Facts& request) {
  const auto presentity = presentities_.find(aor_of(request.message.request_uri()));
  if (presentity == presentities_.end()) return;
  const auto publication = presentity->second.publications.find(std::string(request.value(HeaderId::kSipIfMatch)));
  if (publication == presentity->second.publications.end() || !is_live(publication->second.expires_at) ||
      publication->second.doubtful) {
    return;
  }
  stage_.verdict.broken({.law = "no 412 to the entity tag of a live publication",
                         .seen = "SIP-If-Match " + publication->first,
                         .call_id = std::string(request.call_id)});
}

void PresenceModel::on_registered(const Facts& request, const engine::Endpoint& source, const Facts& response) {
  Presentity& presentity = presentities_[aor_of_address(request.value(HeaderId::kTo))];
  forget_expired(presentity);
  apply_contacts(request, device_of(request, source), presentity);
  const std::string fault = find_contact_fault(response, presentity);
  if (!fault.empty()) {
    stage_.verdict.broken({.law = "a 200 to REGISTER lists all current bindings and no others",
                           .seen = fault,
                           .call_id = std::string(response.call_id)});
  }
  presentity.changed_at = stage_.now();
}

PresenceModel::Binding* PresenceModel::find_binding(Presentity& presentity, std::string_view text) const {
  parsers::Uri wanted, candidate;
  if (parsers::parse_uri(text, wanted) != ParseError::kOk) return nullptr;
  for (Binding& binding : presentity.bindings) {
    if (parsers::parse_uri(binding.uri, candidate) == ParseError::kOk && parsers::equal_uris(wanted, candidate)) {
      return &binding;
    }
  }
  return nullptr;
}

// RFC 3261 §10.3 steps 6 and 7.
void PresenceModel::apply_contacts(const Facts& request, const std::string& device, Presentity& presentity) {
  const uint32_t max = static_cast<uint32_t>(config_.registration.max.to_seconds());
  uint32_t general = static_cast<uint32_t>(config_.registration.when_absent.to_seconds());
  read_expires(request.message, general);
  const parsers::HeaderField* field = request.message.find(HeaderId::kContact);
  for (; field != nullptr; field = request.message.find_next(*field)) {
    std::string_view rest = request.message.value(*field);
    parsers::Address contact;
    while (parsers::next_address(rest, contact) == ParseError::kOk) {
      if (contact.wildcard) return presentity.bindings.clear();
      uint32_t expires = general;
      parsers::Param param;
      if (parsers::find_param(contact.params, "expires", param)) {
        // RFC 3261 §20.10: a malformed value counts as 3600.
        if (parsers::parse_delta_seconds(param.value, expires) != ParseError::kOk) expires = 3600;
      }
      const std::string instance = parsers::find_param(contact.params, "+sip.instance", param) && param.value.size() > 2
                                       ? std::string(param.value.substr(1, param.value.size() - 2))
                                       : std::string();
      Binding* binding = find_binding(presentity, contact.uri.text);
      if (binding == nullptr && !instance.empty()) {
        // RFC 5626 §6: a device that comes back under another Contact has left the one it had before.
        const auto same = [&](const Binding& other) { return parsers::equal_ignoring_case(other.instance, instance); };
        const auto found = std::find_if(presentity.bindings.begin(), presentity.bindings.end(), same);
        if (found != presentity.bindings.end()) binding = &*found;
      }
      if (expires == 0) {
        if (binding != nullptr)
          presentity.bindings.erase(presentity.bindings.begin() + (binding - presentity.bindings.data()));
        continue;
      }
      if (binding == nullptr) binding = &presentity.bindings.emplace_back();
      binding->uri = contact.uri.text;
      binding->instance = instance;
      binding->expires_at = stage_.now() + Duration::seconds(std::min(expires, max));
      binding->device = device;
      binding->is_odd = is_odd_contact(contact.params, instance);
      const bool has_q = parsers::find_param(contact.params, "q", param);
      const std::string aor = "sip:" + aor_of_address(request.value(HeaderId::kTo));
      binding->content = content_of_tuple(
          "<tuple id=\"", "\"><status><basic>open</basic></status>" + expected_capabilities(contact.params) +
                             (instance.empty() ? "" : "<dm:deviceID>" + instance + "</dm:deviceID>") +
                             (has_q ? "<contact priority=\"0.500\">" : "<contact>") + aor +
                             (instance.empty() ? "" : ";gr=" + instance) + "</contact></tuple>");
    }
  }
}

// RFC 3261 §10.3 step 8: the answer lists all current bindings, each with its expires.
std::string PresenceModel::find_contact_fault(const Facts& response, const Presentity& presentity) const {
  Presentity expected = presentity;
  std::erase_if(expected.bindings, [this](const Binding& binding) { return !is_live(binding.expires_at); });
  Presentity perhaps = presentity;
  const parsers::HeaderField* field = response.message.find(HeaderId::kContact);
  for (; field != nullptr; field = response.message.find_next(*field)) {
    std::string_view rest = response.message.value(*field);
    parsers::Address contact;
    while (parsers::next_address(rest, contact) == ParseError::kOk) {
      const Binding* binding = find_binding(perhaps, contact.uri.text);
      if (binding == nullptr) return "surplus: " + std::string(contact.uri.text);
      parsers::Param param;
      uint32_t expires = 0;
      const Duration left = binding->expires_at - stage_.now();
      if (!parsers::find_param(contact.params, "expires", param) ||
          parsers::parse_delta_seconds(param.value, expires) != ParseError::kOk ||
          Duration::seconds(expires) > left + kLateness || Duration::seconds(expires) < left - kLateness) {
        return "expires is not what is left: " + std::string(contact.text);
      }
      const Binding* listed = find_binding(expected, contact.uri.text);
      if (listed != nullptr) expected.bindings.erase(expected.bindings.begin() + (listed - expected.bindings.data()));
    }
  }
  return expected.bindings.empty() ? std::string() : "missing: " + expected.bindings.front().uri;
}

void PresenceModel::on_registered_perhaps(const Facts& request, const engine::Endpoint& source,
                                          const Facts& response) {
  const std::string aor = aor_of_address(request.value(HeaderId::kTo));
  if (!find_contact_fault(response, presentities_[aor]).empty()) on_registered(request, source, response);
}

void PresenceModel::forget_expired(Presentity& presentity) {
  std::erase_if(presentity.publications, [this](const auto& entry) { return !may_live(entry.second.expires_at); });
  std::erase_if(presentity.bindings, [this](const Binding& binding) { return !may_live(binding.expires_at); });
}

void PresenceModel::on_restart() {
  presentities_.clear();
  tags_given_.clear();
}

// The rules of engine/presence/composition.h, one by one.
std::string PresenceModel::find_fault(std::string_view aor, const DocumentView& view) const {
  static const Presentity kNobody;
  const auto found = presentities_.find(aor);
  const Presentity& presentity = found == presentities_.end() ? kNobody : found->second;
  bool hidden_surely = false, hidden_perhaps = false;
  for (const auto& [tag, publication] : presentity.publications) {
    if (!publication.document.is_hidden || !may_live(publication.expires_at)) continue;
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
    const std::vector<TupleView>& tuples = publication.document.tuples;
    (surely ? due : allowed).insert((surely ? due : allowed).end(), tuples.begin(), tuples.end());
    doubts.tuples_perhaps = doubts.tuples_perhaps || !tuples.empty();
    doubts.tuples_surely = doubts.tuples_surely || (surely && !tuples.empty());
    for (const TupleView& tuple : tuples) {
      if (tuple.basic == parsers::BasicStatus::kClosed) continue;
      doubts.open_perhaps = true;
      doubts.open_surely = doubts.open_surely || surely;
    }
    if (publication.document.persons.empty()) continue;
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
    if (newest_with_person != nullptr) persons.push_back(newest_with_person->document.persons.front());
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
  // Two may look alike, so those that must show are looked for first, and those that must not last.
  std::array<std::vector<const Binding*>, 3> by_duty;
  for (const Binding& binding : presentity.bindings) {
    if (!may_live(binding.expires_at)) continue;
    bool spoken_for_surely = false, spoken_for_perhaps = false;
    for (const auto& [tag, publication] : presentity.publications) {
      if (publication.device != binding.device || publication.document.tuples.empty()) continue;
      if (!may_live(publication.expires_at)) continue;
      spoken_for_perhaps = true;
      spoken_for_surely = spoken_for_surely || (is_live(publication.expires_at) && !publication.doubtful);
    }
    const bool may_show = !spoken_for_surely && (!doubts.tuples_surely || doubts.open_perhaps);
    const bool must_show = is_live(binding.expires_at) && !spoken_for_perhaps &&
                           (!doubts.tuples_perhaps || doubts.open_surely);
    by_duty[must_show ? 0 : may_show ? 1 : 2].push_back(&binding);
  }
  size_t missing = 0;
  for (size_t duty = 0; duty < by_duty.size(); ++duty) {
    for (const Binding* binding : by_duty[duty]) {
      const auto at = std::find_if(own.begin(), own.end(), [&](const TupleView& tuple) {
        return tuple.content == binding->content || (binding->is_odd && tuple.id.starts_with('r'));
      });
      if (at == own.end()) {
        missing += duty == 0;
        continue;
      }
      if (duty == 2) return "a registration is shown where its user says otherwise: " + binding->uri;
      own.erase(at);
    }
  }
  if (!own.empty()) return "shown but not published: " + to_text(own);
  // What is published goes before what is registered when there is no room for both: limits.datagram_bytes_max.
  constexpr size_t kTupleBytesMax = 3'000;
  const bool has_room =
      view.bytes + config_.limits.dialog_bytes_max + kTupleBytesMax < config_.limits.datagram_bytes_max;
  if (missing > 0 && has_room) return "registered but not shown";
  if (says_offline && (doubts.tuples_surely || (!by_duty[0].empty() && has_room)))
    return "closed despite a registration";
  return "";
}

Instant PresenceModel::changed_at(std::string_view aor) const {
  const auto found = presentities_.find(aor);
  if (found == presentities_.end()) return {};
  Instant latest = found->second.changed_at;
  const auto consider = [&](Instant expires_at) {
    if (!is_live(expires_at)) latest = std::max(latest, expires_at);
  };
  for (const auto& [tag, publication] : found->second.publications) consider(publication.expires_at);
  for (const Binding& binding : found->second.bindings) consider(binding.expires_at);
  return latest;
}

std::vector<std::string> PresenceModel::contacts_of(std::string_view aor) const {
  std::vector<std::string> uris;
  const auto found = presentities_.find(aor);
  if (found == presentities_.end()) return uris;
  for (const Binding& binding : found->second.bindings) uris.push_back(binding.uri);
  return uris;
}

bool PresenceModel::is_bound(std::string_view gruu) const {
  const auto found = presentities_.find(aor_of(gruu));
  if (found == presentities_.end()) return false;
  parsers::Uri uri;
  parsers::Param gr;
  const bool has_gr = parsers::parse_uri(gruu, uri) == ParseError::kOk && parsers::find_param(uri.params, "gr", gr);
  return std::any_of(found->second.bindings.begin(), found->second.bindings.end(), [&](const Binding& binding) {
    return is_live(binding.expires_at) && (!has_gr || parsers::equal_ignoring_case(binding.instance, gr.value));
  });
}

std::string PresenceModel::describe(std::string_view aor) const {
  std::vector<TupleView> tuples;
  size_t bindings = 0;
  if (const auto found = presentities_.find(aor); found != presentities_.end()) {
    for (const auto& [tag, publication] : found->second.publications) {
      if (!may_live(publication.expires_at)) continue;
      tuples.insert(tuples.end(), publication.document.tuples.begin(), publication.document.tuples.end());
    }
    bindings = found->second.bindings.size();
  }
  return std::string(aor) + " " + to_text(tuples) + ", " + std::to_string(bindings) + " bindings";
}

}  // namespace vedette::sim
