// What must be true of compile_rules and evaluate_rules for every document there is. For unit tests and for the
// fuzzer.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/pres_rules.h"

namespace vedette::support {

inline parsers::WatcherIdentity watcher_of(parsers::UriScheme scheme, std::string_view aor) {
  parsers::WatcherIdentity watcher;
  watcher.uris[watcher.count++] = {.scheme = scheme, .aor = aor};
  return watcher;
}

inline bool equal_permissions(const parsers::Permissions& a, const parsers::Permissions& b) {
  return a.sub_handling == b.sub_handling && a.user_input == b.user_input && a.booleans == b.booleans &&
         a.grants == b.grants && a.digest == b.digest;
}

// The first law that the evaluation of these bytes breaks, be they a rule set or not.
inline std::string broken_evaluation_law(std::string_view rule_set) {
  using namespace parsers;
  std::vector<WatcherIdentity> watchers{{},
                                        watcher_of(UriScheme::kSip, "alice@example.com"),
                                        watcher_of(UriScheme::kTel, "+12125551234"),
                                        watcher_of(UriScheme::kOther, "mailto:bob@example.net")};
  watchers.push_back(watchers[1]);
  watchers.back().uris[watchers.back().count++] = watchers[2].uris[0];
  for (const WatcherIdentity& watcher : watchers) {
    for (const std::string_view sphere : {std::string_view{}, std::string_view{"work"}}) {
      int64_t now = -70'000'000'000;
      for (int periods = 0; periods < 4; ++periods) {
        const Permissions first = evaluate_rules(rule_set, watcher, now, sphere);
        if (first.valid_until <= now) return "no answer for any time";
        const Permissions last = evaluate_rules(rule_set, watcher, first.valid_until - 1, sphere);
        if (!equal_permissions(first, last)) return "another answer before valid_until";
        if (first.valid_until != last.valid_until) return "another valid_until on the way there";
        if (first.key() != last.key()) return "another key";
        shows_component(rule_set, first, PresenceComponent::kService, {"a", "b", "sip:alice@example.com"});
        shows_attribute(rule_set, first, {"urn:vendor-specific:foo-namespace", "foo"});
        if (first.valid_until == kRulesForever) break;
        now = first.valid_until;
      }
    }
  }
  return {};
}

// The first law that this document breaks, or nothing.
inline std::string broken_rules_law(std::string_view document) {
  using namespace parsers;
  std::vector<char> out(kRuleSetBytesMax);
  const RulesReport report = compile_rules(document, out);
  if (report.error != RulesError::kOk) {
    if (report.length != 0) return "a refused document has a rule set";
    if ((report.error == RulesError::kXml) != (report.xml != ParseError::kOk)) return "trouble with XML, or not";
    if (to_string(report.error).empty()) return "an error without a text";
    const auto lines = 1 + std::ranges::count(document, '\n');
    if (report.line > lines) return "a line behind the end";
    const bool is_in = report.element.empty() ||
                       (report.element.data() >= document.data() &&
                        report.element.data() + report.element.size() <= document.data() + document.size());
    return is_in ? std::string{} : "an element that is not in the document";
  }
  const std::string_view rule_set(out.data(), report.length);
  if (report.length > kRuleSetBytesMax) return "longer than it may be";
  if (report.rules + report.rules_that_never_match > kRulesMax) return "too many rules";
  // With just the room it needs it comes out the same, unless something was left away that needed room before; with
  // less it is refused.
  std::vector<char> exact(report.length);
  const RulesReport again = compile_rules(document, exact);
  if (again.error != RulesError::kOk && again.error != RulesError::kRuleSetTooLarge) return "another error";
  if (again.error == RulesError::kOk && !std::ranges::equal(exact, rule_set))
    return "another rule set the second time";
  std::vector<char> less(report.length - 1);
  if (compile_rules(document, less).error != RulesError::kRuleSetTooLarge) return "fits where there is no room";
  return broken_evaluation_law(rule_set);
}

}  // namespace vedette::support
