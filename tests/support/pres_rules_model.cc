#include "tests/support/pres_rules_model.h"

#include <algorithm>
#include <array>
#include <ctime>

namespace vedette::support {
namespace {

const std::vector<std::string> kUsers = {"sip:a@a.example", "sip:b@a.example", "sip:a@b.example", "tel:+12",
                                         "sips:a@a.example"};
const std::vector<std::string> kDomains = {"a.example", "b.example", "c.example"};
const std::vector<std::string> kAttributes = {"activities", "class",       "deviceID",    "mood",
                                              "place-is",   "place-type",  "privacy",     "relationship",
                                              "sphere",     "status-icon", "time-offset", "note"};
const std::vector<std::string> kSubHandlings = {"block", "confirm", "polite-block", "allow"};
const std::vector<std::string> kUserInputs = {"false", "bare", "thresholds", "full"};
const std::vector<std::pair<std::string, std::string>> kNames = {{"devices/deviceID", "urn:d"},
                                                                 {"devices/occurrence-id", "x"},
                                                                 {"devices/class", "x"},
                                                                 {"persons/occurrence-id", "x"},
                                                                 {"persons/class", "x"},
                                                                 {"services/service-uri", "sip:a@a.example"},
                                                                 {"services/service-uri-scheme", "sip"},
                                                                 {"services/occurrence-id", "x"},
                                                                 {"services/class", "x"}};

std::string domain_of(const std::string& uri) {
  const size_t at = uri.find('@');
  return at == std::string::npos ? std::string{} : uri.substr(at + 1);
}

bool is_any(const ModelWatcher& watcher, const std::string& uri) { return std::ranges::count(watcher.uris, uri) > 0; }
bool is_in(const ModelWatcher& watcher, const std::string& domain) {
  return std::ranges::any_of(watcher.uris, [&](const std::string& uri) { return domain_of(uri) == domain; });
}

bool matches(const ModelMatch& match, const ModelWatcher& watcher) {
  if (watcher.uris.empty() || match.has_unknown_child) return false;
  if (match.kind == ModelMatch::Kind::kUnknown) return false;
  if (match.kind == ModelMatch::Kind::kOne) return is_any(watcher, match.text);
  for (const ModelException& exception : match.exceptions) {
    if (exception.is_domain ? is_in(watcher, exception.text) : is_any(watcher, exception.text)) return false;
  }
  return match.text.empty() || is_in(watcher, match.text);
}

// 0 for the first, and for none of them.
int rank(const std::vector<std::string>& order, const std::string& word) {
  int found = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    if (order[i] == word) found = static_cast<int>(i) * 10;
  }
  return found;
}

void settle(ModelPermissions& permissions) {
  if (permissions.booleans.contains("provide-all-attributes")) {
    for (const std::string& attribute : kAttributes) permissions.booleans.insert("provide-" + attribute);
    permissions.user_input = 30;
    permissions.unknown_attributes.clear();
  }
  for (const std::string component : {"devices", "persons", "services"}) {
    if (!permissions.booleans.contains("all-" + component)) continue;
    std::erase_if(permissions.names, [&](const auto& name) { return name.first.starts_with(component); });
  }
}

std::string element(const std::string& name, const std::string& text) {
  return "<" + name + ">" + text + "</" + name + ">";
}

std::string time_of(int64_t seconds) {
  const time_t local = seconds + 2 * 3600;
  tm parts{};
  gmtime_r(&local, &parts);
  std::array<char, 40> text;
  return {text.data(), strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S+02:00", &parts)};
}

std::string conditions_of(const ModelRule& rule) {
  std::string text;
  for (const auto& identity : rule.identities) {
    text += "<cr:identity>";
    for (const ModelMatch& match : identity) {
      const std::string unknown = match.has_unknown_child ? "<x:unless/>" : "";
      switch (match.kind) {
        case ModelMatch::Kind::kOne: text += "<cr:one id='" + match.text + "'>" + unknown + "</cr:one>"; break;
        case ModelMatch::Kind::kUnknown: text += "<x:someone/>"; break;
        case ModelMatch::Kind::kMany:
          text += match.text.empty() ? "<cr:many>" : "<cr:many domain='" + match.text + "'>";
          text += unknown;
          for (const ModelException& exception : match.exceptions) {
            text +=
                std::string("<cr:except ") + (exception.is_domain ? "domain" : "id") + "='" + exception.text + "'/>";
          }
          text += "</cr:many>";
      }
    }
    text += "</cr:identity>";
  }
  for (const auto& sphere : rule.spheres) {
    text += "<cr:sphere value='";
    for (const std::string& token : sphere) text += token + " ";
    text += "'/>";
  }
  for (const auto& validity : rule.validities) {
    text += "<cr:validity>";
    for (const auto& [from, until] : validity)
      text += element("cr:from", time_of(from)) + element("cr:until", time_of(until));
    text += "</cr:validity>";
  }
  return text + (rule.has_unknown_condition ? "<x:moon/>" : "");
}

std::string transformations_of(const ModelRule& rule) {
  std::string text;
  for (const std::string component : {"devices", "persons", "services"}) {
    std::string within = rule.booleans.contains("all-" + component) ? "<all-" + component + "/>" : "";
    for (const auto& [name, value] : rule.names) {
      if (name.starts_with(component)) within += element(name.substr(component.size() + 1), value);
    }
    if (!within.empty()) text += element("provide-" + component, within);
  }
  for (const std::string& name : rule.booleans) {
    if (name == "provide-all-attributes")
      text += "<provide-all-attributes/>";
    else if (name.starts_with("provide-"))
      text += element(name, "true");
  }
  if (!rule.user_input.empty()) text += element("provide-user-input", rule.user_input);
  for (const auto& [space, name] : rule.unknown_attributes) {
    text += "<provide-unknown-attribute ns='" + space + "' name='" + name + "'>1</provide-unknown-attribute>";
  }
  return text;
}

}  // namespace

const std::vector<std::string> kModelSpheres = {"", "work", "home"};

bool matches(const ModelRule& rule, const ModelWatcher& watcher, int64_t now, const std::string& sphere) {
  if (rule.has_unknown_condition) return false;
  for (const auto& identity : rule.identities) {
    if (std::ranges::none_of(identity, [&](const ModelMatch& match) { return matches(match, watcher); }))
      return false;
  }
  for (const auto& tokens : rule.spheres) {
    if (sphere.empty() || std::ranges::count(tokens, sphere) == 0) return false;
  }
  for (const auto& periods : rule.validities) {
    if (std::ranges::none_of(periods, [&](const auto& period) { return period.first <= now && now < period.second; }))
      return false;
  }
  return true;
}

ModelPermissions combine(const ModelPermissions& a, const ModelPermissions& b) {
  ModelPermissions both = a;
  both.sub_handling = std::max(a.sub_handling, b.sub_handling);
  both.user_input = std::max(a.user_input, b.user_input);
  both.booleans.insert(b.booleans.begin(), b.booleans.end());
  both.names.insert(b.names.begin(), b.names.end());
  both.unknown_attributes.insert(b.unknown_attributes.begin(), b.unknown_attributes.end());
  settle(both);
  return both;
}

ModelPermissions permissions_of(const ModelRule& rule) {
  ModelPermissions permissions{.sub_handling = rank(kSubHandlings, rule.sub_handling),
                               .user_input = rank(kUserInputs, rule.user_input),
                               .booleans = rule.booleans,
                               .names = rule.names,
                               .unknown_attributes = rule.unknown_attributes};
  settle(permissions);
  return permissions;
}

ModelPermissions evaluate(const std::vector<ModelRule>& rules, const ModelWatcher& watcher, int64_t now,
                          const std::string& sphere) {
  ModelPermissions permissions;
  for (const ModelRule& rule : rules) {
    if (matches(rule, watcher, now, sphere)) permissions = combine(permissions, permissions_of(rule));
  }
  return permissions;
}

ModelPermissions visible(const ModelPermissions& permissions) {
  if (permissions.sub_handling == 30) return permissions;
  return {.sub_handling = permissions.sub_handling};
}

std::string to_xml(const std::vector<ModelRule>& rules) {
  std::string text =
      "<cr:ruleset xmlns='urn:ietf:params:xml:ns:pres-rules' xmlns:x='urn:x' "
      "xmlns:cr='urn:ietf:params:xml:ns:common-policy'>\n";
  for (size_t i = 0; i < rules.size(); ++i) {
    text += "<cr:rule id='r" + std::to_string(i) + "'>" + element("cr:conditions", conditions_of(rules[i]));
    if (!rules[i].sub_handling.empty()) text += element("cr:actions", element("sub-handling", rules[i].sub_handling));
    text += element("cr:transformations", transformations_of(rules[i])) + "</cr:rule>\n";
  }
  return text + "</cr:ruleset>";
}

namespace {

class Dice {
 public:
  explicit Dice(std::mt19937& random) : random_(random) {}
  size_t below(size_t bound) { return random_() % bound; }
  bool one_in(size_t chances) { return below(chances) == 0; }
  template <typename T>
  const T& pick(const std::vector<T>& all) {
    return all[below(all.size())];
  }

