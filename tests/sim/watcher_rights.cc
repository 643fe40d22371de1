#include "tests/sim/watcher_rights.h"

#include <algorithm>

namespace vedette::sim {

using engine::Instant;

namespace {

std::string_view domain_of(std::string_view aor) { return aor.substr(aor.find('@') + 1); }

Rights rights_of(const support::ModelPermissions& permissions) {
  Rights rights = {.handling = static_cast<Rights::Handling>(permissions.sub_handling / 10)};
  if (rights.handling == Rights::Handling::kAllow) rights.granted = permissions;
  return rights;
}

}  // namespace

void WatcherRights::load(const std::string& aor, std::vector<support::ModelRule> rules) {
  RuleSet& set = rule_sets_[aor];
  set = {};
  for (const support::ModelRule& rule : rules) {
    set.asks_for_sphere = set.asks_for_sphere || !rule.spheres.empty();
    for (const auto& periods : rule.validities) {
      for (const auto& [from, until] : periods) set.edges.insert(set.edges.end(), {from, until});
    }
  }
  set.rules = std::move(rules);
  loaded_at_[aor] = stage_.now();
}

void WatcherRights::remove(const std::string& aor) {
  rule_sets_.erase(aor);
  loaded_at_[aor] = stage_.now();
}

void WatcherRights::on_restart() {
  rule_sets_.clear();
  loaded_at_.clear();
}

bool WatcherRights::asks_for_sphere(std::string_view aor) const {
  const auto set = rule_sets_.find(aor);
  return set != rule_sets_.end() && set->second.asks_for_sphere;
}

std::vector<Rights> WatcherRights::of(const WatchQuestion& question) const {
  const auto set = rule_sets_.find(question.presentity);
  if (question.package != Package::kPresence || set == rule_sets_.end() || question.watcher == question.presentity) {
    return {may_by_policy(question) ? all_rights() : Rights{}};
  }
  std::vector<std::string> spheres = {""};
  if (set->second.asks_for_sphere) spheres = model_.spheres_of(question.presentity);
  std::vector<Rights> rights;
  for (const std::string& sphere : spheres) {
    rights.push_back(answer(set->second, question, sphere));
  }
  if (rights.size() == 1) return rights;
  std::sort(rights.begin(), rights.end());
  rights.erase(std::unique(rights.begin(), rights.end()), rights.end());
  return rights;
}

const Rights& WatcherRights::answer(const RuleSet& set, const WatchQuestion& question,
                                    const std::string& sphere) const {
  const Instant now = stage_.now();
  if (now >= set.answered_until) {
    set.answers.clear();
    set.answered_until = Instant::never();
    for (const int64_t edge : set.edges) {
      const Instant at = Instant::from_unix_seconds(edge);
      if (at > now) set.answered_until = std::min(set.answered_until, at);
    }
  }
  const auto [found, is_new] = set.answers.try_emplace({std::string(question.watcher), sphere});
  if (!is_new) return found->second;
  // RFC 4745 §7.1: "Only authenticated entities can be matched"; where nobody has to prove anything all are.
  support::ModelWatcher watcher;
  if (is_proved(question.watcher) || !is_proved(question.presentity)) {
    watcher.uris.push_back("sip:" + std::string(question.watcher));
  }
  return found->second = rights_of(evaluate(set.rules, watcher, now.unix_seconds(), sphere));
}

Instant WatcherRights::changed_at(std::string_view aor) const {
  const auto loaded = loaded_at_.find(aor);
  Instant latest = loaded == loaded_at_.end() ? Instant() : loaded->second;
  const auto set = rule_sets_.find(aor);
  if (set == rule_sets_.end()) return latest;
  for (const int64_t edge : set->second.edges) {
    const Instant at = Instant::from_unix_seconds(edge);
    if (at <= stage_.now()) latest = std::max(latest, stage_.noticed_by(at));
  }
  return latest;
}

// RFC 3856 §6.6.1 and its like.
bool WatcherRights::may_by_policy(const WatchQuestion& question) const {
  const engine::Domain* local = config_.find_domain(domain_of(question.presentity));
  if (local == nullptr) return false;
  if (question.watcher == question.presentity) return true;
  if (entry_of(question.package).is_owners) return false;
  switch (local->watch_policy) {
    case engine::WatchPolicy::kEveryone: return true;
    case engine::WatchPolicy::kOwner: return false;
    case engine::WatchPolicy::kDomain: return domain_of(question.watcher) == domain_of(question.presentity);
    case engine::WatchPolicy::kAuthenticated: break;
  }
  return is_proved(question.watcher);
}

// A domain that believes everybody proves nothing about its users.
bool WatcherRights::is_proved(std::string_view aor) const {
  const engine::Domain* domain = config_.find_domain(domain_of(aor));
  return domain != nullptr && domain->authenticate;
}

}  // namespace vedette::sim
