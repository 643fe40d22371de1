// Rule documents made of pieces, compiled and asked, for the tests of what they mean. Every document that comes by
// keeps the laws, too.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "parsers/pres_rules.h"
#include "tests/support/pres_rules_laws.h"

namespace vedette::parsers {

inline constexpr std::string_view kRulesRoot =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<cr:ruleset xmlns=\"urn:ietf:params:xml:ns:pres-rules\" "
    "xmlns:pr=\"urn:ietf:params:xml:ns:pres-rules\" xmlns:cr=\"urn:ietf:params:xml:ns:common-policy\">\n";

class Rules {
 public:
  explicit Rules(std::string_view document) : out_(kRuleSetBytesMax) {
    report_ = compile_rules(document, out_);
    EXPECT_EQ(report_.error, RulesError::kOk)
        << to_string(report_.error) << ", line " << report_.line << ", " << report_.element << "\n"
        << document;
    EXPECT_EQ(support::broken_rules_law(document), "") << document;
    out_.resize(report_.length);
  }

  std::string_view bytes() const { return {out_.data(), out_.size()}; }
  const RulesReport& report() const { return report_; }

  Permissions ask(const WatcherIdentity& watcher, int64_t now = 0, std::string_view sphere = {}) const {
    return evaluate_rules(bytes(), watcher, now, sphere);
  }
  // A watcher by his SIP address of record.
  Permissions ask(std::string_view aor, int64_t now = 0, std::string_view sphere = {}) const {
    return ask(support::watcher_of(UriScheme::kSip, aor), now, sphere);
  }
  bool allows(std::string_view aor, int64_t now = 0, std::string_view sphere = {}) const {
    return ask(aor, now, sphere).sub_handling == SubHandling::kAllow;
  }
  bool allows(const WatcherIdentity& watcher) const { return ask(watcher).sub_handling == SubHandling::kAllow; }

 private:
  std::vector<char> out_;
  RulesReport report_;
};

inline std::string rule(std::string_view conditions, std::string_view handling = "allow",
                        std::string_view more = {}) {
  static int number = 0;
  return "<cr:rule id=\"r" + std::to_string(++number) + "\"><cr:conditions>" + std::string(conditions) +
         "</cr:conditions><cr:actions><pr:sub-handling>" + std::string(handling) +
         "</pr:sub-handling></cr:actions><cr:transformations>" + std::string(more) +
         "</cr:transformations></cr:rule>\n";
}

inline std::string document(std::string_view rules) {
  return std::string(kRulesRoot) + std::string(rules) + "</cr:ruleset>\n";
}
inline std::string identity(std::string_view children) {
  return "<cr:identity>" + std::string(children) + "</cr:identity>";
}
inline Rules rules_for(std::string_view conditions) { return Rules(document(rule(conditions))); }
// Of a rule without conditions that grants this.
inline Permissions granted(std::string_view transformations) {
  return Rules(document(rule("", "allow", transformations))).ask("bob@example.com");
}

inline const WatcherIdentity kAnonymous;

}  // namespace vedette::parsers
