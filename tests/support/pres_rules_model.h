// Rule sets as plain data, and what they mean said in the plainest way: sets and loops, no bytes and no limits. It is
// the oracle for compile_rules and evaluate_rules; to_xml() is how a rule set gets to them.
#pragma once

#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace vedette::support {

struct ModelWatcher {
  std::vector<std::string> uris;  // "sip:alice@a.example", "tel:+123": canonical. None: not authenticated.
};

struct ModelException {
  bool is_domain = false;
  std::string text;
};

struct ModelMatch {  // <one>, <many>, or what nobody knows.
  enum class Kind { kOne, kMany, kUnknown } kind = Kind::kOne;
  std::string text;  // The id or the domain; empty for any.
  std::vector<ModelException> exceptions;
  bool has_unknown_child = false;
};

struct ModelRule {
  std::vector<std::vector<ModelMatch>> identities;
  std::vector<std::vector<std::string>> spheres;
  std::vector<std::vector<std::pair<int64_t, int64_t>>> validities;
  bool has_unknown_condition = false;
  std::string sub_handling;  // Empty: none.
  std::string user_input;
  std::set<std::string> booleans;                       // Names of elements that are true.
  std::set<std::pair<std::string, std::string>> names;  // "provide-devices/class", the text.
  std::set<std::pair<std::string, std::string>> unknown_attributes;
};

struct ModelPermissions {
  int sub_handling = 0;
  int user_input = 0;
  std::set<std::string> booleans;
  std::set<std::pair<std::string, std::string>> names;
  std::set<std::pair<std::string, std::string>> unknown_attributes;

  auto operator<=>(const ModelPermissions&) const = default;
};

bool matches(const ModelRule& rule, const ModelWatcher& watcher, int64_t now, const std::string& sphere);
// RFC 4745 §10.2. What is granted anyway, because all is, is not among the names; provide-all-attributes is all of
// the others.
ModelPermissions combine(const ModelPermissions& a, const ModelPermissions& b);
ModelPermissions permissions_of(const ModelRule& rule);
ModelPermissions evaluate(const std::vector<ModelRule>& rules, const ModelWatcher& watcher, int64_t now,
                          const std::string& sphere);
// What of it can be seen: of one who is not allowed, nothing.
ModelPermissions visible(const ModelPermissions& permissions);

std::string to_xml(const std::vector<ModelRule>& rules);

// Of few users, domains, names and seconds, so that things meet.
ModelRule random_rule(std::mt19937& random);
ModelWatcher random_watcher(std::mt19937& random);
extern const std::vector<std::string> kModelSpheres;
inline constexpr int64_t kModelSeconds = 24;

}  // namespace vedette::support
