#include "engine/presence/packages/package.h"

#include <array>

#include "engine/base/check.h"

namespace vedette::engine {
namespace {

constexpr std::array<const EventPackage*, kPackages> kTable = {
    &packages::kPresence, &packages::kWatcherInfo, &packages::kDialog, &packages::kMessageSummary, &packages::kReg};

}  // namespace

const EventPackage& package_of(PackageId id) { return *kTable[static_cast<size_t>(id)]; }

const EventPackage* find_package(std::string_view name, PackageId& id) {
  for (size_t i = 0; i < kTable.size(); ++i) {
    id = static_cast<PackageId>(i);
    if (kTable[i]->name == name) return kTable[i];
  }
  return nullptr;
}

// Texts of the table, put together by hand: a test holds them to it. RFC 6665 §4.4.4: "The "Allow-Events" header field
// does not include a list of the event template-packages supported by an implementation."
std::string_view package_names() { return "presence, dialog, message-summary, reg"; }
std::string_view published_media_types() {
  return "application/pidf+xml, application/dialog-info+xml, application/simple-message-summary";
}

}  // namespace vedette::engine
