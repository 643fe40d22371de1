// What became of a watcher that somebody who watches presence.winfo may not have been told yet. See watcher_lists.h.
#pragma once

#include <cstdint>

#include "engine/base/handle.h"
#include "engine/presence/watcher_row.h"
#include "engine/text_store.h"

namespace vedette::engine {

struct WatcherChange {
  uint32_t next = kNoIndex;              // Of the same presentity, in the order of their numbers.
  uint32_t number = 0;                   // The presentity's version with this change.
  uint64_t id = 0;                       // WatcherRow::id; no two changes of a presentity have the same.
  // As long as it lives its row is made of its subscription; afterwards of what follows.
  uint32_t subscription = kNoIndex;
  WatcherStatus status = WatcherStatus::kTerminated;
  WatcherEvent event = WatcherEvent::kTimeout;
  uint16_t aor_length = 0;
  Text watcher;                          // Its AOR, then its display name.
  Instant created_at;
};

}  // namespace vedette::engine
