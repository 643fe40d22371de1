#include "engine/presence/watch_policy.h"

#include <algorithm>

#include "engine/transaction/request.h"

namespace vedette::engine {
namespace {

std::string_view domain_of(std::string_view aor) { return aor.substr(std::min(aor.rfind('@'), aor.size())); }

// A domain that believes everybody proves nothing about its users.
bool proves_users(const EngineConfig& config, std::string_view aor) {
  const Domain* domain = find_domain_of(config, aor);
  return domain != nullptr && domain->authenticate;
}

}  // namespace

const Domain* find_domain_of(const EngineConfig& config, std::string_view aor) {
  const std::string_view at = domain_of(aor);
  return at.empty() ? nullptr : config.find_domain(at.substr(1));
}

// Who is of no domain here was let in on the word of a peer (RFC 3325), where the presentity's domain asks at all.
bool is_proved(const EngineConfig& config, const WatchQuestion& question) {
  if (!proves_users(config, question.presentity) || proves_users(config, question.watcher)) return true;
  return question.watcher != kAnonymousAor && find_domain_of(config, question.watcher) == nullptr;
}

bool may_watch_by_policy(const EngineConfig& config, const WatchQuestion& question) {
  if (question.watcher == question.presentity) return true;
  const Domain* domain = find_domain_of(config, question.presentity);
  if (domain == nullptr) return false;
  switch (domain->watch_policy) {
    case WatchPolicy::kEveryone: return true;
    case WatchPolicy::kOwner: return false;
    case WatchPolicy::kDomain: return domain_of(question.watcher) == domain_of(question.presentity);
    case WatchPolicy::kAuthenticated: return proves_users(config, question.watcher);
  }
  return false;
}

}  // namespace vedette::engine
