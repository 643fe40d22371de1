#include "tests/sim/presence_model.h"

#include <algorithm>
#include <array>

#include "parsers/address.h"
#include "parsers/number.h"
#include "parsers/param.h"

namespace vedette::sim {

using parsers::ParseError;

namespace {

// What hard state is called by among publications.
constexpr const char* kNoTag = "";

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

using engine::Duration;
using engine::Instant;
using parsers::HeaderId;

uint32_t PresenceModel::granted(const Facts& request, const Facts& response, const engine::ExpiryRange& range) {
  uint32_t asked = static_cast<uint32_t>(range.when_absent.to_seconds());
  read_expires(request.message, asked);
  uint32_t said = 0;
  if (!read_expires(response.message, said) || !may_grant(range, asked, said)) {
    stage_.verdict.broken({.law = "a 2xx grants what was asked for, shortened to the maximum and by the spread alone",
                           .seen = "asked " + std::to_string(asked) + ", granted " + std::to_string(said),
                           .call_id = std::string(request.call_id)});
  }
  return said;
}

void PresenceModel::on_published(const Facts& request, const engine::Endpoint& source, const Facts& response) {
  Package package = Package::kPresence;
  const bool is_known = read_package(request.message, package) && entry_of(package).is_published;
  Presentity& presentity = presentities_[{package, aor_of(request.message.request_uri())}];
  forget_expired(presentity);
  const std::string old_tag(request.value(HeaderId::kSipIfMatch));
  const std::string new_tag(response.value(HeaderId::kSipEtag));
  const uint32_t expires = granted(request, response, config_.publication);
  const auto report = [&](std::string law) {
    stage_.verdict.broken({.law = std::move(law), .seen = "SIP-If-Match " + old_tag + ", SIP-ETag " + new_tag,
                           .call_id = std::string(request.call_id)});
  };
  // RFC 3903 §6 step 2.
  if (!is_known) return report("no 2xx to a PUBLISH of a package that nobody publishes");
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
    if (!read_published(package, request.message.body(), publication.document)) {
      return report("no 2xx to a PUBLISH whose body is no document of its package");
    }
    publication.views.clear();
    if (stage_.preset.events.has_rules) publication.elements = elements_of(request.message.body());
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

void PresenceModel::on_hard_state_set(const std::string& aor, const std::string& document, Duration lifetime) {
  // Longer than any world lasts.
  constexpr Duration kForEver = Duration::seconds(int64_t{100} * 365 * 86'400);
  Presentity& presentity = presentities_[{Package::kPresence, aor}];
  Publication& publication = presentity.publications[std::string(kNoTag)];
  publication = {.expires_at = stage_.now() + (lifetime == Duration() ? kForEver : lifetime), .is_hard = true};
  presentity.changed_at = stage_.now();
  if (stage_.preset.events.has_rules) publication.elements = elements_of(document);
  if (read_published(Package::kPresence, document, publication.document)) return;
  stage_.verdict.broken({.law = "hard state is a presence document", .seen = document, .call_id = {}});
}

void PresenceModel::on_hard_state_removed(const std::string& aor, bool was_there) {
  Presentity& presentity = presentities_[{Package::kPresence, aor}];
  const auto known = presentity.publications.find(kNoTag);
  const bool is_known = known != presentity.publications.end();
  const bool surely = is_known && is_live(known->second.expires_at);
  const bool perhaps = is_known && may_live(known->second.expires_at);
  if (was_there ? !perhaps : surely) {
    stage_.verdict.broken({.law = "hard state stays until its time is over or it is removed (RFC 3903 §2)",
                           .seen = aor + (was_there ? " has some still" : " has none any more"),
                           .call_id = {}});
  }
  if (!was_there) return;
  presentity.publications.erase(known);
  presentity.changed_at = stage_.now();
}

void PresenceModel::forget_device(Presentity& presentity, const Publication& anew) {
  const std::vector<TupleView>& tuples = anew.document.presence.tuples;
  if (tuples.empty()) return;
  // Of several that have come to be alike by changes, the newest.
  auto replaced = presentity.publications.end();
  for (auto at = presentity.publications.begin(); at != presentity.publications.end(); ++at) {
    const Publication& other = at->second;
    const std::vector<TupleView>& others = other.document.presence.tuples;
    if (other.is_hard || !(other.source == anew.source) ||
        !std::equal(tuples.begin(), tuples.end(), others.begin(), others.end(),
                    [](const TupleView& a, const TupleView& b) { return a.id == b.id; })) {
      continue;
    }
    if (replaced == presentity.publications.end() || replaced->second.modified < other.modified) replaced = at;
  }
  if (replaced != presentity.publications.end()) presentity.publications.erase(replaced);
}

void PresenceModel::make_room(Presentity& presentity) {
  // Hard state takes none of it.
  const size_t max = config_.limits.publications_per_presentity_max + presentity.publications.count(kNoTag);
  if (presentity.publications.size() < max) return;
  const auto is_sure = [this](const Publication& publication) {
    return publication.is_hard || (is_live(publication.expires_at) && !publication.doubtful);
  };
  size_t live = 0;
  const Publication* oldest = nullptr;
  for (const auto& [tag, publication] : presentity.publications) {
    if (!is_sure(publication)) continue;
    ++live;
    if (publication.is_hard) continue;
    if (oldest == nullptr || publication.modified < oldest->modified) oldest = &publication;
  }
  if (live < max) {
    // Some have just expired, or made room before, and the server may or may not have noticed by now.
    for (auto& [tag, publication] : presentity.publications) publication.doubtful = !publication.is_hard;
    return;
  }
  // There was no room for any that is not certain.
  std::erase_if(presentity.publications, [&](const auto& entry) {
    return &entry.second == oldest || !is_sure(entry.second);
  });
}

void PresenceModel::on_tag_refused(const Facts& request) {
  Package package = Package::kPresence;
  read_package(request.message, package);
  const auto presentity = presentities_.find({package, aor_of(request.message.request_uri())});
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
  Presentity& presentity = presentities_[{Package::kPresence, aor_of_address(request.value(HeaderId::kTo))}];
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
      // RFC 5626 §4.1: a URN in angle brackets.
      const bool has_instance = parsers::find_param(contact.params, "+sip.instance", param) && param.value.size() > 2 &&
                                param.value.starts_with('<') && param.value.ends_with('>');
      const std::string instance(has_instance ? param.value.substr(1, param.value.size() - 2) : std::string_view());
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
      const std::string after_id = "\"><status><basic>open</basic></status>" + expected_capabilities(contact.params) +
                                   (instance.empty() ? "" : "<dm:deviceID>" + instance + "</dm:deviceID>") +
                                   (has_q ? "<contact priority=\"0.500\">" : "<contact>") + aor +
                                   (instance.empty() ? "" : ";gr=" + instance) + "</contact></tuple>";
      binding->content = content_of_tuple("<tuple id=\"", after_id);
      if (stage_.preset.events.has_rules) read_xml("<tuple id=\"r" + after_id, binding->tuple);
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
  const Presentity& presentity = presentities_[{Package::kPresence, aor_of_address(request.value(HeaderId::kTo))}];
  if (!find_contact_fault(response, presentity).empty()) on_registered(request, source, response);
}

void PresenceModel::forget_expired(Presentity& presentity) {
  std::erase_if(presentity.publications, [this](const auto& entry) { return !may_live(entry.second.expires_at); });
  std::erase_if(presentity.bindings, [this](const Binding& binding) { return !may_live(binding.expires_at); });
}

void PresenceModel::on_restart() {
  presentities_.clear();
  tags_given_.clear();
}

const PresenceModel::Presentity& PresenceModel::presentity_of(Package package, std::string_view aor) const {
  static const Presentity kNobody;
  const auto found = presentities_.find({package, std::string(aor)});
  return found == presentities_.end() ? kNobody : found->second;
}

std::string PresenceModel::find_fault(std::string_view aor, const PackageView& view, const Rights& rights) const {
  const Presentity& presentity = presentity_of(view.package, aor);
  if (!view.aor.empty() && view.aor != aor) return "it is about " + view.aor;
  switch (view.package) {
    case Package::kPresence: return find_presence_fault(presentity, view.presence, rights);
    case Package::kDialog: return find_dialog_fault(presentity, view);
    case Package::kMessageSummary: return find_summary_fault(presentity, view);
    case Package::kReg: return find_contacts_fault(presentity_of(Package::kPresence, aor), view);
    default: return "no package that is judged here";
  }
}

Instant PresenceModel::changed_at(Package package, std::string_view aor) const {
  // Registrations are kept with presence.
  const Presentity& presentity = presentity_of(package == Package::kReg ? Package::kPresence : package, aor);
  Instant latest = presentity.changed_at;
  const auto consider = [&](Instant expires_at) {
    if (!is_live(expires_at)) latest = std::max(latest, stage_.noticed_by(expires_at));
  };
  for (const auto& [tag, publication] : presentity.publications) consider(publication.expires_at);
  for (const Binding& binding : presentity.bindings) consider(binding.expires_at);
  return latest;
}

std::vector<std::string> PresenceModel::contacts_of(std::string_view aor) const {
  std::vector<std::string> uris;
  for (const Binding& binding : presentity_of(Package::kPresence, aor).bindings) uris.push_back(binding.uri);
  return uris;
}

bool PresenceModel::is_registered_from(std::string_view aor, const engine::Endpoint& source) const {
  const std::vector<Binding>& bindings = presentity_of(Package::kPresence, aor).bindings;
  const std::string begin = to_text(source) + "|";
  return std::any_of(bindings.begin(), bindings.end(),
                     [&begin](const Binding& binding) { return binding.device.starts_with(begin); });
}

bool PresenceModel::is_bound(std::string_view gruu) const {
  const std::vector<Binding>& bindings = presentity_of(Package::kPresence, aor_of(gruu)).bindings;
  parsers::Uri uri;
  parsers::Param gr;
  const bool has_gr = parsers::parse_uri(gruu, uri) == ParseError::kOk && parsers::find_param(uri.params, "gr", gr);
  return std::any_of(bindings.begin(), bindings.end(), [&](const Binding& binding) {
    return is_live(binding.expires_at) && (!has_gr || parsers::equal_ignoring_case(binding.instance, gr.value));
  });
}

std::string PresenceModel::describe(Package package, std::string_view aor) const {
  std::string text = std::string(aor);
  for (const auto& [tag, publication] : presentity_of(package, aor).publications) {
    if (may_live(publication.expires_at)) text += " " + to_text(publication.document);
  }
  return text + ", " + std::to_string(presentity_of(Package::kPresence, aor).bindings.size()) + " bindings";
}

}  // namespace vedette::sim
