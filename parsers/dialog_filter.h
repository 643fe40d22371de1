// What of a composed dialog-info document (RFC 4235) a watcher is shown: which dialogs, and how much of them. Compiled
// into bytes that hold no pointers, as an event filter is (event_filter.h): equal bytes, equal documents.
//
// Pure: nothing allocates, one walk over the document.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "parsers/dialog_selection.h"
#include "parsers/writer.h"

namespace vedette::parsers {

inline constexpr size_t kDialogFilterBytesMax = 1'024;   // Of the compiled form.

// Each shows more than the one before.
enum class DialogDetail : uint8_t {
  kBusy = 1,   // RFC 4235 §3.7.2: one "virtual" dialog, confirmed, as long as there is any.
  kState,      // §3.6: of each dialog its id, its direction and its state.
  kAll,        // All but session descriptions, which §3.3 has "not included unless explicitly requested and explicitly
               // authorized".
  kSessions    // Everything.
};

// "busy", "state", "all", "sessions".
std::string_view to_string(DialogDetail detail);

// 0: it does not fit. One byte where all dialogs are shown.
size_t write_dialog_filter(DialogDetail detail, const DialogSelection& selection, std::span<char> out);

// Appends what the filter leaves of a document that composition wrote. One that has more elements than a scanner reads
// becomes that of kBusy: nobody is shown more than he may see. False when it does not fit.
bool apply_dialog_filter(std::string_view filter, std::string_view document, Writer& out);

}  // namespace vedette::parsers
