// What happens to stream connections and their messages, each with a name and a number.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vedette::control {

enum class StreamCounter : uint8_t {
  // Connections that began.
  kAccepted,
  kOpened,
  // Those that did not.
  kRefusedFull,      // streams.connections_max.
  kRefusedPeer,      // streams.connections_per_peer_max.
  kRefusedOpenings,  // streams.openings_max.
  kRefusedPeerOpenings,  // streams.openings_per_peer_max.
  kOpenFailed,
  kOpenTooSlow,      // streams.opening_time_max.
  kRefusedPeerHandshakes,  // streams.handshakes_per_peer_max.
  kHandshakeTooSlow,   // streams.handshake_time_max.
  kDroppedHandshakes,  // streams.handshakes_max: it was the oldest.
  // TLS handshakes, how they ended.
  kTlsHandshakes,      // Well.
  kTlsVersion,         // The peer wants one below 1.2.
  kTlsNoCipher,        // No cipher, group or signature in common.
  kTlsNoProtocol,      // ALPN without sip/2.
  kTlsNotTls,          // Something else was said.
  kTlsPeerRefused,     // By an alert: it does not believe our certificate, most likely.
  kTlsFailed,          // Anything else.
  // Why the certificate that the peer showed was not believed.
  kTlsPeerWrongDomain,        // It is for others than the one that was called.
  kTlsPeerExpired,            // Or not yet valid.
  kTlsPeerRevoked,            // By a list of tls.revoked.
  kTlsPeerRevocationUnknown,  // There is no list of that authority, or none of today.
  kTlsPeerSelfSigned,
  kTlsPeerUnknownIssuer,      // No authority of tls.trust leads to it.
  kTlsPeerInvalid,            // Anything else: signatures, purposes.
  kTlsPeerNoCertificate,      // It showed none, and tls.client_certificates requires one.
  kTlsPeerProved,             // Believed, and of a domain of [[peer]].
  // Upgrades to WebSocket, how they ended.
  kUpgrades,           // Well.
  kUpgradeMalformed,   // No HTTP request, or more than that.
  kUpgradeMissing,     // A request for something else.
  kUpgradeOrigin,      // From a page that is not in streams.websocket_origins.
  kUpgradeProtocol,    // Without the sub-protocol "sip" (RFC 7118 §4.1).
  // Why connections ended.
  kClosedByPeer,
  kBroken,           // An error of the network.
  kIdle,             // streams.idle_max.
  kMessageTooSlow,   // streams.message_time_max.
  kMessageTooLong,   // limits.datagram_bytes_max.
  kFramingLost,      // Where the next message begins cannot be known.
  kHalfClosed,       // streams.half_closed_max: answers were due still.
  kNoPong,           // streams.websocket_ping_interval.
  kWriteTooSlow,     // streams.write_time_max.
  kWriteQueueFull,   // streams.write_bytes_max.
  // Messages.
  kMessagesIn,
  kMessagesOut,
  kMessagesDeferred,  // The shard had no room: the connection was not read until it had.
  kPings,             // RFC 5626 §4.4.1.
  kAliased,           // Connections that a peer lets us use for more than its own flows (RFC 5923).
  kUndeliverable,     // NOTIFYs that went back to their shard.
  kAnswersLost,       // Their connection was gone.
  kCount
};

// snake_case.
std::string_view to_string(StreamCounter counter);

struct StreamCounters {
  std::array<uint64_t, static_cast<size_t>(StreamCounter::kCount)> values{};
  void add(StreamCounter counter) { ++values[static_cast<size_t>(counter)]; }
  uint64_t get(StreamCounter counter) const { return values[static_cast<size_t>(counter)]; }
  void add(const StreamCounters& others) {
    for (size_t i = 0; i < values.size(); ++i) values[i] += others.values[i];
  }
};

// Those of one thread: it alone adds, anybody may read.
class alignas(128) StreamTally {
 public:
  void add(StreamCounter counter) {
    std::atomic<uint64_t>& value = values_[static_cast<size_t>(counter)];
    value.store(value.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  StreamCounters read() const {
    StreamCounters counters;
    for (size_t i = 0; i < values_.size(); ++i) counters.values[i] = values_[i].load(std::memory_order_relaxed);
    return counters;
  }

 private:
  std::array<std::atomic<uint64_t>, static_cast<size_t>(StreamCounter::kCount)> values_{};
};

}  // namespace vedette::control
