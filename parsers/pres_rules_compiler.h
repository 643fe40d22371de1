// What reads a document of presence rules and writes its compiled form: one class, whose parts are in
// pres_rules_compiler.cc (the document, and what all parts need), pres_rules_conditions.cc and
// pres_rules_permissions.cc. For these files alone. An object reads one document, in one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include "parsers/pres_rules.h"
#include "parsers/pres_rules_format.h"
#include "parsers/xml_elements.h"
#include "parsers/xml_list.h"

namespace vedette::parsers {

inline constexpr uint8_t kPolicySpace = 0;
inline constexpr uint8_t kPresRulesSpace = 1;
inline constexpr XmlKnownNamespace kRulesNamespaces[] = {{"urn:ietf:params:xml:ns:common-policy", "cr"},
                                                         {"urn:ietf:params:xml:ns:pres-rules", "pr", true}};

struct ComponentPermission;

class RulesCompiler {
 public:
  RulesCompiler(std::string_view document, std::span<char> out)
      : elements_(document, kRulesNamespaces), out_(out), grants_({grant_bytes_.data(), kRuleGrantBytesMax}) {}

  RulesReport compile();

 private:
  using Value = std::array<char, kRuleValueBytesMax>;

  // In the order of nesting. Each is called within the element and goes out of it.
  void read_document();
  void read_rule();
  void read_rule_id();
  void read_conditions();
  void read_identity();
  void read_one();
  void read_many();
  void read_except();
  void read_sphere();
  void read_validity();
  void read_actions();
  void read_transformations();
  void read_transformation();
  void read_component(const ComponentPermission& component);
  void read_user_input();
  void read_unknown_attribute();
  bool read_boolean();
  int64_t read_time(bool round_up);
  void read_end();
  bool read_foreign();

  void allow_attributes(std::initializer_list<std::string_view> names);
  bool find_value(std::string_view name, std::span<char> room, std::string_view& value);
  std::string_view need_value(std::string_view name, std::span<char> room);

  void put_record(RulesTag tag, UriScheme scheme, std::string_view bytes);
  void close_record(RulesTag tag, size_t begin);
  void put_uri(RulesTag tag, std::string_view id);
  void put_domain(RulesTag tag, std::string_view domain);
  void count_identity();
  void grant(RulesTag tag, std::string_view text);
  bool once(uint32_t bit);
  void refuse(RulesError error);

  bool is_policy(std::string_view local) const {
    return elements_.name().space.known == kPolicySpace && elements_.name().local == local;
  }
  bool is_pres_rules(std::string_view local) const {
    return elements_.name().space.known == kPresRulesSpace && elements_.name().local == local;
  }

  XmlElements elements_;
  RulesWriter out_;
  RulesError error_ = RulesError::kOk;
  uint8_t uses_ = 0;
  size_t rules_ = 0;
  size_t rules_that_never_match_ = 0;
  size_t identities_ = 0;
  size_t periods_ = 0;
  XmlList<std::string_view, kRulesMax> ids_;
  // What is granted by name, once each: written behind the rules, which say by bits what they grant.
  std::array<char, kRuleGrantBytesMax> grant_bytes_;
  RulesWriter grants_;
  size_t grant_count_ = 0;
  Value value_;
  // Of the rule that is being read.
  RuleHeader rule_;
  uint32_t once_ = 0;
  uint8_t rule_uses_ = 0;
  bool never_matches_ = false;
};

}  // namespace vedette::parsers
