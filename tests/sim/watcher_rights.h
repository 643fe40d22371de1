// Who may watch what. One place: who asks what a watcher may see asks here.
#pragma once

#include <string_view>

#include "engine/config.h"
#include "tests/sim/event_package.h"

namespace vedette::sim {

// One watcher and what it wants to watch; addresses of record.
struct WatchQuestion {
  Package package = Package::kPresence;
  std::string_view watcher;
  std::string_view presentity;
};

// RFC 3856 §6.6.1 and its like, by the policies of the configuration's domains.
bool may_watch(const engine::EngineConfig& config, const WatchQuestion& question);

}  // namespace vedette::sim
