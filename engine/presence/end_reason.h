// Why a subscription ended, as its final NOTIFY says it (RFC 6665 §4.1.3).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace vedette::engine {

enum class EndReason : uint8_t {
  kTimeout, kDeactivated, kProbation, kRejected, kGiveup, kNoResource, kInvariant,
  kCount
};

struct EndReasonEntry {
  std::string_view name;            // The reason parameter.
  bool has_retry_after = false;     // RFC 6665 §4.1.3: for the others it means nothing; for invariant it is advised.
};

inline constexpr std::array<EndReasonEntry, static_cast<size_t>(EndReason::kCount)> kEndReasons = {{
    {"timeout"}, {"deactivated"}, {"probation", true}, {"rejected"}, {"giveup", true}, {"noresource"}, {"invariant"}}};

constexpr const EndReasonEntry& entry_of(EndReason reason) { return kEndReasons[static_cast<size_t>(reason)]; }

// False for a name that is none of them.
constexpr bool parse_end_reason(std::string_view name, EndReason& out) {
  for (size_t i = 0; i < kEndReasons.size(); ++i) {
    if (kEndReasons[i].name != name) continue;
    out = static_cast<EndReason>(i);
    return true;
  }
  return false;
}

}  // namespace vedette::engine
