// What an operator decides about stream connections ([tcp], [tls], [ws], [wss], [[certificate]] and [streams]): where
// they are taken, what is shown there, and every limit on them. Read once at start.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/time.h"
#include "engine/flow.h"
#include "engine/peer.h"

namespace vedette::control {

// PEM files: the certificate, and behind it those that lead to one that peers know; its key.
struct TlsCertificate {
  std::string chain;
  std::string key;
  bool operator==(const TlsCertificate&) const = default;
};

// Whether those who call by TLS are asked for a certificate (RFC 5922 §7.4).
enum class ClientCertificates : uint8_t { kNone, kOptional, kRequired };

struct StreamConfig {
  std::vector<engine::Endpoint> tcp_listen;      // RFC 3261 §18.2.1. Empty: TCP is not taken.

  std::vector<engine::Endpoint> tls_listen;      // RFC 3261 §26.2.1. Not empty: there is a certificate, too.
  std::vector<TlsCertificate> tls_certificates;  // The first is for who names none of the domains of the others.

  // PEM files of the authorities that peers' certificates are believed by, and of their lists of those revoked (RFC
  // 5280 §5). With any list, each authority in a peer's chain has to have one there.
  std::vector<std::string> tls_trust;
  std::vector<std::string> tls_revoked;
  ClientCertificates client_certificates = ClientCertificates::kNone;
  engine::Peers peers;                           // As EngineConfig has them.

  std::vector<engine::Endpoint> ws_listen;       // RFC 7118. Empty: no WebSocket is taken,
  std::vector<engine::Endpoint> wss_listen;      // or none over TLS.
  std::vector<std::string> websocket_origins;    // RFC 6455 §10.2: of which pages. Empty: of any.
  engine::Duration ping_interval = engine::Duration::seconds(30);  // Of a silent WebSocket; as long for the pong.

  // Threads that connections are spread over. All limits are of all of them together.
  uint32_t threads = 1;

  uint32_t connections_max = 4'096;              // More are closed at once.
  uint32_t connections_per_peer_max = 256;       // Of one IPv4 address or IPv6 /64; more are closed at once.
  uint32_t openings_max = 64;                    // Connections being opened by us at a time.
  uint32_t openings_per_peer_max = 8;            // Of them, to one peer, as above.
  engine::Duration opening_time_max = engine::Duration::seconds(10);
  uint32_t handshakes_max = 256;                 // TLS handshakes at a time; one more ends the oldest.
  uint32_t handshakes_per_peer_max = 64;         // Of them, of one peer; more are closed at once.
  engine::Duration handshake_time_max = engine::Duration::seconds(5);
  // From a message's first byte to its last one, and from a connection's beginning to the first message.
  engine::Duration message_time_max = engine::Duration::seconds(10);
  engine::Duration half_closed_max = engine::Duration::seconds(2);  // For the answers due to who has said his end.
  engine::Duration idle_max = engine::Duration::seconds(3'600);    // Without a byte in either direction.
  engine::Duration write_time_max = engine::Duration::seconds(10);  // For a peer to take what was written.
  uint32_t write_bytes_max = 262'144;            // Waiting for one peer to take them; more and it is closed.
  uint32_t message_bytes_max = 16'384;           // limits.datagram_bytes_max: longer ones get 513, and are closed.
  uint32_t ring_messages_max = 256;              // dataplane.stream_ring_size: taken from a shard at a time.

  bool operator==(const StreamConfig&) const = default;
};

}  // namespace vedette::control
