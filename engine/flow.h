// Where a message came from or goes to: transport, our address and the peer's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "parsers/writer.h"

namespace vedette::engine {

// IPv4 addresses are kept as IPv4-mapped IPv6 (::ffff:a.b.c.d), so that there is one kind of address.
struct IpAddress {
  std::array<uint8_t, 16> bytes{};

  static IpAddress v4(uint32_t host_order);
  // A dotted quad, an IPv6 address, or an IPv6 reference in brackets. False for anything else (names too).
  static bool parse(std::string_view text, IpAddress& out);
  bool is_v4() const;
  uint32_t v4_host_order() const;                    // Only when is_v4().
  // 192.0.2.1 or 2001:db8::1 (RFC 5952), without brackets.
  void write(parsers::Writer& writer) const;
  // As a SIP host: IPv6 in brackets.
  void write_host(parsers::Writer& writer) const;
  bool operator==(const IpAddress&) const = default;
};

struct Endpoint {
  IpAddress address;
  uint16_t port = 0;                                 // Host byte order.
  bool operator==(const Endpoint&) const = default;
};

enum class Transport : uint8_t { kUdp, kTcp, kTls, kWs, kWss };

// "UDP", "TCP", "TLS", "WS", "WSS": as in Via.
std::string_view to_string(Transport transport);

// RFC 3261 §17: what is reliable needs no retransmissions.
constexpr bool is_reliable(Transport transport) { return transport != Transport::kUdp; }

// Where one message ends and the next begins is what carries them that knows: datagrams, WebSocket messages (RFC 7118
// §5). On the other transports Content-Length says it (RFC 3261 §18.3).
constexpr bool keeps_messages_apart(Transport transport) {
  return transport == Transport::kUdp || transport == Transport::kWs || transport == Transport::kWss;
}

inline constexpr uint16_t kNoPeer = 0;
inline constexpr uint16_t kPeersMax = 0x7fff;

struct Flow {
  Transport transport = Transport::kUdp;
  uint8_t port_index = 0;         // UDP: the dataplane port (network interface) it came by and leaves by.
  // A stream whose connection is gone may be opened again, to `remote`: the Contact names that address and transport.
  bool may_open : 1 = false;
  // TLS: a place in EngineConfig::peers, counted from 1; 0 is none of them. Of a connection that there is: whose
  // certificate it showed. Of one that may be opened: whose it must show.
  uint16_t peer : 15 = kNoPeer;
  // Streams: the connection's number, which says its thread, too; not that of the next 2^28. 0: none yet (may_open).
  uint32_t connection = 0;
  Endpoint local;
  Endpoint remote;                // Of an open connection, or where one may be opened.
  bool operator==(const Flow&) const = default;
};

// The same without what is ours.
struct RemoteEnd {
  explicit RemoteEnd(const Flow& flow = {})
      : connection(flow.connection), remote(flow.remote), may_open(flow.may_open), peer(flow.peer) {}

  uint32_t connection;
  Endpoint remote;
  bool may_open : 1;
  uint16_t peer : 15;
};

}  // namespace vedette::engine
