// What an operator wrote as a port's DPDK device, taken apart and completed. Pure text.
#pragma once

#include <cstdint>
#include <string>

namespace vedette::dataplane {

// The virtual device's name, "net_af_packet0", or the PCI address.
std::string device_name(const std::string& device);
// The kernel interface behind a virtual device: the value of "iface="; empty when there is none.
std::string device_interface(const std::string& device);
// True for virtual devices whose peers are kernels of this machine, which leave checksums unfinished.
bool device_is_local(const std::string& device);

// True for devices that hand over IPv4 datagrams whole which arrived in fragments: frames longer than the
// MTU.
bool device_gives_datagrams(const std::string& device);

struct DeviceNeeds {
  unsigned workers = 1;
  uint32_t frame_bytes = 0;
};
// Adds what a virtual device needs and the operator left out.
std::string complete_device(const std::string& device, const DeviceNeeds& needs);

}  // namespace vedette::dataplane
