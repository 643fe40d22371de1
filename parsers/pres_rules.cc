// Evaluates compiled rules: one walk over their bytes.
#include "parsers/pres_rules.h"

#include <algorithm>

#include "parsers/chars.h"
#include "parsers/pres_rules_format.h"

namespace vedette::parsers {
namespace {

struct Parts {
  RuleSetHeader header;
  std::string_view rules;
  std::string_view grants;
};

// False for bytes that are no rule set of this version.
bool open(std::string_view rule_set, Parts& parts) {
  RulesReader reader(rule_set);
  if (!reader.take(parts.header)) return false;
  const RuleSetHeader& header = parts.header;
  const size_t needed = sizeof(header) + header.rules_length;
  if (header.version != kRulesVersion || header.length > rule_set.size() || header.length < needed) return false;
  parts.rules = rule_set.substr(sizeof(header), header.rules_length);
  parts.grants = rule_set.substr(needed, header.length - needed);
  return true;
}

// The host of an address of record; a number has none.
std::string_view domain_of(const WatcherUri& uri) {
  if (uri.scheme == UriScheme::kTel || uri.scheme == UriScheme::kOther) return {};
  const size_t at = uri.aor.rfind('@');
  return at == std::string_view::npos ? std::string_view{} : uri.aor.substr(at + 1);
}

std::span<const WatcherUri> uris_of(const WatcherIdentity& watcher) {
  return std::span(watcher.uris).first(std::min(watcher.count, watcher.uris.size()));
}

// RFC 5025 §3.1.1.2: one of his URIs is enough, and URIs of different schemes are never the same, not even a tel URI
// and the SIP URI with its number.
bool is_one(const WatcherIdentity& watcher, UriScheme scheme, std::string_view aor) {
  return std::ranges::any_of(uris_of(watcher),
                             [&](const WatcherUri& uri) { return uri.scheme == scheme && uri.aor == aor; });
}

bool is_of(const WatcherIdentity& watcher, std::string_view domain) {
  return std::ranges::any_of(uris_of(watcher), [&](const WatcherUri& uri) { return domain_of(uri) == domain; });
}

// RFC 4745 §7.1.1: "The <identity> condition is considered TRUE if any of its child elements [...] evaluate to TRUE".
// "Only authenticated entities can be matched".
bool holds_identity(std::string_view bytes, const WatcherIdentity& watcher) {
  if (watcher.count == 0) return false;
  RulesReader reader(bytes);
  RulesRecord record;
  std::string_view text;
  bool is_one_of_many = false;  // So far, of the last <many>: exceptions may follow.
  while (reader.take_record(record, text)) {
    switch (record.tag) {
      case RulesTag::kOne:
        if (is_one(watcher, record.scheme, text)) return true;
        break;
      case RulesTag::kMany:
        if (is_one_of_many) return true;
        is_one_of_many = text.empty() || is_of(watcher, text);
        break;
      // RFC 4745 §7.1.3: the results of several <except> are "combined using a logical OR".
      case RulesTag::kExceptOne:
        if (is_one_of_many && is_one(watcher, record.scheme, text)) is_one_of_many = false;
        break;
      case RulesTag::kExceptDomain:
        if (is_one_of_many && is_of(watcher, text)) is_one_of_many = false;
        break;
      default: return false;
    }
  }
  return is_one_of_many;
}

// RFC 4745 §7.3: "A logical OR is used for the matching the tokens against the sphere settings of the PT."
bool holds_sphere(std::string_view tokens, std::string_view sphere) {
  if (sphere.empty()) return false;
  while (!tokens.empty()) {
    const std::string_view token = tokens.substr(0, tokens.find(' '));
    tokens.remove_prefix(std::min(token.size() + 1, tokens.size()));
    if (std::ranges::equal(token, sphere, [](char a, char b) { return a == to_lower(b); })) return true;
  }
  return false;
}

// RFC 4745 §7.4: "TRUE if the current time is greater than or equal to at least one <from> child, but less than the
// <until> child after it." `edge`: the first time after now at which a period begins or ends.
bool holds_validity(std::string_view bytes, int64_t now, int64_t& edge) {
  RulesReader reader(bytes);
  RulesPeriod period;
  bool holds = false;
  while (reader.take(period)) {
    if (period.from >= period.until) continue;
    if (now < period.from) {
      edge = std::min(edge, period.from);
    } else if (now < period.until) {
      edge = std::min(edge, period.until);
      holds = true;
    }
  }
  return holds;
}

struct Request {
  const WatcherIdentity& watcher;
  int64_t now;
  std::string_view sphere;
};

// RFC 4745 §10.1: "A rule matches if all conditions contained as child elements in the <conditions> element of a rule
// evaluate to TRUE." `edge` moves only where time alone decides.
bool matches(std::string_view conditions, const Request& request, int64_t& edge) {
  RulesReader reader(conditions);
  RulesRecord record;
  std::string_view bytes;
  bool is_valid = true;
  int64_t next = kRulesForever;
  while (reader.take_record(record, bytes)) {
    switch (record.tag) {
      case RulesTag::kIdentity:
        if (!holds_identity(bytes, request.watcher)) return false;
        break;
      case RulesTag::kSphere:
        if (!holds_sphere(bytes, request.sphere)) return false;
        break;
      case RulesTag::kValidity:
        if (!holds_validity(bytes, request.now, next)) is_valid = false;
        break;
      default: return false;
    }
  }
  edge = std::min(edge, next);
  return is_valid;
}

// The boolean that gives all of what the grant gives one.
uint16_t all_of(RulesTag tag) {
  switch (tag) {
    case RulesTag::kDeviceId:
    case RulesTag::kDeviceOccurrence:
    case RulesTag::kDeviceClass: return kProvideAllDevices;
    case RulesTag::kPersonOccurrence:
    case RulesTag::kPersonClass: return kProvideAllPersons;
    case RulesTag::kServiceUri:
    case RulesTag::kServiceScheme:
    case RulesTag::kServiceOccurrence:
    case RulesTag::kServiceClass: return kProvideAllServices;
    case RulesTag::kUnknownAttribute: return kProvideAllAttributes;
    default: return 0;
  }
}

// FNV-1a (RFC 9923), with the finaliser of SplitMix64, so that sums of them do not cancel out by chance.
uint64_t hash(uint64_t seed, RulesTag tag, std::string_view text) {
  constexpr uint64_t kPrime = 0x100000001b3;
  uint64_t state = (seed ^ static_cast<uint8_t>(tag)) * kPrime;
  for (const char c : text) state = (state ^ static_cast<uint8_t>(c)) * kPrime;
  state = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
  state = (state ^ (state >> 27)) * 0x94d049bb133111eb;
  return state ^ (state >> 31);
}

// Takes away what is granted by name and is granted to all anyway, and sums up the rest: a sum does not depend on the
// order, which is another in another rule set.
void settle_grants(std::string_view grants, Permissions& permissions) {
  RulesReader reader(grants);
  RulesRecord record;
  std::string_view text;
  uint64_t bit = 1;
  uint64_t known = 0;
  for (; bit != 0 && reader.take_record(record, text); bit <<= 1) {
    if ((permissions.grants & bit) == 0 || (permissions.booleans & all_of(record.tag)) != 0) continue;
    known |= bit;
    permissions.digest[0] += hash(0xcbf29ce484222325, record.tag, text);
    permissions.digest[1] += hash(0x9ae16a3b2f90404f, record.tag, text);
  }
  permissions.grants = known;
}

}  // namespace

// RFC 4745 §10.2: booleans are TRUE if one is, integers are the maximum, sets the union; what a rule does not say has
// the lowest value.
Permissions evaluate_rules(std::string_view rule_set, const WatcherIdentity& watcher, int64_t now_seconds,
                           std::string_view sphere) {
  Permissions permissions;
  Parts parts;
  if (!open(rule_set, parts)) return permissions;
  const Request request{watcher, now_seconds, sphere};
  RulesReader reader(parts.rules);
  RuleHeader rule;
  std::string_view conditions;
  while (reader.take(rule) && reader.take_bytes(rule.length, conditions)) {
    if (!matches(conditions, request, permissions.valid_until)) continue;
    permissions.sub_handling = std::max(permissions.sub_handling, rule.sub_handling);
    permissions.user_input = std::max(permissions.user_input, rule.user_input);
    permissions.booleans |= rule.booleans;
    permissions.grants |= rule.grants;
  }
  if (permissions.grants != 0) settle_grants(parts.grants, permissions);
  return permissions;
}

RuleSetUses uses_of(std::string_view rule_set) {
  Parts parts;
  if (!open(rule_set, parts)) return {};
  return {.sphere = (parts.header.uses & kUsesSphere) != 0, .validity = (parts.header.uses & kUsesValidity) != 0};
}

namespace {

// Whether something that was granted by name fits.
template <typename Fits>
bool has_grant(std::string_view rule_set, const Permissions& permissions, Fits fits) {
  Parts parts;
  if (permissions.grants == 0 || !open(rule_set, parts)) return false;
  RulesReader reader(parts.grants);
  RulesRecord record;
  std::string_view text;
  for (uint64_t bit = 1; bit != 0 && reader.take_record(record, text); bit <<= 1) {
    if ((permissions.grants & bit) != 0 && fits(record.tag, text)) return true;
  }
  return false;
}

// RFC 5025 §3.3.1.3: "the scheme of the service URI for the service occurrence matches the value of
// <service-uri-scheme> based on case-sensitive equality". The scheme of a URI is what it is in lower case (RFC 3986
// §3.1: "An implementation should accept uppercase letters as equivalent to lowercase in scheme names"); the value is
// taken as it was written, so that one in capitals grants nothing.
bool has_scheme(std::string_view scheme, std::string_view uri) {
  return uri.size() > scheme.size() && uri[scheme.size()] == ':' &&
         std::ranges::equal(scheme, uri.substr(0, scheme.size()), [](char a, char b) { return a == to_lower(b); });
}

}  // namespace

bool shows_component(std::string_view rule_set, const Permissions& permissions, PresenceComponent component,
                     const ComponentNames& names) {
  const uint16_t all = component == PresenceComponent::kDevice   ? kProvideAllDevices
                       : component == PresenceComponent::kPerson ? kProvideAllPersons
                                                                 : kProvideAllServices;
  if ((permissions.booleans & all) != 0) return true;
  return has_grant(rule_set, permissions, [&](RulesTag tag, std::string_view text) {
    if (all_of(tag) != all) return false;
    switch (tag) {
      case RulesTag::kDeviceOccurrence:
      case RulesTag::kPersonOccurrence:
      case RulesTag::kServiceOccurrence: return text == names.occurrence_id;
      case RulesTag::kDeviceClass:
      case RulesTag::kPersonClass:
      case RulesTag::kServiceClass: return text == names.class_name;
      // RFC 5025 §3.3.1.1, §3.3.1.3: "based on URI equivalence".
      case RulesTag::kDeviceId:
      case RulesTag::kServiceUri: return are_equal_uris(text, names.uri);
      case RulesTag::kServiceScheme: return has_scheme(text, names.uri);
      default: return false;
    }
  });
}

namespace {

constexpr std::string_view kPidfSpace = "urn:ietf:params:xml:ns:pidf";
constexpr std::string_view kDataModelSpace = "urn:ietf:params:xml:ns:pidf:data-model";
constexpr std::string_view kRpidSpace = "urn:ietf:params:xml:ns:pidf:rpid";

struct KnownElement {
  ElementName name;
  uint16_t bit;  // 0: not a matter of permission.
};
// RFC 5025 §3.3.2: the attributes that it knows, of PIDF, of its data model and of RPID.
constexpr KnownElement kKnownElements[] = {{{kPidfSpace, "status"}, 0},
                                           {{kPidfSpace, "basic"}, 0},
                                           {{kPidfSpace, "contact"}, 0},
                                           {{kPidfSpace, "timestamp"}, 0},
                                           {{kPidfSpace, "note"}, kProvideNote},
                                           {{kDataModelSpace, "timestamp"}, 0},
                                           {{kDataModelSpace, "note"}, kProvideNote},
                                           {{kDataModelSpace, "deviceID"}, kProvideDeviceId},
                                           {{kRpidSpace, "activities"}, kProvideActivities},
                                           {{kRpidSpace, "class"}, kProvideClass},
                                           {{kRpidSpace, "mood"}, kProvideMood},
                                           {{kRpidSpace, "place-is"}, kProvidePlaceIs},
                                           {{kRpidSpace, "place-type"}, kProvidePlaceType},
                                           {{kRpidSpace, "privacy"}, kProvidePrivacy},
                                           {{kRpidSpace, "relationship"}, kProvideRelationship},
                                           {{kRpidSpace, "service-class"}, 0},
                                           {{kRpidSpace, "sphere"}, kProvideSphere},
                                           {{kRpidSpace, "status-icon"}, kProvideStatusIcon},
                                           {{kRpidSpace, "time-offset"}, kProvideTimeOffset}};

}  // namespace

bool shows_attribute(std::string_view rule_set, const Permissions& permissions, const ElementName& name) {
  for (const KnownElement& known : kKnownElements) {
    if (known.name.local != name.local || known.name.space != name.space) continue;
    return known.bit == 0 || (permissions.booleans & known.bit) != 0;
  }
  if (name.space == kRpidSpace && name.local == "user-input") return permissions.user_input != UserInput::kFalse;
  if ((permissions.booleans & kProvideAllAttributes) != 0) return true;
  return has_grant(rule_set, permissions, [&](RulesTag tag, std::string_view text) {
    if (tag != RulesTag::kUnknownAttribute || text.size() != name.space.size() + 1 + name.local.size()) return false;
    return text.starts_with(name.space) && text[name.space.size()] == '\0' && text.ends_with(name.local);
  });
}

std::string_view to_string(SubHandling handling) {
  switch (handling) {
    case SubHandling::kBlock: return "block";
    case SubHandling::kConfirm: return "confirm";
    case SubHandling::kPoliteBlock: return "polite-block";
    case SubHandling::kAllow: return "allow";
  }
  return "?";
}

}  // namespace vedette::parsers
