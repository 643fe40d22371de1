// What became of a watcher that somebody who watches presence.winfo may not have been told yet. See watcher_lists.h.
#pragma once

#include <cstdint>

#include "engine/base/handle.h"
#include "engine/presence/watcher_row.h"

namespace vedette::engine {

struct WatcherChange {
  uint32_t next = kNoIndex;              // Of the same presentity, in the order of their numbers.
  uint32_t number = 0;                   // The presentity's version with this change.
  KnownWatcher watcher;                  // No two changes of a presentity have the same id.
  // As long as it lives its row is made of its subscription; then of its watcher and of these.
  uint32_t subscription = kNoIndex;
  WatcherStatus status = WatcherStatus::kTerminated;
  WatcherEvent event = WatcherEvent::kTimeout;
};

}  // namespace vedette::engine
