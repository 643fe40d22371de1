#include "engine/partition.h"

#include "engine/base/check.h"

namespace vedette::engine {
namespace {

bool read_digits(std::string_view text, Partition& out) {
  if (text.size() < kPartitionDigits) return false;
  unsigned value = 0;
  for (unsigned i = 0; i < kPartitionDigits; ++i) {
    const char c = text[i];
    if (c >= '0' && c <= '9') {
      value = value * 16 + static_cast<unsigned>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      value = value * 16 + static_cast<unsigned>(c - 'a' + 10);
    } else {
      return false;
    }
  }
  out.value = static_cast<uint16_t>(value);
  return true;
}

}  // namespace

Partition partition_of_aor(std::string_view aor) {
  // FNV-1a, then a mixing step: it must be the same for ever and everywhere, so no library's hash.
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : aor) {
    hash ^= static_cast<uint8_t>(c);
    hash *= 0x100000001b3;
  }
  hash ^= hash >> 32;
  hash *= 0x9e3779b97f4a7c15;
  return Partition{static_cast<uint16_t>(hash >> 52)};
}

bool partition_of_tag(std::string_view tag, Partition& out) { return read_digits(tag, out); }

bool partition_of_branch(std::string_view branch, Partition& out) {
  return branch.starts_with(kBranchPrefix) && read_digits(branch.substr(kBranchPrefix.size()), out);
}

PartitionMap PartitionMap::spread_evenly(unsigned shards) {
  VEDETTE_CHECK(shards >= 1 && shards <= kPartitions);
  PartitionMap map;
  map.shards_ = shards;
  for (unsigned i = 0; i < kPartitions; ++i) map.owner_[i] = ShardIndex{static_cast<uint16_t>(i % shards)};
  return map;
}

}  // namespace vedette::engine
