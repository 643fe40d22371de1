// Who has no other way to its peer than one stream connection: subscriptions, by the connection their NOTIFYs go on,
// and bindings. So that what depended on a connection ends with it, and not at the next NOTIFY (RFC 3261 §18.4: what
// the transport cannot deliver is an error of the transaction user). Stands beside the records, which do not grow; what
// goes by UDP never gets here. Not here: what becomes of them (shard.cc). One thread.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/index_table.h"
#include "engine/base/key_counts.h"
#include "engine/base/keyed_hash.h"
#include "engine/flow.h"

namespace vedette::engine {

class ConnectionUsers {
 public:
  struct Limits {
    uint32_t users = 0;          // Their numbers are below that.
    uint32_t connections = 0;    // With any user.
    uint32_t counted = 0;        // Of users with numbers below that it is known how many a connection has.
  };
  ConnectionUsers(const Limits& limits, const KeyedHash& hash)
      : hash_(hash),
        connections_max_(limits.connections),
        counted_(limits.counted),
        first_(limits.connections),
        counts_(counted_connections(limits)),
        links_(limits.users) {}

  // Whose flow depends on which; 0: on none, as a datagram's, or one that may be opened again.
  static uint32_t connection_in(const Flow& flow) {
    return is_reliable(flow.transport) && !flow.may_open ? flow.connection : 0;
  }
  // `user` depends on `flow` from now on, and on none that it had before; see connection_in. False when there are too
  // many connections: then nobody is told of this one's end.
  bool follow(uint32_t user, const Flow& flow);
  void leave(uint32_t user);
  // Anyone, or kNoIndex.
  uint32_t find(uint32_t connection) const;
  // 0: none.
  uint32_t connection_of(uint32_t user) const { return links_[user].connection; }

  // How many of those who are counted depend on it.
  uint32_t count(uint32_t connection) const { return counts_.count(hash_of(connection)); }

  static uint64_t bytes(const Limits& limits) {
    return limits.users * sizeof(Links) + IndexTable::bytes(limits.connections) +
           KeyCounts::bytes(counted_connections(limits));
  }

 private:
  struct Links {
    uint32_t connection = 0;
    uint32_t previous = kNoIndex, next = kNoIndex;       // Those with the same connection; the first one is in first_.
  };
  static uint32_t counted_connections(const Limits& limits) { return limits.counted == 0 ? 0 : limits.connections; }
  uint64_t hash_of(uint32_t connection) const { return hash_(uint64_t{connection}); }

  const KeyedHash& hash_;
  const uint32_t connections_max_;
  const uint32_t counted_;
  IndexTable first_;             // By connection.
  KeyCounts counts_;             // Likewise.
  std::vector<Links> links_;
};

}  // namespace vedette::engine
