// What an operator decides about stream connections ([tcp] and [streams]): where they are taken, and every limit
// on them. Read once at start.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/time.h"
#include "engine/flow.h"

namespace vedette::control {

struct StreamConfig {
  std::vector<engine::Endpoint> tcp_listen;      // RFC 3261 §18.2.1. Empty: TCP is not taken.

  uint32_t connections_max = 4'096;              // More are closed at once.
  uint32_t connections_per_peer_max = 256;       // Of one IPv4 address or IPv6 /64; more are closed at once.
  uint32_t openings_max = 64;                    // Connections being opened by us at a time.
  engine::Duration opening_time_max = engine::Duration::seconds(10);
  // From a message's first byte to its last one, and from a connection's beginning to the first message.
  engine::Duration message_time_max = engine::Duration::seconds(10);
  engine::Duration idle_max = engine::Duration::seconds(3'600);    // Without a byte in either direction.
  engine::Duration write_time_max = engine::Duration::seconds(10);  // For a peer to take what was written.
  uint32_t write_bytes_max = 262'144;            // Waiting for one peer to take them; more and it is closed.
  uint32_t message_bytes_max = 16'384;           // limits.datagram_bytes_max: longer ones get 513, and are closed.

  bool operator==(const StreamConfig&) const = default;
};

}  // namespace vedette::control
