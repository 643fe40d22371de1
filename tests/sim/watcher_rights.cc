#include "tests/sim/watcher_rights.h"

namespace vedette::sim {
namespace {

std::string_view domain_of(std::string_view aor) { return aor.substr(aor.find('@') + 1); }

}  // namespace

bool may_watch(const engine::EngineConfig& config, const WatchQuestion& question) {
  const engine::Domain* local = config.find_domain(domain_of(question.presentity));
  if (local == nullptr) return false;
  if (question.watcher == question.presentity) return true;
  if (entry_of(question.package).is_owners) return false;
  switch (local->watch_policy) {
    case engine::WatchPolicy::kEveryone: return true;
    case engine::WatchPolicy::kOwner: return false;
    case engine::WatchPolicy::kDomain: return domain_of(question.watcher) == domain_of(question.presentity);
    case engine::WatchPolicy::kAuthenticated: break;
  }
  // A domain that believes everybody proves nothing about its users.
  const engine::Domain* theirs = config.find_domain(domain_of(question.watcher));
  return theirs != nullptr && theirs->authenticate;
}

}  // namespace vedette::sim
