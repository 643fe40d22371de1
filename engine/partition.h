// Who owns what: an address of record hashes to one of 4,096 partitions, a map says which shard has it.
// Everything we mint (To tags, Via branches) begins with its partition in three hexadecimal digits, so
// in-dialog requests and responses find their shard without any shared table.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace vedette::engine {

inline constexpr unsigned kPartitions = 4096;
inline constexpr unsigned kPartitionDigits = 3;
// Our Via branches are the RFC 3261 §8.1.1.7 cookie, then the partition, then what the transaction needs.
inline constexpr std::string_view kBranchPrefix = "z9hG4bKv";

struct Partition {
  uint16_t value = 0;
  bool operator==(const Partition&) const = default;
};

struct ShardIndex {
  uint16_t value = 0;
  bool operator==(const ShardIndex&) const = default;
};

// `aor` is canonical (parsers::write_canonical_aor). The same on every machine and in every version.
Partition partition_of_aor(std::string_view aor);
// Reads three hexadecimal digits at the start of one of our tags; false when they are not there.
bool partition_of_tag(std::string_view tag, Partition& out);
// The same for a Via branch of ours; false when it is not one.
bool partition_of_branch(std::string_view branch, Partition& out);

class PartitionMap {
 public:
  // Partitions in turn over `shards` shards (1 to 4,096).
  static PartitionMap spread_evenly(unsigned shards);
  ShardIndex owner(Partition partition) const { return owner_[partition.value]; }
  unsigned shards() const { return shards_; }

 private:
  std::array<ShardIndex, kPartitions> owner_{};
  unsigned shards_ = 1;
};

}  // namespace vedette::engine
