// What an operator decides about the dataplane, read from TOML by engine/control and given to Dataplane
// whole. Every limit of the dataplane has its name and default here. Nothing reads it after start-up.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vedette::dataplane {

// What a worker does after a run of turns that found no work.
enum class IdleMode : uint8_t {
  kSpin,   // Nothing: on a core of its own, with NIC hardware.
  kYield,  // sched_yield: cores shared with others, lowest latency.
  kSleep,  // Naps that lengthen up to idle_nap_max_microseconds: laptops, virtual ports. The default.
};

enum class HugePages : uint8_t {
  kAuto,  // Used when the kernel has free ones, else ordinary pages.
  kNever,
  kAlways,  // Start-up fails without them.
};

// One network port with its companion TAP: the kernel sees the TAP as an interface of its own with the port's
// MAC, and owns its addresses and routes.
struct PortConfig {
  std::string name;  // What operators call it: "lan". Unique.
  // A DPDK virtual device, "net_af_packet0,iface=v0" (sizes and queue counts are added when left out), or a
  // PCI address, "0000:03:00.0".
  std::string device;
  std::string tap_name;  // Kernel interface name, at most 15 bytes. Empty: no exception path.
  // Given to the TAP at start: "10.1.0.1/24", "fd00::1/64". More can be added later by `ip addr`.
  std::vector<std::string> addresses;
  // Added at start, "default" prefixes only: "10.1.0.254". Everything else is `ip route`'s job.
  std::vector<std::string> gateways;
  // For a port without a TAP (benches, a fixed link): every frame goes to this station, "02:00:00:00:00:02".
  std::string peer_mac;
  uint16_t mtu = 1500;  // IP bytes in one frame; datagrams above it leave in fragments.
};

struct DataplaneConfig {
  unsigned workers = 1;  // Poll threads, each with one shard. 1 to kWorkersMax.
  // CPUs for the workers, in order: "2,3,6-8". "auto": one each when there are enough, else all share all.
  std::string cpus = "auto";
  std::vector<std::string> eal_args;  // Appended to the EAL's command line as they are.
  uint32_t memory_mb = 0;             // For the EAL without huge pages. 0: what the pools below need.
  HugePages huge_pages = HugePages::kAuto;
  IdleMode idle = IdleMode::kSleep;
  bool pci = false;               // Probe PCI devices at all.
  std::vector<PortConfig> ports;  // 1 to kPortsMax.
  unsigned stream_threads = 1;    // That have stream connections. 1 to kStreamThreadsMax.
  uint16_t sip_port = 5060;  // UDP datagrams to it and a local address are ours; the rest is the kernel's.

  // Limits.
  uint32_t mbufs_per_worker = 2'048;  // Buffers of datagram_bytes_max: received, being written, in rings.
  uint32_t rx_descriptors = 1'024;    // Per queue of a NIC; virtual ports size their own.
  uint32_t tx_descriptors = 1'024;
  uint32_t handoff_ring_size = 1'024;    // Messages on their way from one worker to another, per pair.
  uint32_t exception_ring_size = 512;    // Frames on their way to the kernel, per worker, and back, per port.
  // Messages on their way from stream connections to a worker, and back, for each thread that has connections.
  uint32_t stream_ring_size = 256;
  uint32_t verification_ring_size = 64;  // Requests on their way to be verified, per worker, and back.
  uint32_t control_messages_max = 64;    // Control thread → worker, waiting.
  uint32_t control_records_max = 1'024;  // Worker → control thread, waiting.
  uint32_t reassemblies_max = 64;        // Datagrams in reassembly per worker; the oldest gives way, counted.
  uint32_t reassembly_timeout_ms = 3'000;
  uint32_t unresolved_held_max = 64;  // Datagrams per worker that wait for a neighbour's address.
  uint32_t unresolved_hold_ms = 1'000;
  uint32_t neighbours_max = 4'096;  // Mirrored from the kernel; more are not reachable, counted.
  uint32_t routes_max = 4'096;
  uint32_t local_addresses_max = 64;  // Per port.
  uint32_t idle_turns_before_nap = 64;
  uint32_t idle_nap_max_microseconds = 500;
};

inline constexpr unsigned kWorkersMax = 64;
inline constexpr unsigned kStreamThreadsMax = 16;
inline constexpr unsigned kPortsMax = 16;

}  // namespace vedette::dataplane
