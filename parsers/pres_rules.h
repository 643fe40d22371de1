// Presence authorization rules (RFC 5025 within the common policy of RFC 4745): who may watch a presentity, when, and
// what of its presence. A document is compiled once into bytes that hold no pointers, so that they may be copied,
// moved and kept as plain text of a store; they are evaluated for a watcher as often as is needed.
//
// Nothing here allocates, throws or reads a clock. Compiling is linear in the document, evaluating in what was
// compiled. Times are seconds since the epoch in UTC. RFC 4745 §4: rules only permit, so what is not understood
// grants nothing: all that this reader leaves away makes the answer narrower, never wider.
//
// Not here: how a watcher was authenticated, what the sphere of a presentity is, and what is done with the answer.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "parsers/parse_error.h"
#include "parsers/uri.h"
#include "parsers/writer.h"

namespace vedette::parsers {

inline constexpr size_t kRulesDocumentBytesMax = 262'144;
inline constexpr size_t kRuleSetBytesMax = 65'535;  // Of the compiled form.
inline constexpr size_t kRulesMax = 64;
inline constexpr size_t kRuleConditionsMax = 16;     // Of one rule.
inline constexpr size_t kRuleIdentitiesMax = 768;    // <one>, <many> and <except> in the whole document.
inline constexpr size_t kRulePeriodsMax = 128;       // Pairs of <from> and <until> in the whole document.
inline constexpr size_t kRuleGrantsMax = 64;         // Different devices, persons, services, unknown attributes.
inline constexpr size_t kRuleGrantBytesMax = 8'192;  // All of those together.
inline constexpr size_t kRuleValueBytesMax = 1'024;  // Of one attribute or of one element's text.
inline constexpr size_t kRuleIdBytesMax = 128;

enum class RulesError : uint8_t {
  kOk,
  kDocumentTooLong,
  kXml,        // Not well-formed, or beyond what xml_scanner takes: RulesReport::xml says which.
  kRoot,       // The root is not the <ruleset> of RFC 4745.
  kElement,    // An element that does not belong where it stands, or not twice.
  kText,       // Text where there may be elements alone.
  kAttribute,  // An attribute that the element does not have.
  kAttributeMissing,
  kValue,  // Not one of the values that there are.
  kValueTooLong,
  kRuleId,          // Not a name.
  kRuleIdRepeated,  // RFC 4745 §6.1.
  kIdentityEmpty,   // <identity> without <one> or <many>: would it match nobody, or everybody?
  kUri,             // An id that is no URI or no address of record.
  kDomain,          // Not a host name; an international one is to be written as "xn--...".
  kExcept,          // Not either an id or a domain (RFC 4745 §7.2).
  kTime,            // Not an XML dateTime of the years 1 to 9999 with its zone.
  kPeriod,          // Not <from> and <until> in pairs (RFC 4745 §7.4).
  kRulesTooMany,
  kConditionsTooMany,
  kIdentitiesTooMany,
  kPeriodsTooMany,
  kGrantsTooMany,
  kRuleSetTooLarge,  // The compiled form does not fit into `out`, or is larger than kRuleSetBytesMax.
  kCount
};

// For operators: what is wrong, as the end of a sentence that begins with the place.
std::string_view to_string(RulesError error);

struct RulesReport {
  RulesError error = RulesError::kOk;
  ParseError xml = ParseError::kOk;  // Of kXml.
  uint32_t line = 0;                 // From 1 on; of an error. 0 when it is about the whole document.
  std::string_view element;          // The local name of the element that began last, in the document; may be empty.
  size_t length = 0;                 // Bytes of `out` used; 0 on error.
  size_t rules = 0;                  // That are in the compiled form.
  // Well-formed rules that are left away, because a condition is of a namespace that we do not know: they can never
  // match (RFC 4745 §7). An operator should hear of them.
  size_t rules_that_never_match = 0;
};

// Reads the whole document or refuses it. `document` is UTF-8 (application/auth-policy+xml). While it is read, `out`
// has to hold what is left away in the end, too: kRuleSetBytesMax are always enough.
RulesReport compile_rules(std::string_view document, std::span<char> out);

// Appends the ids of a document's rules in their order, with a space between them, for operators. Of a document that
// compile_rules() takes; of another, as far as it can be read.
void list_rule_ids(std::string_view document, Writer& out);

// RFC 5025 §3.2.1: the values are those that are compared.
enum class SubHandling : uint8_t { kBlock = 0, kConfirm = 10, kPoliteBlock = 20, kAllow = 30 };
// RFC 5025 §3.3.2.12: whether a watcher sees <user-input>, and how much of it: without attributes, without the time
// of the last input, or all of it.
enum class UserInput : uint8_t { kFalse = 0, kBare = 10, kThresholds = 20, kFull = 30 };

std::string_view to_string(SubHandling handling);

// The boolean permissions of RFC 5025 §3.3, as bits of Permissions::booleans. For those on attributes, whether an
// element of that name is shown within a person, device or service that is shown.
enum PermissionBit : uint16_t {
  kProvideActivities = 1u << 0,
  kProvideClass = 1u << 1,
  kProvideDeviceId = 1u << 2,
  kProvideMood = 1u << 3,
  kProvidePlaceIs = 1u << 4,
  kProvidePlaceType = 1u << 5,
  kProvidePrivacy = 1u << 6,
  kProvideRelationship = 1u << 7,
  kProvideSphere = 1u << 8,
  kProvideStatusIcon = 1u << 9,
  kProvideTimeOffset = 1u << 10,
  kProvideNote = 1u << 11,
  kProvideAllAttributes = 1u << 12,  // Known or not; then those above are set, and user_input is kFull.
  kProvideAllDevices = 1u << 13,
  kProvideAllPersons = 1u << 14,
  kProvideAllServices = 1u << 15,
};

inline constexpr int64_t kRulesForever = std::numeric_limits<int64_t>::max();

// What a view of a presentity is kept under: equal for all whom the same is shown. It is made of what is granted, not
// of the rules that granted it, so that it outlives a change of rules which changes nothing for a watcher. What is
// granted by name is in `digest`, 128 bits that are no defence against him who writes the rules: he could at worst
// make two views of his own presence one.
struct PermissionsKey {
  uint32_t rights = 0;
  std::array<uint64_t, 2> digest{};

