// Look-ups in the configuration. Pure; the configuration does not change while shards read it.
#include "engine/config.h"

#include <algorithm>
#include <string_view>

namespace vedette::engine {
namespace {

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

Duration ExpiryRange::grant(Duration wanted, uint64_t lot) const {
  // RFC 6665 §4.2.1.1, RFC 3903 §6, RFC 3261 §10.3: shortened, never made longer.
  const Duration most = std::min(wanted, max);
  const int64_t room = std::max<int64_t>((most - min).to_seconds(), 0);
  const uint64_t spread = std::min(most.to_seconds() * spread_percent / 100, room);
  return most - Duration::seconds(static_cast<int64_t>(lot % (spread + 1)));
}

bool EngineConfig::checks_identities() const {
  const auto looks = [](const auto& one) {
    return one.identity.value_or(IdentityPolicy::kOff) != IdentityPolicy::kOff;
  };
  return std::any_of(domains.begin(), domains.end(), looks) || std::any_of(peers.begin(), peers.end(), looks);
}

bool EngineConfig::is_trusted(const IpAddress& source) const {
  return std::any_of(trusted_sources.begin(), trusted_sources.end(),
                     [&](const AddressPrefix& prefix) { return prefix.contains(source); });
}

const Domain* EngineConfig::find_domain(std::string_view name) const {
  for (const Domain& domain : domains) {
    if (std::equal(name.begin(), name.end(), domain.name.begin(), domain.name.end(),
                   [](char given, char ours) { return to_lower(given) == ours; })) {
      return &domain;
    }
  }
  return nullptr;
}

const User* find_user(const UserTable& users, std::string_view aor) {
  const auto at =
      std::lower_bound(users.begin(), users.end(), aor,
                       [](const User& user, std::string_view wanted) { return user.aor < wanted; });
  return at != users.end() && at->aor == aor ? &*at : nullptr;
}

}  // namespace vedette::engine
