// Triggers of event filters (RFC 4661 §3.6): whether what has become of a document is what its watcher wants to be
// told. Both documents are as they were before they were filtered; they are walked once each.
//
// Which element of the one is which of the other, its names, ids and places say. Where one came and another one went,
// the first that came stands in the place of the first that went, so that a service that opens under another id has
// "changed" from closed to open, too.
#pragma once

#include <cstddef>
#include <string_view>

namespace vedette::parsers {

// Elements of one document that triggers ask about. With more of them everything is worth telling.
inline constexpr size_t kTriggerMatchesMax = 128;

// Whether the compiled filter has triggers at all.
bool has_triggers(std::string_view filter);
// Whether one of them fires. So it does when it cannot be told.
bool event_filter_fires(std::string_view filter, std::string_view before, std::string_view now);

}  // namespace vedette::parsers
