#include "tests/sim/event_package.h"

#include <array>

#include "parsers/event.h"

namespace vedette::sim {
namespace {

using engine::PackageId;

constexpr std::array<PackageEntry, static_cast<size_t>(Package::kCount)> kEntries = {{
    // RFC 3856.
    {.id = PackageId::kPresence, .name = "presence", .media_type = "application/pidf+xml", .is_published = true},
    // RFC 3857, RFC 3858.
    {.id = PackageId::kWatcherInfo, .name = "presence.winfo", .media_type = "application/watcherinfo+xml",
     .is_owners = true, .counts = true},
    // RFC 4235.
    {.id = PackageId::kDialog, .name = "dialog", .media_type = "application/dialog-info+xml", .is_published = true,
     .counts = true},
    // RFC 3842.
    {.id = PackageId::kMessageSummary, .name = "message-summary", .media_type = "application/simple-message-summary",
     .is_published = true, .is_owners = true},
    // RFC 3680.
    {.id = PackageId::kReg, .name = "reg", .media_type = "application/reginfo+xml", .is_owners = true, .counts = true},
}};

}  // namespace

const PackageEntry& entry_of(Package package) { return kEntries[static_cast<size_t>(package)]; }

bool read_package(const parsers::Message& message, Package& out) {
  parsers::Event event;
  if (parsers::parse_event(message.value(parsers::HeaderId::kEvent), event) != parsers::ParseError::kOk) return false;
  for (size_t i = 0; i < kEntries.size(); ++i) {
    out = static_cast<Package>(i);
    if (kEntries[i].name == event.package) return true;
  }
  return false;
}

}  // namespace vedette::sim
