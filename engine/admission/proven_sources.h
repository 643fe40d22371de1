// How many sources of some networks have proved themselves (SourceTable): whether a port may drop all that comes from
// there. The table is looked through in pieces, so that nobody waits for it. One thread, the shard's; fixed memory.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/admission/prefix_verdicts.h"
#include "engine/admission/source_key.h"
#include "engine/admission/source_table.h"
#include "engine/base/time.h"

namespace vedette::engine {

class ProvenSources {
 public:
  static constexpr size_t kNetworksMax = 8;
  struct Network {
    SourceKey key;
    uint32_t proven = 0;
  };
  // The table, and what of an address makes a source and a network in it.
  struct Place {
    const SourceTable& table;
    const SourceKeys& sources;
    const SourceKeys& networks;
  };

  // From the beginning, and in the place of those before; what is beyond kNetworksMax is left out.
  void begin(std::span<const PrefixVerdict> networks) {
    count_ = std::min(networks.size(), kNetworksMax);
    for (size_t i = 0; i < count_; ++i) networks_[i] = {networks[i].key};
    cursor_ = 0;
  }
  // Looks at the next piece; true when there is none left.
  bool step(Instant now, const Place& place) {
    const uint64_t end = std::min(cursor_ + kPerStep, place.table.places());
    for (; cursor_ < end; ++cursor_) {
      const SourceTable::Source& source = place.table.at(cursor_);
      if (source.key != 0 && source.proven_until >= now.unix_seconds()) add({source.key}, place);
    }
    return cursor_ == place.table.places();
  }
  std::span<const Network> networks() const { return {networks_.data(), count_}; }

 private:
  static constexpr uint64_t kPerStep = 1'024;

  // A source may be the wider one of the two.
  void add(SourceKey source, const Place& place) {
    const SourceKey network = place.networks.of(place.sources.prefix_of(source).address);
    for (size_t i = 0; i < count_; ++i) {
      const SourceKey around = place.sources.of(place.networks.prefix_of(networks_[i].key).address);
      if (networks_[i].key == network || around == source) ++networks_[i].proven;
    }
  }

  std::array<Network, kNetworksMax> networks_{};
  size_t count_ = 0;
  uint64_t cursor_ = 0;
};

}  // namespace vedette::engine
