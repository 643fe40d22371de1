#include "engine/presence/rule_sets.h"

#include <utility>

#include "engine/base/check.h"
#include "engine/presence/sphere.h"
#include "engine/presence/view_document.h"
#include "engine/presence/watch_policy.h"
#include "engine/transaction/request.h"

namespace vedette::engine {
namespace {

// Beyond it, seconds do not fit an Instant: some time in the year 2255.
constexpr int64_t kSecondsMax = 9'000'000'000;

// RFC 3323 §4.1.1.3: whoever withholds his identity. A watcher with credentials is never that.

}  // namespace

Reason RuleSets::load(Instant now, std::string_view aor, const CompiledRules& rules, uint32_t& presentity) {
  if (core_.config.find_domain(CanonicalAor::of(aor).domain()) == nullptr) return Reason::kNotLocalDomain;
  const uint64_t length = rules.rule_set.size() + rules.names.size();
  if (length > core_.limits.rule_set_bytes_max) return Reason::kRuleSetTooLong;
  Reason reason = core_.obtain_presentity(aor, PackageId::kPresence, presentity);
  if (reason != Reason::kNone) return reason;
  uint32_t index = core_.presentities[presentity].authorization;
  const uint64_t replaced = index == kNoIndex ? 0 : core_.authorizations[index].rules.length;
  if (bytes_ - replaced + length > core_.limits.rule_sets_bytes_max) reason = Reason::kRuleSetsFull;
  Text text;
  if (reason == Reason::kNone) {
    text = core_.texts.try_allocate(length, TextStore::Claim::kNew);
    reason = text ? obtain(presentity, index) : Reason::kDocumentsFull;
  }
  if (reason != Reason::kNone) {
    core_.texts.release(text);
    core_.release_if_idle(presentity);
    return reason;
  }
  rules.rule_set.copy(text.bytes, rules.rule_set.size());
  rules.names.copy(text.bytes + rules.rule_set.size(), rules.names.size());
  Authorization& authorization = core_.authorizations[index];
  drop_rules(authorization);
  authorization.rules = text;
  authorization.names_length = static_cast<uint32_t>(rules.names.size());
  authorization.rules_count = rules.rules;
  authorization.rules_document_bytes = rules.document_bytes;
  authorization.loaded_at = now;
  authorization.uses = parsers::uses_of(text.view());
  has_other_sphere(presentity);  // From here on it is compared with that of now.
  bytes_ += length;
  ++count_;
  core_.counters.add(Counter::kRuleSetsLoaded);
  return Reason::kNone;
}

Reason RuleSets::obtain(uint32_t presentity, uint32_t& index) {
  if (index != kNoIndex) return Reason::kNone;
  index = core_.authorizations.try_acquire();
  if (index == kNoIndex) return Reason::kRuleSetsFull;
  core_.authorizations[index].presentity = presentity;
  core_.presentities[presentity].authorization = index;
  return Reason::kNone;
}

bool RuleSets::remove(std::string_view aor, uint32_t& presentity) {
  presentity = core_.find_presentity(aor);
  if (presentity == kNoIndex) return false;
  const uint32_t index = core_.presentities[presentity].authorization;
  if (index == kNoIndex || !core_.authorizations[index].rules) return false;
  drop_rules(core_.authorizations[index]);
  core_.counters.add(Counter::kRuleSetsRemoved);
  return true;
}

void RuleSets::drop_rules(Authorization& authorization) {
  if (!authorization.rules) return;
  bytes_ -= authorization.rules.length;
  --count_;
  core_.texts.release(authorization.rules);
  authorization.uses = {};
  authorization.rules_count = authorization.rules_document_bytes = authorization.names_length = 0;
}

parsers::Permissions RuleSets::ask(Instant now, uint32_t index, std::string_view watcher) const {
  const Presentity& presentity = core_.presentities[index];
  const Authorization& authorization = core_.authorizations[presentity.authorization];
  // Rules are for others: nobody locks himself out.
  if (watcher == presentity.aor.view()) return all_permissions();
  if (!authorization.rules) {
    return may_watch_by_policy(core_.config, {watcher, presentity.aor.view()}) ? all_permissions()
                                                                               : parsers::Permissions{};
  }
  parsers::WatcherIdentity identity;
  identity.uris[0] = {parsers::UriScheme::kSip, watcher};
  // RFC 4745 §7.1: "Only authenticated entities can be matched". RFC 5025 §3.1.1.1: who does not say who he is has not
  // been authenticated, even where nobody has to prove it.
  const bool is_known = watcher != kAnonymousAor && is_proved(core_.config, {watcher, presentity.aor.view()});
  identity.count = is_known ? 1 : 0;
  const std::string_view sphere = authorization.uses.sphere ? sphere_of(core_, presentity) : std::string_view{};
  return parsers::evaluate_rules(authorization.rules.view(), identity, now.unix_seconds(), sphere);
}

void RuleSets::note_valid_until(uint32_t index, int64_t seconds) {
  Authorization& authorization = core_.authorizations[index];
  if (seconds >= authorization.valid_until) return;
  authorization.valid_until = seconds;
  if (seconds < kSecondsMax) core_.timers.arm(core_.rules_timer(index), Instant::from_unix_seconds(seconds));
}

bool RuleSets::has_other_sphere(uint32_t index) {
  const Presentity& presentity = core_.presentities[index];
  Authorization& authorization = core_.authorizations[presentity.authorization];
  if (!authorization.uses.sphere) return false;
  const uint64_t sphere = core_.hash(sphere_of(core_, presentity));
  return std::exchange(authorization.sphere, sphere) != sphere;
}

void RuleSets::check_invariants() const {
  uint64_t bytes = 0;
  uint32_t count = 0;
  for (uint32_t i = 0; i < core_.authorizations.high_water(); ++i) {
    if (!core_.authorizations.is_live(i)) continue;
    const Authorization& authorization = core_.authorizations[i];
    VEDETTE_CHECK(core_.presentities[authorization.presentity].authorization == i);
    bytes += authorization.rules.length;
    count += authorization.rules ? 1 : 0;
  }
  VEDETTE_CHECK(bytes == bytes_ && count == count_);
  VEDETTE_CHECK(bytes_ <= core_.limits.rule_sets_bytes_max);
}

}  // namespace vedette::engine
