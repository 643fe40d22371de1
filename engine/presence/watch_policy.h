// Who may watch whom where no rules have been loaded: the domain's policy (WatchPolicy). Pure.
#pragma once

#include <string_view>

#include "engine/config.h"

namespace vedette::engine {

struct WatchQuestion {
  std::string_view watcher;     // Canonical addresses of record; the presentity's is of a local domain.
  std::string_view presentity;
};

// Whether the watcher is certainly who it says it is, as far as the presentity's domain wants that proved.
bool is_proved(const EngineConfig& config, const WatchQuestion& question);

// Null when it is not local.
const Domain* find_domain_of(const EngineConfig& config, std::string_view aor);

bool may_watch_by_policy(const EngineConfig& config, const WatchQuestion& question);

}  // namespace vedette::engine
