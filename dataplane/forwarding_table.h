// Where datagrams go and which are ours: local addresses, routes and neighbours as the kernel has them,
// frozen. The control thread builds a new table whenever the kernel's change; workers only look things up.
//
// IPv4 is kept mapped into IPv6, so a route of 10.1.0.0/24 has 120 prefix bits.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "dataplane/mac_address.h"
#include "engine/flow.h"

namespace vedette::dataplane {

struct LocalAddress {
  uint16_t port = 0;
  engine::IpAddress address;
};

struct Route {
  engine::IpAddress prefix;
  uint8_t prefix_bits = 0;
  uint16_t port = 0;
  std::optional<engine::IpAddress> gateway;  // None: the destination itself is the next hop.
};

struct Neighbour {
  uint16_t port = 0;
  engine::IpAddress address;
  MacAddress mac;
  bool stale = false;  // The kernel has not heard of it lately and wants to be told that it is in use.
};

// A port whose every frame goes to one station.
struct FixedPeer {
  uint16_t port = 0;
  MacAddress mac;
};

struct NextHop {
  enum class Kind : uint8_t { kNoRoute, kUnresolved, kResolved };
  Kind kind = Kind::kNoRoute;
  uint16_t port = 0;
  engine::IpAddress address;  // Of the next hop.
  MacAddress mac;             // kResolved only.
  bool stale = false;
  uint32_t neighbour = 0;  // Its number in this table, when stale.
};

class ForwardingTable {
 public:
  struct Contents {
    std::vector<LocalAddress> addresses;
    std::vector<Route> routes;  // At most one for each prefix.
    std::vector<Neighbour> neighbours;
    std::vector<FixedPeer> fixed_peers;
  };
  ForwardingTable() : ForwardingTable(Contents{}) {}
  explicit ForwardingTable(Contents contents);

  bool is_local(uint16_t port, const engine::IpAddress& address) const;
  // The longest prefix wins.
  NextHop find_next_hop(const engine::IpAddress& destination) const;

 private:
  struct Key {  // An address as two numbers, so that prefixes are masked and compared at once.
    uint64_t high = 0;
    uint64_t low = 0;
    auto operator<=>(const Key&) const = default;
  };
  struct Bucket {  // Routes with one prefix length, sorted by prefix.
    uint8_t prefix_bits = 0;
    Key mask;
    size_t begin = 0;
    size_t end = 0;
  };
  static Key key_of(const engine::IpAddress& address);
  const Route* find_route(const engine::IpAddress& destination) const;
  const Neighbour* find_neighbour(uint16_t port, const engine::IpAddress& address) const;
  size_t place_of(uint16_t port, const engine::IpAddress& address) const;

  Contents contents_;
  std::vector<Key> prefixes_;    // Of the routes, in their order.
  std::vector<Bucket> buckets_;  // Longest prefix first.
  std::vector<uint32_t>
      places_;  // Open addressing: index into neighbours plus one, 0 is free. A power of two.
};

// A mix of an address and a number, for tables and for spreading over workers. Not keyed.
uint64_t mix_address(const engine::IpAddress& address, uint64_t with);
// `address` with all but its first `bits` bits zero.
engine::IpAddress prefix_of(const engine::IpAddress& address, uint8_t bits);

}  // namespace vedette::dataplane
