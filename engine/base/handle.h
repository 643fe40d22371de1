// A reference to a pool record that is safe to keep across turns: an index and the generation that the
// record had. A stale handle finds nothing; that is a counted miss, never a crash.
#pragma once

#include <cstdint>

namespace vedette::engine {

// "No record" in links between records.
inline constexpr uint32_t kNoIndex = UINT32_MAX;

template <typename T>
struct Handle {
  uint32_t index = kNoIndex;
  uint32_t generation = 0;
  bool operator==(const Handle&) const = default;
};

}  // namespace vedette::engine
