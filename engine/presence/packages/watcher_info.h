// How a watcher list is written (RFC 3858 §3): its beginning, its rows, its end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/time.h"
#include "engine/presence/watcher_row.h"
#include "parsers/writer.h"

namespace vedette::engine::packages {

// `is_full`: what the reader knew before is over. Gives where the version goes, see kVersionDigits.
uint32_t open_watcher_list(std::string_view aor, bool is_full, parsers::Writer& out);
inline constexpr std::string_view kWatcherListEnd = "</watcher-list></watcherinfo>";

void put_watcher(Instant now, const WatcherRow& row, parsers::Writer& out);
// What it takes at most.
size_t watcher_bytes_max(const WatcherRow& row);

}  // namespace vedette::engine::packages
