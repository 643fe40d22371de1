// What the engine can be subscribed to (RFC 6665 §5): one row a package, and a file of its own for what is particular
// to it, which is how its bodies are read and how its documents are composed. All else - dialogs, publications,
// fan-outs, limits - is the same for all of them: the state of one address of record in one package is a Presentity.
//
// To add one: a file in this folder, a PackageId, and a row of the table in package.cc.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/base/handle.h"
#include "engine/presence/composition.h"
#include "engine/presence/packages/package_id.h"
#include "engine/presence/watch_policy.h"
#include "engine/reason.h"
#include "parsers/dialog_filter.h"
#include "parsers/event.h"
#include "parsers/media_type.h"
#include "parsers/parse_error.h"
#include "parsers/pidf.h"
#include "parsers/writer.h"

namespace vedette::engine {

class Core;
class Registrar;

// Who may subscribe, besides the owner of the address of record.
enum class PackageAudience : uint8_t { kAsWatchPolicySays, kNobodyElse };

// Who subscribes to whom, and with which Event.
struct PackageQuestion {
  const EngineConfig& config;
  WatchQuestion parties;
  const parsers::Event& event;
};
inline constexpr size_t kSelectionBytesMax = parsers::kDialogFilterBytesMax;

// What a document is made of.
struct PackageState {
  std::string_view aor;                              // Canonical.
  std::span<const PublishedFragments> publications;  // Newest first.
  const Registrar* registrar = nullptr;
  uint32_t bindings = kNoIndex;                      // The registrar's list of the AOR's bindings; kNoIndex: none.
  uint32_t ended_bindings = kNoIndex;                // Those that have just ended, of which nobody knows yet.
  uint32_t version = 0;                              // How often the state has changed.
  size_t bytes_max = 0;                              // What a NOTIFY has room for.
  const Core* core = nullptr;
  uint32_t presence = kNoIndex;                      // The AOR's Presentity of presence; kNoIndex: none.
  ComposedElements* elements = nullptr;              // Of presence: where to list what stands where; null: nobody asks.
};

// Where in a document the watcher's own version number stands: kVersionDigits digits. 0: it has none.
inline constexpr size_t kVersionDigits = 10;

struct EventPackage {
  std::string_view name;        // In Event: case-sensitive (RFC 6665 §8.2.1).
  std::string_view type;        // Of its documents.
  std::string_view subtype;
  std::string_view media_type;  // Both.
  // RFC 5263: of what tells its watchers what changed; empty for a package whose documents are always whole.
  std::string_view partial_subtype = {};
  std::string_view partial_media_type = {};
  bool takes_filters = false;   // RFC 4660.
  // What of a document this watcher is shown: a compiled filter in `out`, of which `length` bytes are used; 0: all of
  // it. Who is shown less is told only when that has become something else. Null: everybody is shown the same.
  Reason (*select)(const PackageQuestion& question, std::span<char> out, size_t& length) = nullptr;
  // Appends what a compiled filter leaves of a document. Null for a package without filters. False: it has none to
  // leave, and is shown as it is.
  bool (*apply_filter)(std::string_view filter, std::string_view document, parsers::Writer& out) = nullptr;
  // Each of its watchers is told what he does not know yet, by documents of his own that watcher_lists.h makes.
  bool tells_changes = false;
  PackageAudience audience = PackageAudience::kAsWatchPolicySays;
  // Reads the body of a PUBLISH; null for a package that nobody publishes.
  parsers::ParseError (*normalise)(std::string_view body, std::span<char> out, parsers::PidfDocument& document);
  // Makes a body that is_partial the whole of what its publisher has said: `held` is his last one, `room` begins with
  // the document's bytes. False when it gets too long. Null for a package whose bodies are always whole.
  bool (*merge)(const PublishedState& held, std::span<char> room, parsers::PidfDocument& document) = nullptr;
  Reason bad_body = Reason::kBadBody;                // What is wrong with a body that it does not read.
  // Appends the document; false when it does not fit. `version_offset`: see kVersionDigits. Null if it tells_changes.
  bool (*compose)(const PackageState& state, parsers::Writer& out, uint32_t& version_offset);
  // A document of this state never takes more bytes; null for a package that is not published, whose documents are cut
  // to what there is room for.
  size_t (*bytes_max)(const PackageState& state);
};

const EventPackage& package_of(PackageId id);
// Null for a package that is not there.
const EventPackage* find_package(std::string_view name, PackageId& id);
// All names but those of templates, as in Allow-Events; all media types that are published, as in the Accept of an
// OPTIONS.
std::string_view package_names();
std::string_view published_media_types();

namespace packages {
extern const EventPackage kPresence, kWatcherInfo, kDialog, kMessageSummary, kReg;
}  // namespace packages

}  // namespace vedette::engine
