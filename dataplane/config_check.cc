#include "dataplane/config_check.h"

#include <cstdio>
#include <set>

#include "dataplane/device_args.h"
#include "dataplane/setup_error.h"

namespace vedette::dataplane {
namespace {

constexpr uint32_t kDatagramBytesMost = 60'000;  // What one UDP datagram and one buffer can hold.
constexpr uint16_t kMtuLeast = 1280;             // RFC 8200 §5.

void require(bool holds, const std::string& words) {
  if (!holds) throw SetupError(words);
}

void require_least(const char* name, uint32_t value, uint32_t least) {
  require(value >= least, std::string(name) + " = " + std::to_string(value) + " is too small; at least " +
                              std::to_string(least));
}

bool needs_interface(const std::string& device) {
  return device.starts_with("net_af_packet") || device.starts_with("net_af_xdp");
}

}  // namespace

bool parse_mac(const std::string& text, MacAddress& mac) {
  std::array<unsigned, 6> bytes{};
  char more = 0;
  if (text.size() != 17 || std::sscanf(text.c_str(), "%2x:%2x:%2x:%2x:%2x:%2x%c", &bytes[0], &bytes[1],
                                       &bytes[2], &bytes[3], &bytes[4], &bytes[5], &more) != 6) {
    return false;
  }
  for (size_t i = 0; i < bytes.size(); ++i) mac.bytes[i] = static_cast<uint8_t>(bytes[i]);
  return true;
}

void check_config(const DataplaneConfig& config, uint32_t datagram_bytes_max) {
  require(config.workers >= 1 && config.workers <= kWorkersMax,
          "workers = " + std::to_string(config.workers) + "; 1 to " + std::to_string(kWorkersMax) +
              " are possible");
  require(
      !config.ports.empty() && config.ports.size() <= kPortsMax,
      std::to_string(config.ports.size()) + " ports; 1 to " + std::to_string(kPortsMax) + " are possible");
  require(config.stream_threads >= 1 && config.stream_threads <= kStreamThreadsMax,
          "threads = " + std::to_string(config.stream_threads) + " for connections; 1 to " +
              std::to_string(kStreamThreadsMax) + " are possible");
  require(config.sip_port != 0, "sip_port = 0 is no port");
  require(datagram_bytes_max <= kDatagramBytesMost,
          "limits.datagram_bytes_max is above " + std::to_string(kDatagramBytesMost));
  require_least("mbufs_per_worker", config.mbufs_per_worker, 512);
  require_least("handoff_ring_size", config.handoff_ring_size, 1);
  require_least("exception_ring_size", config.exception_ring_size, 1);
  require_least("stream_ring_size", config.stream_ring_size, 4);
  require_least("verification_ring_size", config.verification_ring_size, 1);
  require_least("control_messages_max", config.control_messages_max, 1);
  require_least("control_records_max", config.control_records_max, 1);
  require_least("reassemblies_max", config.reassemblies_max, 1);
  require_least("unresolved_held_max", config.unresolved_held_max, 1);
  std::set<std::string> names;
  for (const PortConfig& port : config.ports) {
    require(names.insert(port.name).second, "two ports are named \"" + port.name + "\"");
    require(names.insert("device " + device_name(port.device)).second,
            "two ports use the device " + device_name(port.device) +
                "; number them: net_af_packet0, net_af_packet1");
    require(!port.device.empty(),
            "port " + port.name + " has no device; write device = \"net_af_packet0,iface=v0\"");
    require(!needs_interface(port.device) || !device_interface(port.device).empty(),
            "port " + port.name + ": device \"" + port.device + "\" names no interface; write it like \"" +
                device_name(port.device) + ",iface=v0\"");
    require(port.mtu >= kMtuLeast,
            "port " + port.name + ": mtu = " + std::to_string(port.mtu) + "; IPv6 needs at least 1280");
  }
}

}  // namespace vedette::dataplane
