// What the control thread has decided about networks that strangers flood from (control/flood_watch.h): so many of
// their datagrams a second are looked at, or none. Who has proved himself is not asked. One thread, the shard's; fixed
// memory.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/admission/source_key.h"
#include "engine/base/time.h"

namespace vedette::engine {

struct PrefixVerdict {
  SourceKey key;                   // Of the network.
  uint32_t per_second = 0;         // 0: none at all.
};

class PrefixVerdicts {
 public:
  static constexpr size_t kMax = 64;

  bool empty() const { return count_ == 0; }
  size_t size() const { return count_; }
  // In the place of those before; what is beyond kMax is left out.
  void set(std::span<const PrefixVerdict> verdicts) {
    count_ = std::min(verdicts.size(), kMax);
    for (size_t i = 0; i < count_; ++i) limited_[i] = {verdicts[i].key.value, verdicts[i].per_second, Instant()};
    std::sort(limited_.begin(), limited_.begin() + static_cast<ptrdiff_t>(count_),
              [](const Limited& a, const Limited& b) { return a.key < b.key; });
  }
  // Whether a datagram of a stranger from there is looked at.
  bool admits(Instant now, SourceKey prefix) {
    const auto end = limited_.begin() + static_cast<ptrdiff_t>(count_);
    const auto found = std::lower_bound(limited_.begin(), end, prefix.value,
                                        [](const Limited& one, uint64_t key) { return one.key < key; });
    if (found == end || found->key != prefix.value) return true;
    if (found->per_second == 0) return false;
    // As in SourceTable; a tenth of a second's at once.
    const Duration interval = Duration::nanoseconds(1'000'000'000 / found->per_second);
    const Instant from = std::max(found->full, now);
    if (from + interval > now + std::max(interval, Duration::milliseconds(100))) return false;
    found->full = from + interval;
    return true;
  }

 private:
  struct Limited {
    uint64_t key = 0;
    uint32_t per_second = 0;
    Instant full;
  };

  std::array<Limited, kMax> limited_{};   // By key.
  size_t count_ = 0;
};

}  // namespace vedette::engine
