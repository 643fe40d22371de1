// The life of a watcher as who is watched is told of it: RFC 3857 §4.7.1, Figure 1, as a table (status,
// event) → status. Pure; a test walks every row. What brings a watcher into it - "init", and the policy of
// that moment - is not here.
#pragma once

#include "engine/presence/watcher_row.h"

namespace vedette::engine {

// kCount: the event cannot happen then, a programmer's error.
WatcherStatus status_after(WatcherStatus status, WatcherEvent event);

}  // namespace vedette::engine
