#include "dataplane/forwarding_table.h"

#include <rte_byteorder.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace vedette::dataplane {
namespace {

constexpr uint8_t kV4PrefixBits = 96;

}  // namespace

uint64_t mix_address(const engine::IpAddress& address, uint64_t with) {
  uint64_t halves[2];
  std::memcpy(halves, address.bytes.data(), sizeof halves);
  uint64_t hash = (halves[0] ^ with) * 0x9e3779b97f4a7c15;
  hash ^= hash >> 32;
  hash = (hash ^ halves[1]) * 0xd6e8feb86659fd93;
  hash ^= hash >> 32;
  hash *= 0xd6e8feb86659fd93;
  return hash ^ hash >> 32;
}

engine::IpAddress prefix_of(const engine::IpAddress& address, uint8_t bits) {
  engine::IpAddress prefix;
  for (size_t i = 0; i < prefix.bytes.size(); ++i) {
    const int kept = std::clamp(int{bits} - static_cast<int>(8 * i), 0, 8);
    prefix.bytes[i] = static_cast<uint8_t>(address.bytes[i] & (0xff00 >> kept));
  }
  return prefix;
}

ForwardingTable::ForwardingTable(Contents contents) : contents_(std::move(contents)) {
  std::vector<Route>& routes = contents_.routes;
  for (Route& route : routes) route.prefix = prefix_of(route.prefix, route.prefix_bits);
  std::sort(routes.begin(), routes.end(), [](const Route& a, const Route& b) {
    if (a.prefix_bits != b.prefix_bits) return a.prefix_bits > b.prefix_bits;
    return key_of(a.prefix) < key_of(b.prefix);
  });
  engine::IpAddress ones;
  ones.bytes.fill(0xff);
  for (const Route& route : routes) {
    if (buckets_.empty() || buckets_.back().prefix_bits != route.prefix_bits) {
      const Key mask = key_of(prefix_of(ones, route.prefix_bits));
      buckets_.push_back({route.prefix_bits, mask, prefixes_.size(), prefixes_.size()});
    }
    prefixes_.push_back(key_of(route.prefix));
    buckets_.back().end = prefixes_.size();
  }
  places_.assign(std::bit_ceil(2 * contents_.neighbours.size() + 1), 0);
  for (size_t i = 0; i < contents_.neighbours.size(); ++i) {
    size_t place = place_of(contents_.neighbours[i].port, contents_.neighbours[i].address);
    while (places_[place] != 0) place = (place + 1) & (places_.size() - 1);
    places_[place] = static_cast<uint32_t>(i + 1);
  }
}

bool ForwardingTable::is_local(uint16_t port, const engine::IpAddress& address) const {
  return std::any_of(contents_.addresses.begin(), contents_.addresses.end(), [&](const LocalAddress& local) {
    return local.port == port && local.address == address;
  });
}

ForwardingTable::Key ForwardingTable::key_of(const engine::IpAddress& address) {
  uint64_t halves[2];
  std::memcpy(halves, address.bytes.data(), sizeof halves);
  return {rte_be_to_cpu_64(halves[0]), rte_be_to_cpu_64(halves[1])};
}

const Route* ForwardingTable::find_route(const engine::IpAddress& destination) const {
  const bool v4 = destination.is_v4();
  const Key key = key_of(destination);
  for (const Bucket& bucket : buckets_) {
    // An IPv6 default route covers the mapped IPv4 addresses as a prefix, but does not mean them.
    if (v4 && bucket.prefix_bits < kV4PrefixBits) break;
    const Key prefix{key.high & bucket.mask.high, key.low & bucket.mask.low};
    const auto begin = prefixes_.begin() + static_cast<std::ptrdiff_t>(bucket.begin);
    const auto end = prefixes_.begin() + static_cast<std::ptrdiff_t>(bucket.end);
    const auto found = std::lower_bound(begin, end, prefix);
    if (found != end && *found == prefix)
      return &contents_.routes[static_cast<size_t>(found - prefixes_.begin())];
  }
  return nullptr;
}

size_t ForwardingTable::place_of(uint16_t port, const engine::IpAddress& address) const {
  return mix_address(address, port) & (places_.size() - 1);
}

const Neighbour* ForwardingTable::find_neighbour(uint16_t port, const engine::IpAddress& address) const {
  for (size_t place = place_of(port, address); places_[place] != 0;
       place = (place + 1) & (places_.size() - 1)) {
    const Neighbour& neighbour = contents_.neighbours[places_[place] - 1];
    if (neighbour.port == port && neighbour.address == address) return &neighbour;
  }
  return nullptr;
}

NextHop ForwardingTable::find_next_hop(const engine::IpAddress& destination) const {
  NextHop hop;
  const Route* route = find_route(destination);
  if (route == nullptr) return hop;
  hop.kind = NextHop::Kind::kUnresolved;
  hop.port = route->port;
  hop.address = route->gateway.value_or(destination);
  for (const FixedPeer& peer : contents_.fixed_peers) {
    if (peer.port != route->port) continue;
    hop.kind = NextHop::Kind::kResolved;
    hop.mac = peer.mac;
    return hop;
  }
  if (const Neighbour* neighbour = find_neighbour(hop.port, hop.address)) {
    hop.kind = NextHop::Kind::kResolved;
    hop.mac = neighbour->mac;
    hop.stale = neighbour->stale;
    hop.neighbour = static_cast<uint32_t>(neighbour - contents_.neighbours.data());
  }
  return hop;
}

}  // namespace vedette::dataplane
