// workers, [dataplane] and [[port]]: what moves bytes, and how much room it has. Whether a device or a CPU
// exists is not checked here: the dataplane finds that out when it starts. Control thread, at start only.
#include <algorithm>
#include <charconv>
#include <map>
#include <string>

#include "engine/control/config_reader.h"
#include "engine/flow.h"

namespace vedette::control {
namespace {

using dataplane::DataplaneConfig;
using dataplane::HugePages;
using dataplane::IdleMode;
using dataplane::PortConfig;

constexpr std::pair<std::string_view, IdleMode> kIdleModes[] = {
    {"spin", IdleMode::kSpin},
    {"yield", IdleMode::kYield},
    {"sleep", IdleMode::kSleep},
};

constexpr std::pair<std::string_view, HugePages> kHugePages[] = {
    {"auto", HugePages::kAuto},
    {"never", HugePages::kNever},
    {"always", HugePages::kAlways},
};

struct NumberKey {
  std::string_view name;
  uint32_t DataplaneConfig::*field;
  IntegerRange range;
};

constexpr IntegerRange kRing{16, 1 << 20};

constexpr NumberKey kNumberKeys[] = {
    {"memory_mb", &DataplaneConfig::memory_mb, {0, 1 << 20}},
    {"mbufs_per_worker", &DataplaneConfig::mbufs_per_worker, {512, 1 << 22}},
    {"rx_descriptors", &DataplaneConfig::rx_descriptors, {64, 32'768}},
    {"tx_descriptors", &DataplaneConfig::tx_descriptors, {64, 32'768}},
    {"handoff_ring_size", &DataplaneConfig::handoff_ring_size, kRing},
    {"exception_ring_size", &DataplaneConfig::exception_ring_size, kRing},
    {"stream_ring_size", &DataplaneConfig::stream_ring_size, kRing},
    {"verification_ring_size", &DataplaneConfig::verification_ring_size, kRing},
    {"control_messages_max", &DataplaneConfig::control_messages_max, kRing},
    {"control_records_max", &DataplaneConfig::control_records_max, kRing},
    {"reassemblies_max", &DataplaneConfig::reassemblies_max, {1, 65'536}},
    {"reassembly_timeout_ms", &DataplaneConfig::reassembly_timeout_ms, {100, 60'000}},
    {"unresolved_held_max", &DataplaneConfig::unresolved_held_max, {1, 65'536}},
    {"unresolved_hold_ms", &DataplaneConfig::unresolved_hold_ms, {10, 60'000}},
    {"neighbours_max", &DataplaneConfig::neighbours_max, {1, 1 << 20}},
    {"routes_max", &DataplaneConfig::routes_max, {1, 1 << 20}},
    {"local_addresses_max", &DataplaneConfig::local_addresses_max, {1, 4'096}},
    {"idle_turns_before_nap", &DataplaneConfig::idle_turns_before_nap, {1, 1 << 20}},
    {"idle_nap_max_microseconds", &DataplaneConfig::idle_nap_max_microseconds, {1, 100'000}},
};

bool is_number(std::string_view text, unsigned max) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value <= max;
}

// "2,3,6-8".
bool is_cpu_list(std::string_view text) {
  constexpr unsigned kCpuMax = 4'095;
  while (true) {
    const size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    const size_t dash = part.find('-');
    if (!is_number(part.substr(0, dash), kCpuMax)) return false;
    if (dash != std::string_view::npos && !is_number(part.substr(dash + 1), kCpuMax)) return false;
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

// "10.1.0.1/24", "fd00::1/64".
bool is_address_with_prefix(std::string_view text) {
  const size_t slash = text.find('/');
  engine::IpAddress address;
  if (slash == std::string_view::npos || text.starts_with('[')) return false;
  if (!engine::IpAddress::parse(text.substr(0, slash), address)) return false;
  return is_number(text.substr(slash + 1), address.is_v4() ? 32 : 128);
}

bool is_address(std::string_view text) {
  engine::IpAddress address;
  return !text.starts_with('[') && engine::IpAddress::parse(text, address);
}

// What the kernel takes as the name of an interface (dev_valid_name).
bool is_interface_name(std::string_view name) {
  if (name.empty() || name.size() > 15 || name == "." || name == "..") return false;
  return std::none_of(name.begin(), name.end(), [](char c) { return c == '/' || c == ':' || c <= ' '; });
}

// "0000:03:00.0" or "03:00.0".
bool is_pci_address(std::string_view device) {
  const std::string_view address = device.substr(0, device.find(','));
  return address.size() >= 7 && address.find(':') != std::string_view::npos &&
         std::all_of(address.begin(), address.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' ||
                  c == '.';
         });
}

// "02:00:00:00:00:0a".
bool is_mac_address(std::string_view text) {
  if (text.size() != 17) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (i % 3 == 2 ? c != ':' : !hex) return false;
  }
  return true;
}

// No two ports may share a name, a TAP or a device.
class Seen {
 public:
  void check(TableReader& table, std::string_view key, const std::string& value) {
    const auto [first, is_new] = lines_.emplace(std::string(key) + " " + value, table.line_of(key));
    if (!is_new) {
      table.add(key, "\"" + value + "\" is already that of the port in line " +
                         std::to_string(first->second) + "; each port needs its own");
    }
  }

 private:
  std::map<std::string, uint32_t> lines_;
};

void read_addresses(TableReader& table, PortConfig& out) {
  table.read_texts("addresses", out.addresses);
  for (const std::string& address : out.addresses) {
    if (is_address_with_prefix(address)) continue;
    table.add("addresses", "holds \"" + address + R"(", which is no address with its prefix length; )" +
                               R"(give it as in "192.0.2.1/24" or "2001:db8::1/64")");
  }
  table.read_texts("gateways", out.gateways);
  for (const std::string& gateway : out.gateways) {
    if (is_address(gateway)) continue;
    table.add("gateways", "holds \"" + gateway + R"(", which is no address; give it as in "192.0.2.254")");
  }
  if (!out.tap_name.empty()) return;
  if (!out.addresses.empty()) table.add("addresses", "needs a TAP to put them on; give tap_name");
  if (!out.gateways.empty()) table.add("gateways", "needs a TAP to route over; give tap_name");
}

void read_port(TableReader& table, bool pci, Seen& seen, PortConfig& out) {
  if (table.read_text("name", out.name)) {
    if (out.name.empty()) table.add("name", R"(is empty; give it as in name = "lan")");
    seen.check(table, "name", out.name);
  } else if (table.find("name") == nullptr) {
    table.add("name", R"(is missing; give it as in name = "lan")");
  }
  if (table.read_text("device", out.device)) {
    if (out.device.empty())
      table.add("device", R"(is empty; give it as in device = "net_af_packet0,iface=eth1")");
    if (is_pci_address(out.device) && !pci) {
      table.add("device", "is a PCI address; set pci = true in [dataplane]");
    }
    seen.check(table, "device", out.device.substr(0, out.device.find(',')));
  } else if (table.find("device") == nullptr) {
    table.add("device",
              R"(is missing; give a PCI address or a virtual device, as in "net_af_packet0,iface=eth1")");
  }
  if (table.read_text("tap_name", out.tap_name) && !out.tap_name.empty()) {
    if (!is_interface_name(out.tap_name)) {
      table.add("tap_name",
                "is \"" + out.tap_name + "\"; give an interface name of 1 to 15 bytes, as in \"vd0\"");
    }
    seen.check(table, "tap_name", out.tap_name);
  }
  if (table.read_text("peer_mac", out.peer_mac) && !out.peer_mac.empty()) {
    if (!is_mac_address(out.peer_mac)) {
      table.add("peer_mac", "is \"" + out.peer_mac + R"("; give it as in "02:00:00:00:00:02")");
    }
    if (!out.tap_name.empty()) {
      table.add("peer_mac", "is for ports without a TAP; remove it, the kernel's neighbours are used");
    }
  }
  // RFC 8200 §5: an IPv6 link carries 1,280 bytes or more.
  table.read_number("mtu", out.mtu, {1'280, 9'600});
  read_addresses(table, out);
  table.finish();
}

}  // namespace

void read_dataplane(TableReader& top, DataplaneConfig& out) {
  top.read_number("workers", out.workers, {1, dataplane::kWorkersMax});
  if (std::optional<TableReader> table = top.read_table("dataplane")) {
    if (table->read_text("cpus", out.cpus) && out.cpus != "auto" && !is_cpu_list(out.cpus)) {
      table->add("cpus", "is \"" + out.cpus + R"("; give "auto" or CPU numbers, as in "2,3,6-8")");
    }
    table->read_texts("eal_args", out.eal_args);
    table->read_choice<HugePages>("huge_pages", out.huge_pages, kHugePages);
    table->read_choice<IdleMode>("idle", out.idle, kIdleModes);
    table->read_boolean("pci", out.pci);
    for (const NumberKey& key : kNumberKeys) table->read_number(key.name, out.*key.field, key.range);
    table->finish();
  }
  Seen seen;
  for (TableReader& table : top.read_tables("port"))
    read_port(table, out.pci, seen, out.ports.emplace_back());
  if (top.find("port") == nullptr) {
    top.add("port", "is missing, so there would be no network; add [[port]] with name and device");
  } else if (out.ports.size() > dataplane::kPortsMax) {
    top.add("port", "stands there " + std::to_string(out.ports.size()) + " times; " +
                        std::to_string(dataplane::kPortsMax) + " are possible");
  }
}

}  // namespace vedette::control
