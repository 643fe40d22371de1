// One event notification filter, compiled, and how many subscriptions have it: one, if it has triggers, as they look at
// what their watcher was told last.
#pragma once

#include <cstdint>

#include "engine/presence/document.h"
#include "engine/text_store.h"

namespace vedette::engine {

inline constexpr uint16_t kNoFilter = UINT16_MAX;
// Filters of one byte, which are no watcher's own, need no record: the byte is added to this.
inline constexpr uint16_t kShortFilters = 65'500;
inline constexpr uint16_t kShortFiltersMax = 16;

struct Filter {
  Text bytes;
  uint32_t users = 0;
  DocumentRef told = {};    // With triggers: that, as it was before it was filtered. Null: nothing yet.
  uint64_t maker = 0;       // The watcher who brought it, as in Core::filters_by_maker; 0: not counted.
  uint32_t serial = 0;      // Tells it from the one that had its record before. Above kShortFiltersMax.
};

}  // namespace vedette::engine
