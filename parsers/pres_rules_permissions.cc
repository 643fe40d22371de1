// The permissions of a rule: sub-handling (RFC 5025 §3.2), the devices, persons and services that are shown (§3.3.1)
// and their attributes (§3.3.2). What is granted by name is kept once, and a rule has bits for it.
#include <algorithm>

#include "parsers/pres_rules_compiler.h"

namespace vedette::parsers {

struct Selector {
  std::string_view name;
  RulesTag tag;
};
struct ComponentPermission {
  std::string_view name;
  std::string_view all;
  PermissionBit all_bit;
  std::span<const Selector> selectors;
};

namespace {

constexpr uint16_t kAttributeBits = kProvideAllAttributes - 1u;  // Those before it.

struct Boolean {
  std::string_view name;
  PermissionBit bit;
};
// RFC 5025 §3.3.2.
constexpr Boolean kBooleans[] = {
    {"provide-activities", kProvideActivities},  {"provide-class", kProvideClass},
    {"provide-deviceID", kProvideDeviceId},      {"provide-mood", kProvideMood},
    {"provide-place-is", kProvidePlaceIs},       {"provide-place-type", kProvidePlaceType},
    {"provide-privacy", kProvidePrivacy},        {"provide-relationship", kProvideRelationship},
    {"provide-sphere", kProvideSphere},          {"provide-status-icon", kProvideStatusIcon},
    {"provide-time-offset", kProvideTimeOffset}, {"provide-note", kProvideNote}};

constexpr Selector kDeviceSelectors[] = {{"deviceID", RulesTag::kDeviceId},
                                         {"occurrence-id", RulesTag::kDeviceOccurrence},
                                         {"class", RulesTag::kDeviceClass}};
constexpr Selector kPersonSelectors[] = {{"occurrence-id", RulesTag::kPersonOccurrence},
                                         {"class", RulesTag::kPersonClass}};
constexpr Selector kServiceSelectors[] = {{"service-uri", RulesTag::kServiceUri},
                                          {"service-uri-scheme", RulesTag::kServiceScheme},
                                          {"occurrence-id", RulesTag::kServiceOccurrence},
                                          {"class", RulesTag::kServiceClass}};
// RFC 5025 §3.3.1.
constexpr ComponentPermission kComponents[] = {
    {"provide-devices", "all-devices", kProvideAllDevices, kDeviceSelectors},
    {"provide-persons", "all-persons", kProvideAllPersons, kPersonSelectors},
    {"provide-services", "all-services", kProvideAllServices, kServiceSelectors}};

// Of what may stand once in a rule: the bits of its permissions, and behind them these.
constexpr uint32_t kOnceSubHandling = 1u << 16;
constexpr uint32_t kOnceUserInput = 1u << 17;

}  // namespace

// RFC 5025 §3.2.
void RulesCompiler::read_actions() {
  while (elements_.next_child()) {
    if (!is_pres_rules("sub-handling")) {
      read_foreign();
      continue;
    }
    if (!once(kOnceSubHandling)) return;
    allow_attributes({});
    const std::string_view text = elements_.read_text(value_);
    if (text == "block") {
      rule_.sub_handling = SubHandling::kBlock;
    } else if (text == "confirm") {
      rule_.sub_handling = SubHandling::kConfirm;
    } else if (text == "polite-block") {
      rule_.sub_handling = SubHandling::kPoliteBlock;
    } else if (text == "allow") {
      rule_.sub_handling = SubHandling::kAllow;
    } else {
      refuse(RulesError::kValue);
    }
  }
}

// RFC 5025 §3.3.
void RulesCompiler::read_transformations() {
  while (elements_.next_child()) read_transformation();
}

void RulesCompiler::read_transformation() {
  for (const ComponentPermission& component : kComponents) {
    if (is_pres_rules(component.name)) return read_component(component);
  }
  for (const Boolean& boolean : kBooleans) {
    if (!is_pres_rules(boolean.name)) continue;
    allow_attributes({});
    if (once(boolean.bit) && read_boolean()) rule_.booleans |= boolean.bit;
    return;
  }
  if (is_pres_rules("provide-user-input")) return read_user_input();
  if (is_pres_rules("provide-unknown-attribute")) return read_unknown_attribute();
  if (!is_pres_rules("provide-all-attributes")) {
    // RFC 4745 §4: one who has not been upgraded may reveal less than the rule maker would have chosen.
    read_foreign();
    return;
  }
  // RFC 5025 §3.3.2.15: as good as all of the others.
  allow_attributes({});
  once(kProvideAllAttributes);
  read_end();
  rule_.booleans |= kProvideAllAttributes | kAttributeBits;
  rule_.user_input = UserInput::kFull;
}

// RFC 5025 §7: either all of them, or those that have one of some names.
void RulesCompiler::read_component(const ComponentPermission& component) {
  if (!once(component.all_bit)) return;
  allow_attributes({});
  for (size_t count = 0; elements_.next_child(); ++count) {
    const auto is_selected = [this](const Selector& selector) { return is_pres_rules(selector.name); };
    const auto selector = std::ranges::find_if(component.selectors, is_selected);
    const bool is_all = is_pres_rules(component.all);
    if ((is_all && count > 0) || (rule_.booleans & component.all_bit) != 0) return refuse(RulesError::kElement);
    if (is_all) {
      allow_attributes({});
      read_end();
      rule_.booleans |= component.all_bit;
    } else if (selector != component.selectors.end()) {
      allow_attributes({});
      const std::string_view text = elements_.read_text(value_);
      // What has no name would be all that has none.
      if (text.empty()) return refuse(RulesError::kValue);
      grant(selector->tag, text);
    } else {
      read_foreign();
    }
  }
}

// RFC 5025 §3.3.2.12.
void RulesCompiler::read_user_input() {
  if (!once(kOnceUserInput)) return;
  allow_attributes({});
  const std::string_view text = elements_.read_text(value_);
  UserInput value = UserInput::kFalse;
  if (text == "bare") {
    value = UserInput::kBare;
  } else if (text == "thresholds") {
    value = UserInput::kThresholds;
  } else if (text == "full") {
    value = UserInput::kFull;
  } else if (text != "false") {
    refuse(RulesError::kValue);
  }
  rule_.user_input = std::max(rule_.user_input, value);
}

// RFC 5025 §3.3.2.14.
void RulesCompiler::read_unknown_attribute() {
  allow_attributes({"name", "ns"});
  std::array<char, 2 * kRuleValueBytesMax + 1> pair;
  const std::string_view space = need_value("ns", std::span(pair).first(kRuleValueBytesMax));
  pair[space.size()] = '\0';
  const std::string_view name = need_value("name", std::span(pair).subspan(space.size() + 1, kRuleValueBytesMax));
  if (name.empty()) refuse(RulesError::kValue);
  if (read_boolean()) grant(RulesTag::kUnknownAttribute, {pair.data(), space.size() + 1 + name.size()});
}

// xs:boolean.
bool RulesCompiler::read_boolean() {
  const std::string_view text = elements_.read_text(value_);
  const bool is_true = text == "true" || text == "1";
  if (!is_true && text != "false" && text != "0") refuse(RulesError::kValue);
  return is_true;
}

void RulesCompiler::grant(RulesTag tag, std::string_view text) {
  if (!elements_.ok()) return;
  RulesReader reader({grant_bytes_.data(), grants_.length()});
  RulesRecord record;
  std::string_view known;
  size_t i = 0;
  while (reader.take_record(record, known) && (record.tag != tag || known != text)) ++i;
  if (i == grant_count_) {
    if (grant_count_ == kRuleGrantsMax) return refuse(RulesError::kGrantsTooMany);
    grants_.put_record(tag, UriScheme::kOther, text);
    if (grants_.is_full()) return refuse(RulesError::kGrantsTooMany);
    ++grant_count_;
  }
  rule_.grants |= uint64_t{1} << i;
}

// Two values for one permission: which did he mean?
bool RulesCompiler::once(uint32_t bit) {
  if ((once_ & bit) != 0) refuse(RulesError::kElement);
  once_ |= bit;
  return elements_.ok();
}

}  // namespace vedette::parsers
