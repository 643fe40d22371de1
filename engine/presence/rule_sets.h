// The rule sets of a shard (RFC 4745, RFC 5025): loaded and removed for an address of record, asked for a watcher, and
// asked anew for all of them when the answers may have changed: other rules, another sphere, a period of validity that
// begins or ends. Asking anew is a fan-out, step by step; until it is over, whoever is to be told something is asked
// first, so that nobody is shown what he was allowed before.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/core.h"
#include "parsers/pres_rules.h"

namespace vedette::engine {

// What control has made of a rule document. Its bytes are lent for the call.
struct CompiledRules {
  std::string_view rule_set;      // What compile_rules() wrote.
  std::string_view names;         // The rules' ids with a space between them, for operators.
  uint32_t rules = 0;
  uint32_t document_bytes = 0;
};

class RuleSets {
 public:
  explicit RuleSets(Core& core) : core_(core) {}

  // Takes the place of the rules that there were. kNone and the presentity, whose watchers are to be asked anew; or the
  // limit that refused it: then all is as before.
  Reason load(Instant now, std::string_view aor, const CompiledRules& rules, uint32_t& presentity);
  // From now on the domain's policy holds. False when there were none.
  bool remove(std::string_view aor, uint32_t& presentity);

  // What a watcher may do and see now. The presentity has an Authorization.
  parsers::Permissions ask(Instant now, uint32_t presentity, std::string_view watcher) const;
  // An answer holds until then: there is a timer for it.
  void note_valid_until(uint32_t authorization, int64_t seconds);
  // False while a subscription's view may be that of an answer that does not hold any more.
  bool is_settled(Instant now, const Authorization& authorization) const {
    return !authorization.is_asked_anew && now.unix_seconds() < authorization.valid_until;
  }
  // Whether another sphere has been published than rules were asked with, and they depend on it.
  bool has_other_sphere(uint32_t presentity);

  uint32_t size() const { return count_; }
  uint64_t bytes() const { return bytes_; }   // Of all rule sets.

  void check_invariants() const;

 private:
  Reason obtain(uint32_t presentity, uint32_t& authorization);
  void drop_rules(Authorization& authorization);

  Core& core_;
  uint32_t count_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace vedette::engine
