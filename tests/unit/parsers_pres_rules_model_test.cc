// Random rule sets for random watchers: the answers are those of the naive model of tests/support, and combine as
// RFC 4745 §10 says.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "parsers/pres_rules.h"
#include "tests/support/pres_rules_laws.h"
#include "tests/support/pres_rules_model.h"

namespace vedette::parsers {
namespace {

using support::ModelPermissions;
using support::ModelRule;
using support::ModelWatcher;

constexpr int kSeeds = 400;

std::vector<char> compiled(const std::vector<ModelRule>& rules) {
  const std::string document = support::to_xml(rules);
  std::vector<char> out(kRuleSetBytesMax);
  const RulesReport report = compile_rules(document, out);
  EXPECT_EQ(report.error, RulesError::kOk) << to_string(report.error) << " " << report.element << "\n" << document;
  out.resize(report.length);
  return out;
}

WatcherIdentity identity_of(const ModelWatcher& watcher) {
  WatcherIdentity identity;
  for (const std::string& uri : watcher.uris) {
    const std::string_view text = uri;
    identity.uris[identity.count++] = {.scheme = text.starts_with("sip:")    ? UriScheme::kSip
                                                 : text.starts_with("sips:") ? UriScheme::kSips
                                                                             : UriScheme::kTel,
                                       .aor = text.substr(text.find(':') + 1)};
  }
  return identity;
}

struct Request {
  ModelWatcher watcher;
  int64_t now = 0;
  std::string sphere;
};

Request random_request(std::mt19937& random) {
  return {.watcher = support::random_watcher(random),
          .now = static_cast<int64_t>(random()) % support::kModelSeconds,
          .sphere = support::kModelSpheres[random() % support::kModelSpheres.size()]};
}

Permissions ask(const std::vector<char>& rule_set, const Request& request) {
  return evaluate_rules({rule_set.data(), rule_set.size()}, identity_of(request.watcher), request.now,
                        request.sphere);
}
ModelPermissions ask(const std::vector<ModelRule>& rules, const Request& request) {
  return support::evaluate(rules, request.watcher, request.now, request.sphere);
}

constexpr std::pair<std::string_view, uint16_t> kBits[] = {{"provide-activities", kProvideActivities},
                                                           {"provide-class", kProvideClass},
                                                           {"provide-deviceID", kProvideDeviceId},
                                                           {"provide-mood", kProvideMood},
                                                           {"provide-place-is", kProvidePlaceIs},
                                                           {"provide-place-type", kProvidePlaceType},
                                                           {"provide-privacy", kProvidePrivacy},
                                                           {"provide-relationship", kProvideRelationship},
                                                           {"provide-sphere", kProvideSphere},
                                                           {"provide-status-icon", kProvideStatusIcon},
                                                           {"provide-time-offset", kProvideTimeOffset},
                                                           {"provide-note", kProvideNote},
                                                           {"provide-all-attributes", kProvideAllAttributes},
                                                           {"all-devices", kProvideAllDevices},
                                                           {"all-persons", kProvideAllPersons},
                                                           {"all-services", kProvideAllServices}};

// A component that just this name fits.
bool shows_by_name(std::string_view rule_set, const Permissions& permissions, const std::string& name) {
  const std::string selector = name.substr(name.find('/') + 1);
  const PresenceComponent component = name.starts_with("devices")   ? PresenceComponent::kDevice
                                      : name.starts_with("persons") ? PresenceComponent::kPerson
                                                                    : PresenceComponent::kService;
  ComponentNames names{"-", "-", "-"};
  if (selector == "deviceID") names.uri = "urn:d";
  if (selector == "occurrence-id") names.occurrence_id = "x";
  if (selector == "class") names.class_name = "x";
  if (selector == "service-uri") names.uri = "SIP:a@a.example";
  if (selector == "service-uri-scheme") names.uri = "sip:else";
  return shows_component(rule_set, permissions, component, names);
}

constexpr std::string_view kSelectors[] = {
    "devices/deviceID",      "devices/occurrence-id",  "devices/class",
    "persons/occurrence-id", "persons/class",          "services/service-uri-scheme",
    "services/service-uri",  "services/occurrence-id", "services/class"};

void expect_same(const std::vector<char>& rule_set, const Permissions& given, const ModelPermissions& expected) {
  EXPECT_EQ(static_cast<int>(given.sub_handling), expected.sub_handling);
  EXPECT_EQ(static_cast<int>(given.user_input), expected.user_input);
  for (const auto& [name, bit] : kBits) {
    EXPECT_EQ((given.booleans & bit) != 0, expected.booleans.contains(std::string(name))) << name;
  }
  const std::string_view bytes(rule_set.data(), rule_set.size());
  for (const std::string_view selector : kSelectors) {
    const std::string name(selector);
    const bool is_named = std::ranges::any_of(expected.names, [&](const auto& n) { return n.first == name; });
    const bool is_sip = name == "services/service-uri" && std::ranges::any_of(expected.names, [](const auto& n) {
                          return n.first == "services/service-uri-scheme";
                        });
    const bool is_shown = is_named || is_sip || expected.booleans.contains("all-" + name.substr(0, name.find('/')));
    EXPECT_EQ(shows_by_name(bytes, given, name), is_shown) << name;
  }
  for (const std::string space : {"urn:x", "urn:xy"}) {
    for (const std::string local : {"y", "z", "yz"}) {
      EXPECT_EQ(shows_attribute(bytes, given, {space, local}),
                expected.unknown_attributes.contains({space, local}) ||
                    expected.booleans.contains("provide-all-attributes"));
    }
  }
}

std::vector<ModelRule> random_rules(std::mt19937& random) {
  std::vector<ModelRule> rules(random() % 6);
  for (ModelRule& rule : rules) rule = support::random_rule(random);
  return rules;
}

TEST(PresRulesModel, AnswersAreTheModels) {
  for (int seed = 0; seed < kSeeds && !HasFailure(); ++seed) {
    std::mt19937 random(seed);
    const std::vector<ModelRule> rules = random_rules(random);
    const std::vector<char> rule_set = compiled(rules);
    for (int i = 0; i < 30; ++i) {
      const Request request = random_request(random);
      SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + support::to_xml(rules));
      expect_same(rule_set, ask(rule_set, request), ask(rules, request));
    }
    EXPECT_EQ(support::broken_rules_law(support::to_xml(rules)), "");
  }
}

// One key for one view, whatever rule set it comes from.
TEST(PresRulesModel, KeysAreEqualForEqualRightsAlone) {
  std::map<PermissionsKey, ModelPermissions> views;
  std::map<ModelPermissions, PermissionsKey> keys;
  for (int seed = 0; seed < kSeeds && !HasFailure(); ++seed) {
    std::mt19937 random(seed);
    const std::vector<ModelRule> rules = random_rules(random);
    const std::vector<char> rule_set = compiled(rules);
    for (int i = 0; i < 30; ++i) {
      const Request request = random_request(random);
      const PermissionsKey key = ask(rule_set, request).key();
      const ModelPermissions view = visible(ask(rules, request));
      EXPECT_EQ(views.emplace(key, view).first->second, view);
      EXPECT_EQ(keys.emplace(view, key).first->second, key);
    }
  }
  EXPECT_GT(keys.size(), 300U);
}

Permissions combined(Permissions a, const Permissions& b) {
  a.sub_handling = std::max(a.sub_handling, b.sub_handling);
  a.user_input = std::max(a.user_input, b.user_input);
  a.booleans |= b.booleans;
  a.valid_until = std::min(a.valid_until, b.valid_until);
  return a;
}

// RFC 4745 §10.2, and §4: "Removing a rule can never increase permissions." "rule ordering is not important."
TEST(PresRulesModel, ARuleSetIsTheCombinationOfItsRules) {
  for (int seed = 0; seed < kSeeds && !HasFailure(); ++seed) {
    std::mt19937 random(seed);
    std::vector<ModelRule> rules = random_rules(random);
    const std::vector<char> all = compiled(rules);
    const Request request = random_request(random);
    const Permissions given = ask(all, request);
    Permissions sum;
    ModelPermissions model_sum;
    for (const ModelRule& rule : rules) {
      const std::vector<char> alone = compiled({rule});
      sum = combined(sum, ask(alone, request));
      model_sum = combine(model_sum, ask(std::vector{rule}, request));
    }
    EXPECT_EQ(given.sub_handling, sum.sub_handling) << seed;
    EXPECT_EQ(given.user_input, sum.user_input) << seed;
    EXPECT_EQ(given.booleans, sum.booleans) << seed;
    EXPECT_EQ(given.valid_until, sum.valid_until) << seed;
    expect_same(all, given, model_sum);

    std::ranges::shuffle(rules, random);
    EXPECT_EQ(ask(compiled(rules), request).key(), given.key()) << seed;
    if (rules.empty()) continue;
    rules.pop_back();
    const Permissions fewer = ask(compiled(rules), request);
    EXPECT_LE(fewer.sub_handling, given.sub_handling);
    EXPECT_LE(fewer.user_input, given.user_input);
    EXPECT_EQ(fewer.booleans & ~given.booleans, 0);
  }
}

// The answer holds until then, and not for no reason any shorter: there is an edge of a period.
TEST(PresRulesModel, AnswersHoldAsLongAsTheySay) {
  for (int seed = 0; seed < kSeeds && !HasFailure(); ++seed) {
    std::mt19937 random(seed);
    const std::vector<ModelRule> rules = random_rules(random);
    const std::vector<char> rule_set = compiled(rules);
    Request request = random_request(random);
    const Permissions given = ask(rule_set, request);
    const ModelPermissions before = ask(rules, request);
    EXPECT_GT(given.valid_until, request.now);
    const auto is_edge = [&](const ModelRule& rule) {
      return std::ranges::any_of(rule.validities, [&](const auto& periods) {
        return std::ranges::any_of(periods, [&](const auto& period) {
          return period.first == given.valid_until || period.second == given.valid_until;
        });
      });
    };
    EXPECT_TRUE(given.valid_until == kRulesForever || std::ranges::any_of(rules, is_edge));
    EXPECT_TRUE(given.valid_until == kRulesForever || uses_of({rule_set.data(), rule_set.size()}).validity);
    while (++request.now <= support::kModelSeconds && request.now < given.valid_until) {
      EXPECT_EQ(ask(rules, request), before) << seed;
    }
  }
}

// Who asks only when something changed that a document uses, never misses a change.
TEST(PresRulesModel, WhatADocumentDoesNotUseChangesNothing) {
  for (int seed = 0; seed < kSeeds && !HasFailure(); ++seed) {
    std::mt19937 random(seed);
    const std::vector<ModelRule> rules = random_rules(random);
    const std::vector<char> rule_set = compiled(rules);
    const RuleSetUses uses = uses_of({rule_set.data(), rule_set.size()});
    const Request request = random_request(random);
    const PermissionsKey key = ask(rule_set, request).key();
    for (const std::string& sphere : support::kModelSpheres) {
      const Request other{.watcher = request.watcher, .now = request.now, .sphere = sphere};
      EXPECT_TRUE(uses.sphere || ask(rule_set, other).key() == key);
    }
    for (int64_t now = 0; now <= support::kModelSeconds && !uses.validity; ++now) {
      EXPECT_EQ(ask(rule_set, {.watcher = request.watcher, .now = now, .sphere = request.sphere}).key(), key);
    }
  }
}

}  // namespace
}  // namespace vedette::parsers
