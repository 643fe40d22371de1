// A watcher whose subscription ended while it was pending (RFC 3857 §4.7.1): all that is left of it, so that who is
// watched learns of it when he looks. See waiting_watchers.h.
#pragma once

#include <cstdint>

#include "engine/base/handle.h"
#include "engine/base/time.h"
#include "engine/presence/watcher_row.h"

namespace vedette::engine {

struct WaitingWatcher {
  uint32_t presentity = kNoIndex;        // Of presence; it has an Authorization.
  uint32_t next = kNoIndex;              // Of that one, newest first.
  uint32_t older = kNoIndex, newer = kNoIndex;   // Of the shard: the oldest gives up first.
  KnownWatcher watcher;
  Instant gives_up_at;

  WatcherRow row() const { return watcher.row(WatcherStatus::kWaiting, WatcherEvent::kTimeout); }
};

}  // namespace vedette::engine
