// The event packages by number: the order of the table in package.cc.
#pragma once

#include <cstddef>
#include <cstdint>

namespace vedette::engine {

enum class PackageId : uint8_t { kPresence, kWatcherInfo, kDialog, kMessageSummary, kReg, kCount };

inline constexpr size_t kPackages = static_cast<size_t>(PackageId::kCount);

}  // namespace vedette::engine
