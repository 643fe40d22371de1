#include "engine/admission/source_table.h"

#include <algorithm>
#include <bit>

namespace vedette::engine {

SourceTable::SourceTable(uint32_t sources_max, const KeyedHash& hash, const SourceRates& rates)
    : sets_(sets_of(sources_max)),
      set_mask_(sets_of(sources_max) - 1),
      hash_(hash),
      requests_(rates.requests),
      responses_(rates.responses) {}

uint64_t SourceTable::sets_of(uint32_t sources_max) {
  return std::bit_ceil(std::max<uint64_t>(sources_max / kWays, 1));
}

SourceTable::Source& SourceTable::replace(Instant now, Set& set, SourceKey key) {
  Source* victim = nullptr;
  Instant least = Instant::never();
  for (Source& source : set.sources) {
    const Instant proven_until = Instant::from_unix_seconds(source.proven_until);
    const Instant kept = std::max({source.requests_full, source.responses_full, proven_until});
    if (victim != nullptr && kept >= least) continue;
    least = kept;
    victim = &source;
  }
  if (least > now) ++forgotten_;
  *victim = Source();
  victim->key = key.value;
  return *victim;
}

const SourceTable::Source* SourceTable::find(SourceKey key) const {
  const Set& set = sets_[hash_(key.value) & set_mask_];
  const auto* const found = std::find_if(set.sources.begin(), set.sources.end(),
                                         [&](const Source& source) { return source.key == key.value; });
  return found == set.sources.end() ? nullptr : found;
}

}  // namespace vedette::engine
