// The kernel's addresses, routes and neighbours on our TAPs, mirrored by netlink and published to the workers
// as forwarding tables. All of it on the thread that calls service().
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "dataplane/config.h"
#include "dataplane/forwarding_table.h"
#include "dataplane/quiesce.h"
#include "dataplane/resolve_request.h"
#include "dataplane/route_netlink.h"
#include "dataplane/stats.h"

namespace vedette::dataplane {

struct MirroredPort {
  uint16_t port = 0;
  int interface_index = 0;  // Of its TAP.
};

class KernelMirror {
 public:
  // `fixed` is what ports without a TAP contribute: it is part of every table.
  KernelMirror(const DataplaneConfig& config, ForwardingTable::Contents fixed, Quiesce& quiesce,
               FateCounters& fates);

  // Start-up: gives a TAP its addresses and default routes. Throws SetupError.
  void add_port(const MirroredPort& port, const PortConfig& config);
  void read_everything();
  int descriptor() const { return netlink_.descriptor(); }
  // Takes what the kernel has to say and publishes when anything that matters has changed.
  void service();
  void resolve(const ResolveRequest& request);

 private:
  struct RouteKey {
    engine::IpAddress prefix;
    uint8_t prefix_bits = 0;
    uint32_t metric = 0;
    // Every port has its own route to what is local to its link, all of one metric.
    uint16_t port = 0;
    auto tie() const { return std::tie(prefix.bytes, prefix_bits, metric, port); }
    bool operator<(const RouteKey& other) const { return tie() < other.tie(); }
  };
  struct Station {
    uint16_t port = 0;
    engine::IpAddress address;
    bool operator<(const Station& other) const {
      return std::tie(port, address.bytes) < std::tie(other.port, other.address.bytes);
    }
  };
  struct Reachability {
    MacAddress mac;
    bool stale = false;
  };

  void on_message(const nlmsghdr& message);
  void on_link(const nlmsghdr& message);
  void on_address(const nlmsghdr& message);
  void on_route(const nlmsghdr& message);
  void on_neighbour(const nlmsghdr& message);
  void set_neighbour(const Station& station, const Reachability* reachability);
  const MirroredPort* find_port(int interface_index) const;
  void publish();

  const DataplaneConfig& config_;
  ForwardingTable::Contents fixed_;
  Quiesce& quiesce_;
  FateCounters& fates_;
  std::vector<MirroredPort> ports_;
  std::set<Station> addresses_;
  std::map<RouteKey, Route> routes_;
  std::map<Station, Reachability> neighbours_;
  bool changed_ = false;
  bool read_anew_ = false;
  RouteNetlink netlink_;  // Last: its call-back uses the rest.
};

}  // namespace vedette::dataplane
