#include "dataplane/device_args.h"

namespace vedette::dataplane {
namespace {

// Frames that wait in the kernel, per queue and direction.
constexpr unsigned kAfPacketFrames = 512;

bool has_key(const std::string& device, const std::string& key) {
  return device.find("," + key + "=") != std::string::npos;
}

}  // namespace

std::string device_name(const std::string& device) { return device.substr(0, device.find(',')); }

std::string device_interface(const std::string& device) {
  const std::string key = ",iface=";
  const size_t at = device.find(key);
  if (at == std::string::npos) return {};
  const size_t begin = at + key.size();
  return device.substr(begin, device.find(',', begin) - begin);
}

bool device_is_local(const std::string& device) {
  return device.starts_with("net_af_packet") || device.starts_with("net_af_xdp") ||
         device.starts_with("net_tap");
}

bool device_gives_datagrams(const std::string& device) { return device.starts_with("net_af_packet"); }

std::string complete_device(const std::string& device, const DeviceNeeds& needs) {
  std::string complete = device;
  if (!device_gives_datagrams(device)) {
    if (device.starts_with("net_af_xdp") && !has_key(device, "force_copy")) complete += ",force_copy=1";
    return complete;
  }
  const auto add = [&](const char* key, unsigned value) {
    if (!has_key(device, key)) complete += std::string(",") + key + "=" + std::to_string(value);
  };
  add("qpairs", needs.workers);
  // The kernel hands over IPv4 datagrams that it has put together from fragments (PACKET_FANOUT_FLAG_DEFRAG,
  // always set by the driver), so a frame here is as long as a datagram. One frame to a block keeps them
  // whole.
  add("framesz", needs.frame_bytes);
  add("blocksz", needs.frame_bytes);
  add("framecnt", kAfPacketFrames);
  return complete;
}

}  // namespace vedette::dataplane