 private:
  std::mt19937& random_;
};

ModelMatch random_match(Dice& dice) {
  ModelMatch match;
  match.has_unknown_child = dice.one_in(12);
  if (dice.one_in(10)) {
    match.kind = ModelMatch::Kind::kUnknown;
  } else if (dice.one_in(2)) {
    match.text = dice.pick(kUsers);
  } else {
    match.kind = ModelMatch::Kind::kMany;
    if (dice.one_in(2)) match.text = dice.pick(kDomains);
    for (size_t i = dice.below(3); i > 0; --i) {
      const bool is_domain = dice.one_in(2);
      match.exceptions.push_back({.is_domain = is_domain, .text = dice.pick(is_domain ? kDomains : kUsers)});
    }
  }
  return match;
}

void choose_conditions(Dice& dice, ModelRule& rule) {
  for (size_t i = dice.below(10) % 3; i > 0; --i) {
    auto& identity = rule.identities.emplace_back();
    for (size_t j = 1 + dice.below(3); j > 0; --j) identity.push_back(random_match(dice));
  }
  if (dice.one_in(4)) {
    auto& sphere = rule.spheres.emplace_back();
    for (size_t i = 1 + dice.below(2); i > 0; --i) sphere.push_back(kModelSpheres[1 + dice.below(2)]);
  }
  for (size_t i = dice.one_in(3) ? 1 + dice.below(2) : 0; i > 0; --i) {
    auto& periods = rule.validities.emplace_back();
    for (size_t j = 1 + dice.below(3); j > 0; --j)
      periods.emplace_back(dice.below(kModelSeconds), dice.below(kModelSeconds));
  }
  rule.has_unknown_condition = dice.one_in(15);
}

}  // namespace

ModelRule random_rule(std::mt19937& random) {
  Dice dice(random);
  ModelRule rule;
  choose_conditions(dice, rule);
  if (!dice.one_in(5)) rule.sub_handling = dice.one_in(2) ? "allow" : dice.pick(kSubHandlings);
  if (dice.one_in(3)) rule.user_input = dice.pick(kUserInputs);
  for (size_t i = dice.below(3); i > 0; --i) rule.booleans.insert("provide-" + dice.pick(kAttributes));
  for (size_t i = dice.below(4); i > 0; --i) rule.names.insert(dice.pick(kNames));
  if (dice.one_in(10)) rule.booleans.insert("provide-all-attributes");
  for (const std::string component : {"devices", "persons", "services"}) {
    if (!dice.one_in(6)) continue;
    rule.booleans.insert("all-" + component);
    std::erase_if(rule.names, [&](const auto& name) { return name.first.starts_with(component); });
  }
  for (size_t i = dice.below(3); i > 0; --i) {
    rule.unknown_attributes.emplace(dice.one_in(2) ? "urn:x" : "urn:xy", dice.one_in(2) ? "y" : "z");
  }
  return rule;
}

ModelWatcher random_watcher(std::mt19937& random) {
  Dice dice(random);
  ModelWatcher watcher;
  if (dice.one_in(8)) return watcher;
  watcher.uris.push_back(dice.pick(kUsers));
  if (dice.one_in(5)) watcher.uris.push_back(dice.pick(kUsers));
  return watcher;
}

}  // namespace vedette::support
