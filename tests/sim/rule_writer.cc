#include "tests/sim/rule_writer.h"

#include <algorithm>

#include "tests/sim/publication_client.h"

namespace vedette::sim {

using support::ModelMatch;
using support::ModelRule;

namespace {

const std::vector<std::string> kAttributes = {"activities", "class", "deviceID", "mood", "sphere", "note"};
const std::vector<std::string> kComponents = {"services", "persons", "devices"};
const std::vector<std::string> kHandlings = {"allow", "allow", "allow", "allow", "polite-block", "polite-block",
                                             "confirm", "confirm", "block"};
constexpr size_t kRulesMax = 8;
const std::vector<std::string> kUserInputs = {"bare", "thresholds", "full"};

std::string aor_of_user(unsigned user) { return user_name(user) + "@" + std::string(domain_of_user(user)); }

}  // namespace

void RuleWriter::change() {
  const std::string aor = any_user();
  if (random_.chance(0.15)) return remove(aor);
  const auto latest = latest_.find(aor);
  std::vector<ModelRule> rules =
      latest != latest_.end() && random_.chance(0.4) ? edit(latest->second) : make_rules();
  const std::string document = support::to_xml(rules);
  if (!server_.change_rules(aor, document)) return stage_.played.add(Play::kRulesRefused);
  stage_.trace.note("rules of " + aor + ": " + document);
  stage_.played.add(Play::kRulesLoaded);
  latest_[aor] = rules;
  laws_.on_rules_loaded(aor, std::move(rules));
}

void RuleWriter::remove(const std::string& aor) {
  if (!server_.change_rules(aor, "")) return;
  stage_.trace.note("the rules of " + aor + " are removed");
  stage_.played.add(Play::kRulesRemoved);
  laws_.on_rules_removed(aor);
}

void RuleWriter::remove_all() {
  if (!stage_.preset.events.has_rules) return;
  for (unsigned user = 0; user < stage_.preset.users; ++user) remove(aor_of_user(user));
}

std::string RuleWriter::any_user() { return aor_of_user(static_cast<unsigned>(random_.below(stage_.preset.users))); }

std::vector<ModelRule> RuleWriter::make_rules() {
  std::vector<ModelRule> rules(random_.between({1, 4}));
  for (ModelRule& rule : rules) rule = make_rule();
  // Mostly somebody may see something.
  if (random_.chance(0.6)) {
    ModelRule& rule = rules.emplace_back();
    rule.sub_handling = "allow";
    rule.booleans = {"all-services", "all-persons", "all-devices"};
    if (random_.chance(0.5)) rule.booleans.insert("provide-all-attributes");
  }
  return rules;
}

std::vector<ModelRule> RuleWriter::edit(std::vector<ModelRule> rules) {
  for (size_t i = rules.size(); i > 1; --i) std::swap(rules[i - 1], rules[random_.below(i)]);
  if (random_.chance(0.3)) rules.push_back(make_rule());
  if (rules.size() > 1 && random_.chance(0.3)) rules.pop_back();
  if (rules.size() > kRulesMax) rules.resize(kRulesMax);
  return rules;
}

ModelRule RuleWriter::make_rule() {
  ModelRule rule;
  put_conditions(rule);
  rule.sub_handling = random_.pick(kHandlings);
  put_transformations(rule);
  return rule;
}

std::vector<ModelMatch> RuleWriter::make_identity() {
  static const std::vector<std::string> kDomains = {std::string(kDigestDomain), std::string(kOpenDomain),
                                                    std::string(kPrivateDomain)};
  std::vector<ModelMatch> identity(random_.between({1, 3}));
  for (ModelMatch& match : identity) {
    if (random_.chance(0.6)) {
      match.text = "sip:" + any_user();
      continue;
    }
    match.kind = ModelMatch::Kind::kMany;
    if (random_.chance(0.6)) match.text = random_.pick(kDomains);
    if (random_.chance(0.4)) match.exceptions.push_back({.text = "sip:" + any_user()});
    if (random_.chance(0.2)) match.exceptions.push_back({.is_domain = true, .text = random_.pick(kDomains)});
  }
  return identity;
}

void RuleWriter::put_conditions(ModelRule& rule) {
  if (random_.chance(0.8)) rule.identities.push_back(make_identity());
  if (random_.chance(0.2)) {
    rule.spheres.emplace_back();
    for (const std::string_view sphere : kSpheres) {
      if (random_.chance(0.6)) rule.spheres.back().emplace_back(sphere);
    }
    if (rule.spheres.back().empty()) rule.spheres.clear();
  }
  if (!random_.chance(0.25)) return;
  const int64_t now = stage_.now().unix_seconds();
  auto& periods = rule.validities.emplace_back();
  for (uint64_t i = random_.between({1, 2}); i > 0; --i) {
    const int64_t from = now - 20 + static_cast<int64_t>(random_.below(50));
    periods.emplace_back(from, from + 5 + static_cast<int64_t>(random_.below(60)));
  }
}

void RuleWriter::put_transformations(ModelRule& rule) {
  for (const std::string& component : kComponents) {
    if (random_.chance(0.6)) {
      rule.booleans.insert("all-" + component);
      continue;
    }
    if (random_.chance(0.3)) rule.names.emplace(component + "/class", random_.pick(kClasses));
    if (component == "services") {
      if (random_.chance(0.2)) rule.names.emplace("services/service-uri", "sip:" + any_user());
      if (random_.chance(0.1)) rule.names.emplace("services/service-uri-scheme", "sip");
    } else if (component == "devices" && random_.chance(0.2)) {
      rule.names.emplace("devices/deviceID", device_id_of(user_name(0), static_cast<unsigned>(random_.below(2))));
    }
  }
  for (const std::string& attribute : kAttributes) {
    if (random_.chance(0.3)) rule.booleans.insert("provide-" + attribute);
  }
  if (random_.chance(0.3)) rule.user_input = random_.pick(kUserInputs);
  if (random_.chance(0.1)) rule.unknown_attributes.emplace("urn:x", random_.chance(0.5) ? "y" : "z");
  if (random_.chance(0.1)) rule.booleans.insert("provide-all-attributes");
}

}  // namespace vedette::sim
