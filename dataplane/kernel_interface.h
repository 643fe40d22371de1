// The kernel's side of a network interface, set up with ioctl and sysctl: start-up only.
#pragma once

#include <cstdint>
#include <string>

#include "dataplane/mac_address.h"

namespace vedette::dataplane {

class KernelInterface {
 public:
  explicit KernelInterface(std::string name);  // Throws SetupError when there is none of that name.

  const std::string& name() const { return name_; }
  int index() const { return index_; }
  uint16_t mtu() const;
  void set_mtu(uint16_t mtu);
  void set_mac(const MacAddress& mac);
  void bring_up();
  // No duplicate address detection: until it is over the kernel resolves no IPv6 neighbour. Before
  // bring_up().
  void use_addresses_at_once();
  // An AF_PACKET or AF_XDP port only listens in: the kernel sees the same frames. This makes it deaf to them,
  // so that it does not answer twice, once here and once behind the TAP: no ARP, no IPv6, and IPv4 only from
  // sources that are routed this way, which is none, because the interface has no address.
  void make_kernel_deaf();

 private:
  void write_setting(const std::string& path, const std::string& value) const;

  std::string name_;
  int index_ = 0;
};

}  // namespace vedette::dataplane
