// Look-ups in the configuration. Pure; the configuration does not change while shards read it.
#include "engine/config.h"

#include <algorithm>
#include <string_view>

namespace vedette::engine {
namespace {

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

const Domain* EngineConfig::find_domain(std::string_view name) const {
  for (const Domain& domain : domains) {
    if (std::equal(name.begin(), name.end(), domain.name.begin(), domain.name.end(),
                   [](char given, char ours) { return to_lower(given) == ours; })) {
      return &domain;
    }
  }
  return nullptr;
}

const User* EngineConfig::find_user(std::string_view aor) const {
  const auto at =
      std::lower_bound(users.begin(), users.end(), aor,
                       [](const User& user, std::string_view wanted) { return user.aor < wanted; });
  return at != users.end() && at->aor == aor ? &*at : nullptr;
}

}  // namespace vedette::engine
