// The event packages by number: the order of the table in package.cc.
#pragma once

#include <cstddef>
#include <cstdint>

namespace vedette::engine {

enum class PackageId : uint8_t { kPresence, kWatcherInfo, kDialog, kMessageSummary, kReg, kCount };

inline constexpr size_t kPackages = static_cast<size_t>(PackageId::kCount);

// A set of packages has a bit for each.
constexpr uint32_t bit_of(PackageId id) { return uint32_t{1} << static_cast<unsigned>(id); }
inline constexpr uint32_t kAllPackages = ~uint32_t{0};

}  // namespace vedette::engine
