#include "engine/admission/heavy_prefixes.h"

#include <algorithm>

namespace vedette::engine {

HeavyPrefixes::HeavyPrefixes(const KeyedHash& hash)
    : sets_(kSets), hash_(hash), state_(hash("prefix", "sample")) {}

void HeavyPrefixes::add_sample(SourceKey prefix) {
  Set& set = sets_[hash_(prefix.value) & (kSets - 1)];
  Counter* free = nullptr;
  for (Counter& counter : set) {
    if (counter.key == prefix.value) {
      ++counter.samples;
      return;
    }
    if (counter.key == 0) free = &counter;
  }
  if (free != nullptr) {
    *free = {prefix.value, 1};
    return;
  }
  for (Counter& counter : set) {
    if (--counter.samples == 0) counter.key = 0;
  }
}

HeavyPrefixes::Report HeavyPrefixes::take(Instant now) {
  size_t count = 0;
  const auto is_heavier = [](const Prefix& a, const Prefix& b) { return a.datagrams > b.datagrams; };
  for (Set& set : sets_) {
    for (Counter& counter : set) {
      if (counter.key == 0) continue;
      const Prefix prefix = {{counter.key}, counter.samples * kSampledOf};
      counter = {};
      if (count == kReportedMax && !is_heavier(prefix, reported_.back())) continue;
      if (count < kReportedMax) ++count;
      // The lightest stands last and makes room.
      const auto end = reported_.begin() + static_cast<ptrdiff_t>(count) - 1;
      *end = prefix;
      std::rotate(std::upper_bound(reported_.begin(), end, prefix, is_heavier), end, end + 1);
    }
  }
  const Duration over = since_ == Instant() ? Duration() : now - since_;
  since_ = now;
  return {{reported_.data(), count}, over};
}

}  // namespace vedette::engine
