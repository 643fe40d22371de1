#include "engine/presence/watch_policy.h"

#include <algorithm>

namespace vedette::engine {

bool may_watch_by_policy(const EngineConfig& config, const WatchQuestion& question) {
  const auto domain_of = [](std::string_view aor) { return aor.substr(std::min(aor.rfind('@'), aor.size())); };
  if (question.watcher == question.presentity) return true;
  const std::string_view presentity_domain = domain_of(question.presentity);
  const Domain* domain = config.find_domain(presentity_domain.substr(1));
  if (domain == nullptr) return false;
  switch (domain->watch_policy) {
    case WatchPolicy::kEveryone: return true;
    case WatchPolicy::kOwner: return false;
    case WatchPolicy::kDomain: return domain_of(question.watcher) == presentity_domain;
    case WatchPolicy::kAuthenticated: {
      const std::string_view at = domain_of(question.watcher);
      const Domain* theirs = at.empty() ? nullptr : config.find_domain(at.substr(1));
      // A domain that believes everybody proves nothing about its users.
      return theirs != nullptr && theirs->authenticate;
    }
  }
  return false;
}

}  // namespace vedette::engine
