// One datagram between two endpoints of the simulated network, and who may get one.
#pragma once

#include <string>

#include "engine/flow.h"

namespace vedette::sim {

struct Packet {
  engine::Endpoint from;
  engine::Endpoint to;
  std::string bytes;
  bool corrupted = false;     // The network changed its bytes. For the laws to know, not for receivers.
};

class Receiver {
 public:
  virtual ~Receiver() = default;
  virtual void on_packet(const Packet& packet) = 0;
};

// As a SIP host and port: "192.0.2.1:5060", "[2001:db8::1]:5060".
std::string to_text(const engine::Endpoint& endpoint);
// Addresses of the simulation: 10.0.0.0/8 and 2001:db8::/32.
engine::IpAddress make_v4(uint32_t host_part);
engine::IpAddress make_v6(uint32_t host_part);

struct EndpointLess {
  bool operator()(const engine::Endpoint& a, const engine::Endpoint& b) const {
    return a.address.bytes != b.address.bytes ? a.address.bytes < b.address.bytes : a.port < b.port;
  }
};

}  // namespace vedette::sim
