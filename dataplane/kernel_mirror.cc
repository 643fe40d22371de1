#include "dataplane/kernel_mirror.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <utility>

namespace vedette::dataplane {
namespace {

constexpr uint8_t kV4PrefixBits = 96;
// States in which the kernel itself would use the address.
constexpr unsigned kUsable = NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT | NUD_NOARP;

template <size_t Count>
bool parse(const nlmsghdr& message, int head_bytes, std::array<nlattr*, Count>& attributes) {
  attributes.fill(nullptr);
  return nlmsg_parse(const_cast<nlmsghdr*>(&message), head_bytes, attributes.data(),
                     static_cast<int>(Count) - 1, nullptr) >= 0;
}

template <typename Head>
const Head& head_of(const nlmsghdr& message) {
  return *static_cast<const Head*>(nlmsg_data(&message));
}

bool read_address(const nlattr* attribute, engine::IpAddress& out) {
  if (attribute == nullptr) return false;
  const auto* bytes = static_cast<const uint8_t*>(nla_data(attribute));
  if (nla_len(attribute) == 4) {
    out = engine::IpAddress::v4(uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 |
                                uint32_t{bytes[2]} << 8 | bytes[3]);
    return true;
  }
  if (nla_len(attribute) != 16) return false;
  std::memcpy(out.bytes.data(), bytes, out.bytes.size());
  return true;
}

bool is_ip(unsigned family) { return family == AF_INET || family == AF_INET6; }

// RTA_VIA is a gateway of another family: two bytes of family, then the address.
bool read_gateway(std::span<nlattr* const> attributes, std::optional<engine::IpAddress>& out) {
  engine::IpAddress address;
  if (read_address(attributes[RTA_GATEWAY], address)) {
    out = address;
  } else if (const nlattr* via = attributes[RTA_VIA]) {
    if (nla_len(via) != 2 + 16) return false;
    std::memcpy(address.bytes.data(), static_cast<const uint8_t*>(nla_data(via)) + 2, 16);
    out = address;
  }
  return true;
}

}  // namespace

KernelMirror::KernelMirror(const DataplaneConfig& config, ForwardingTable::Contents fixed, Quiesce& quiesce,
                           FateCounters& fates)
    : config_(config),
      fixed_(std::move(fixed)),
      quiesce_(quiesce),
      fates_(fates),
      netlink_([this](const nlmsghdr& message) { on_message(message); }) {}

void KernelMirror::add_port(const MirroredPort& port, const PortConfig& config) {
  ports_.push_back(port);
  for (const std::string& address : config.addresses) netlink_.add_address(port.interface_index, address);
  for (const std::string& gateway : config.gateways)
    netlink_.add_default_route(port.interface_index, gateway);
}

void KernelMirror::read_everything() {
  auto addresses = std::exchange(addresses_, {});
  auto routes = std::exchange(routes_, {});
  auto neighbours = std::exchange(neighbours_, {});
  const bool complete =
      netlink_.dump(RTM_GETADDR) && netlink_.dump(RTM_GETROUTE) && netlink_.dump(RTM_GETNEIGH);
  read_anew_ = !complete;
  if (!complete) {
    // The kernel's tables changed under the dump. Until the next one succeeds, what was known is better than half.
    addresses_ = std::move(addresses);
    routes_ = std::move(routes);
    neighbours_ = std::move(neighbours);
  }
  publish();
}

void KernelMirror::service() {
  if (!netlink_.take_changes()) {
    fates_.add(Fate::kNetlinkOverruns);
    read_anew_ = true;
  }
  if (read_anew_) {
    read_everything();
  } else if (changed_) {
    publish();
  }
  quiesce_.reclaim();
}

void KernelMirror::resolve(const ResolveRequest& request) {
  const auto port =
      std::find_if(ports_.begin(), ports_.end(), [&](const auto& p) { return p.port == request.port; });
  if (port == ports_.end()) return;
  fates_.add(Fate::kResolveRequests);
  netlink_.use_neighbour(port->interface_index, request.address);
}

const MirroredPort* KernelMirror::find_port(int interface_index) const {
  const auto port = std::find_if(ports_.begin(), ports_.end(),
                                 [&](const MirroredPort& p) { return p.interface_index == interface_index; });
  return port == ports_.end() ? nullptr : &*port;
}

void KernelMirror::on_message(const nlmsghdr& message) {
  switch (message.nlmsg_type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
      return on_link(message);
    case RTM_NEWADDR:
    case RTM_DELADDR:
      return on_address(message);
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
      return on_route(message);
    case RTM_NEWNEIGH:
    case RTM_DELNEIGH:
      return on_neighbour(message);
    default:
      return;
  }
}

// The kernel does not tell which IPv4 routes went when an interface went down or lost an address.
void KernelMirror::on_link(const nlmsghdr& message) {
  if (find_port(head_of<ifinfomsg>(message).ifi_index) != nullptr) read_anew_ = true;
}

void KernelMirror::on_address(const nlmsghdr& message) {
  const auto& head = head_of<ifaddrmsg>(message);
  const MirroredPort* port = find_port(static_cast<int>(head.ifa_index));
  std::array<nlattr*, IFA_MAX + 1> attributes;
  if (port == nullptr || !is_ip(head.ifa_family) || !parse(message, sizeof head, attributes)) return;
  Station station{port->port, {}};
  // IFA_ADDRESS is the peer's on a point-to-point interface; IFA_LOCAL, where it is given, is ours.
  if (!read_address(attributes[IFA_LOCAL], station.address) &&
      !read_address(attributes[IFA_ADDRESS], station.address)) {
    return;
  }
  if (message.nlmsg_type == RTM_DELADDR) {
    read_anew_ = true;
    return;
  }
  const auto on_port = [&](const Station& other) { return other.port == station.port; };
  if (std::count_if(addresses_.begin(), addresses_.end(), on_port) >= config_.local_addresses_max) {
    fates_.add(Fate::kMirrorFull);
    return;
  }
  changed_ = addresses_.insert(station).second || changed_;
}

void KernelMirror::on_route(const nlmsghdr& message) {
  const auto& head = head_of<rtmsg>(message);
  std::array<nlattr*, RTA_MAX + 1> attributes;
  if (!is_ip(head.rtm_family) || head.rtm_table != RT_TABLE_MAIN || head.rtm_type != RTN_UNICAST ||
      (head.rtm_flags & RTM_F_CLONED) != 0 || !parse(message, sizeof head, attributes)) {
    return;
  }
  // What took another one's place is told, what it replaced is not: that may have been by a port of ours.
  if ((message.nlmsg_flags & NLM_F_REPLACE) != 0) read_anew_ = true;
  Route route;
  route.prefix = head.rtm_family == AF_INET ? engine::IpAddress::v4(0) : engine::IpAddress();
  read_address(attributes[RTA_DST], route.prefix);
  route.prefix_bits =
      static_cast<uint8_t>(head.rtm_dst_len + (head.rtm_family == AF_INET ? kV4PrefixBits : 0));
  const uint32_t metric = attributes[RTA_PRIORITY] != nullptr ? nla_get_u32(attributes[RTA_PRIORITY]) : 0;
  int interface_index =
      attributes[RTA_OIF] != nullptr ? static_cast<int>(nla_get_u32(attributes[RTA_OIF])) : 0;
  if (const nlattr* multipath = attributes[RTA_MULTIPATH]; multipath != nullptr && nla_len(multipath) > 0) {
    // Of several ways the first is taken.
    const auto* hop = static_cast<const rtnexthop*>(nla_data(multipath));
    interface_index = hop->rtnh_ifindex;
    nla_parse(attributes.data(), RTA_MAX, reinterpret_cast<nlattr*>(RTNH_DATA(const_cast<rtnexthop*>(hop))),
              hop->rtnh_len - static_cast<int>(sizeof *hop), nullptr);
  }
  const MirroredPort* port = find_port(interface_index);
  if (port == nullptr || !read_gateway(attributes, route.gateway)) return;
  route.port = port->port;
  const RouteKey key{route.prefix, route.prefix_bits, metric, route.port};
  if (message.nlmsg_type == RTM_DELROUTE) {
    changed_ = routes_.erase(key) > 0 || changed_;
  } else if (routes_.size() >= config_.routes_max && !routes_.contains(key)) {
    fates_.add(Fate::kMirrorFull);
  } else {
    routes_[key] = route;
    changed_ = true;
  }
}

void KernelMirror::on_neighbour(const nlmsghdr& message) {
  const auto& head = head_of<ndmsg>(message);
  const MirroredPort* port = find_port(head.ndm_ifindex);
  std::array<nlattr*, NDA_MAX + 1> attributes;
  Station station;
  if (port == nullptr || !is_ip(head.ndm_family) || (head.ndm_flags & NTF_PROXY) != 0 ||
      !parse(message, sizeof head, attributes) || !read_address(attributes[NDA_DST], station.address)) {
    return;
  }
  station.port = port->port;
  const nlattr* mac = attributes[NDA_LLADDR];
  Reachability reachability;
  if (message.nlmsg_type == RTM_DELNEIGH || (head.ndm_state & kUsable) == 0 || mac == nullptr ||
      nla_len(mac) != static_cast<int>(reachability.mac.bytes.size())) {
    set_neighbour(station, nullptr);
    return;
  }
  std::memcpy(reachability.mac.bytes.data(), nla_data(mac), reachability.mac.bytes.size());
  reachability.stale = (head.ndm_state & NUD_STALE) != 0;
  set_neighbour(station, &reachability);
}

void KernelMirror::set_neighbour(const Station& station, const Reachability* reachability) {
  const auto found = neighbours_.find(station);
  if (reachability == nullptr) {
    if (found == neighbours_.end()) return;
    neighbours_.erase(found);
  } else if (found == neighbours_.end()) {
    if (neighbours_.size() >= config_.neighbours_max) {
      fates_.add(Fate::kMirrorFull);
      return;
    }
    neighbours_.emplace(station, *reachability);
  } else {
    if (found->second.mac == reachability->mac && found->second.stale == reachability->stale) return;
    found->second = *reachability;
  }
  changed_ = true;
}

void KernelMirror::publish() {
  ForwardingTable::Contents contents = fixed_;
  for (const Station& station : addresses_) contents.addresses.push_back({station.port, station.address});
  for (const auto& [key, route] : routes_) {
    // Of one prefix the lowest metric comes first, and counts.
    const bool seen = !contents.routes.empty() && contents.routes.back().prefix == key.prefix &&
                      contents.routes.back().prefix_bits == key.prefix_bits;
    if (!seen) contents.routes.push_back(route);
  }
  for (const auto& [station, reachability] : neighbours_) {
    contents.neighbours.push_back({station.port, station.address, reachability.mac, reachability.stale});
  }
  quiesce_.publish(std::make_unique<const ForwardingTable>(std::move(contents)));
  changed_ = false;
}

}  // namespace vedette::dataplane