  auto operator<=>(const PermissionsKey&) const = default;
};

// What a watcher may do and see. Without a matching rule: blocked (RFC 5025 §3.2.1).
struct Permissions {
  SubHandling sub_handling = SubHandling::kBlock;
  UserInput user_input = UserInput::kFalse;
  uint16_t booleans = 0;             // Of PermissionBit.
  uint64_t grants = 0;               // Bit i: what is granted by name, the i-th of the rule set that was evaluated.
  std::array<uint64_t, 2> digest{};  // Of those, whatever rule set they are of.
  // The first time at which another answer is possible although watcher and sphere are the same: a <validity> begins
  // or ends. kRulesForever when there is none.
  int64_t valid_until = kRulesForever;

  // A watcher who is not allowed sees nothing of all the rest; so the rest does not matter.
  PermissionsKey key() const {
    if (sub_handling != SubHandling::kAllow) return {.rights = static_cast<uint32_t>(sub_handling)};
    return {.rights = static_cast<uint32_t>(sub_handling) | static_cast<uint32_t>(user_input) << 8 |
                      static_cast<uint32_t>(booleans) << 16,
            .digest = digest};
  }
};

// RFC 5025 §3.1.1.2: a URI that the watcher was proved to be. `aor` is what write_canonical_aor() makes of it, or for
// UriScheme::kOther the whole URI. One who gave his credentials is kSip and the address of record that they are for;
// one whom a trusted peer vouches for is what P-Asserted-Identity says, be the request anonymous or not.
struct WatcherUri {
  UriScheme scheme = UriScheme::kSip;
  std::string_view aor;
};

struct WatcherIdentity {
  // P-Asserted-Identity may have a SIP and a tel URI; each may be the one that matches.
  std::array<WatcherUri, 2> uris;
  size_t count = 0;  // 0: not authenticated, anonymous or not. No <identity> matches him.
};

// `rule_set` is what compile_rules() wrote. For other bytes the answer is some answer, and for those of another
// version, or none at all, it is that without rules. `sphere` is the presentity's one (RFC 5025 §3.1.2), empty when
// it has none or more than one: then no <sphere> matches.
Permissions evaluate_rules(std::string_view rule_set, const WatcherIdentity& watcher, int64_t now_seconds,
                           std::string_view sphere);

// What the answers depend on besides the watcher: when it changes, they have to be asked for anew.
struct RuleSetUses {
  bool sphere = false;
  bool validity = false;  // Then Permissions::valid_until says when.
};
RuleSetUses uses_of(std::string_view rule_set);

// What of a document a watcher may see. `permissions` are those that evaluate_rules() gave for the same rule set.
enum class PresenceComponent : uint8_t { kDevice, kPerson, kService };

struct ComponentNames {
  std::string_view occurrence_id;  // The attribute "id" of <tuple>, <person> or <device>.
  std::string_view class_name;     // The text of its <class> (RFC 4480 §3.3), empty when there is none.
  std::string_view uri;            // <contact> of a service, <deviceID> of a device; empty for a person.
};
// RFC 5025 §3.3.1: whether a device, person or service is shown at all.
bool shows_component(std::string_view rule_set, const Permissions& permissions, PresenceComponent component,
                     const ComponentNames& names);

struct ElementName {
  std::string_view space;  // The namespace.
  std::string_view local;
};
// RFC 5025 §3.3.2: whether an element within a component is shown. The elements that make a component what it is,
// such as <status>, <contact>, <service-class> and <timestamp>, are not a matter of permission. <user-input> is shown
// when any of it is.
bool shows_attribute(std::string_view rule_set, const Permissions& permissions, const ElementName& name);

}  // namespace vedette::parsers
