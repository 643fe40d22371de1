// See preflight.h.
#include "tools/ctl/preflight.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <sstream>

#include "engine/shard.h"

namespace vedette::tools {
namespace {

namespace fs = std::filesystem;
using control::Config;
using dataplane::HugePages;
using dataplane::IdleMode;
using dataplane::PortConfig;

// A machine as its files show it, and what is wanted of it.
struct Machine {
  fs::path root;
  Config config;

  bool has(const std::string& path) const {
    std::error_code error;
    return fs::exists(root / path, error);
  }
  // The whole file without the line end; empty when it is not there.
  std::string read(const std::string& path) const {
    std::ifstream stream(root / path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(stream), {}};
    text.erase(text.find_last_not_of(" \n") + 1);
    return text;
  }
  uint64_t read_number(const std::string& path) const {
    const std::string text = read(path);
    uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
  }
  // What stands behind "name:" in a file of such lines.
  std::string read_value(const std::string& path, const std::string& name) const {
    std::istringstream lines(read(path));
    for (std::string line; std::getline(lines, line);) {
      const size_t colon = line.find(':');
      if (colon == std::string::npos || line.substr(0, line.find_last_not_of(" \t", colon - 1) + 1) != name)
        continue;
      const size_t begin = line.find_first_not_of(" \t", colon + 1);
      return begin == std::string::npos ? "" : line.substr(begin);
    }
    return "";
  }
  std::vector<std::string> list(const std::string& path) const {
    std::vector<std::string> names;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(root / path, error)) {
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  // The kernel driver of a PCI device; empty when none.
  std::string driver_of(const std::string& pci_address) const {
    std::error_code error;
    return fs::read_symlink(root / "sys/bus/pci/devices" / pci_address / "driver", error).filename().string();
  }
};

Check good(std::string name, std::string found) {
  return {std::move(name), Verdict::kGood, std::move(found), ""};
}
Check advice(std::string name, std::string found, std::string text) {
  return {std::move(name), Verdict::kAdvice, std::move(found), std::move(text)};
}
Check missing(std::string name, std::string found, std::string text) {
  return {std::move(name), Verdict::kMissing, std::move(found), std::move(text)};
}

Check check_kernel(const Machine& machine) {
  const std::string release = machine.read("proc/sys/kernel/osrelease");
  int major = 0;
  int minor = 0;
  if (std::sscanf(release.c_str(), "%d.%d", &major, &minor) == 2 &&
      (major > 5 || (major == 5 && minor >= 10))) {
    return good("kernel", release);
  }
  return advice("kernel", release, "vedette is tried with Linux 5.10 and later; use a newer kernel.");
}

Check check_cpu(const Machine& machine) {
  const std::string flags = " " + machine.read_value("proc/cpuinfo", "flags") + " ";
  if (flags == "  ") return good("CPU", "not an x86; its own vector instructions are used");
  if (flags.find(" sse4_2 ") == std::string::npos) {
    return missing("CPU", "no SSE4.2",
                   "Debian's DPDK needs it; use a CPU made after 2009, or let the hypervisor show it.");
  }
  if (flags.find(" avx2 ") == std::string::npos) {
    return advice("CPU", "SSE4.2, no AVX2",
                  "parsing is slower without AVX2; if this is a guest, pass the host's CPU through.");
  }
  return good("CPU", flags.find(" avx512bw ") == std::string::npos ? "AVX2" : "AVX-512");
}

Check check_workers(const Machine& machine) {
  const auto is_cpu = [](const std::string& name) {
    return name.starts_with("cpu") && name.size() > 3 &&
           std::all_of(name.begin() + 3, name.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  const std::vector<std::string> names = machine.list("sys/devices/system/cpu");
  const auto cpus = static_cast<size_t>(std::count_if(names.begin(), names.end(), is_cpu));
  const unsigned workers = machine.config.dataplane.workers;
  const std::string found = fmt::format("{} CPUs for {} workers and the control thread", cpus, workers);
  if (workers < cpus || machine.config.dataplane.idle != IdleMode::kSpin) return good("workers", found);
  return advice(
      "workers", found,
      "workers that spin starve whatever shares their CPUs; set fewer workers, or idle = \"sleep\".");
}

Check check_isolation(const Machine& machine) {
  const std::string isolated = machine.read("sys/devices/system/cpu/isolated");
  if (!isolated.empty()) return good("isolated CPUs", isolated + "; give them to [dataplane] cpus");
  if (!machine.config.dataplane.pci && machine.config.dataplane.idle != IdleMode::kSpin) {
    return good("isolated CPUs", "none; not needed here");
  }
  return advice("isolated CPUs", "none",
                "add isolcpus=managed_irq,domain,2-N nohz_full=2-N rcu_nocbs=2-N to the kernel's command "
                "line, so that nothing else runs on the workers' CPUs.");
}

Check check_memory(const Machine& machine) {
  const engine::Limits& limits = machine.config.engine.limits;
  const uint64_t wanted =
      machine.config.dataplane.workers * (engine::shard_bytes(limits) + limits.document_bytes_max) >> 20;
  const std::string text = machine.read_value("proc/meminfo", "MemAvailable");
  const uint64_t available = std::strtoull(text.c_str(), nullptr, 10) >> 10;
  const std::string found =
      fmt::format("{} MiB available, {} MiB wanted for shards and documents", available, wanted);
  if (wanted < available) return good("memory", found);
  return missing("memory", found, "lower [limits] of the configuration, or the number of workers.");
}

Check check_huge_pages(const Machine& machine) {
  std::string found;
  uint64_t free = 0;
  for (const auto& [folder, size] :
       {std::pair{"hugepages-2048kB", "2 MiB"}, std::pair{"hugepages-1048576kB", "1 GiB"}}) {
    const std::string path = std::string("sys/kernel/mm/hugepages/") + folder;
    const uint64_t pages = machine.read_number(path + "/free_hugepages");
    if (pages == 0) continue;
    found += fmt::format("{}{} free of {}", found.empty() ? "" : ", ", pages, size);
    free += pages;
  }
  const char* advice_text = "sysctl -w vm.nr_hugepages=512, and keep it in /etc/sysctl.d.";
  if (free > 0) return good("huge pages", found);
  if (machine.config.dataplane.huge_pages == HugePages::kAlways)
    return missing("huge pages", "none free", advice_text);
  if (machine.config.dataplane.pci) return advice("huge pages", "none free", advice_text);
  return good("huge pages", "none free; not needed for virtual ports");
}

Check check_numa(const Machine& machine) {
  const std::string nodes = machine.read("sys/devices/system/node/online");
  if (nodes.empty() || nodes == "0") return good("NUMA", "one node");
  return advice("NUMA", "nodes " + nodes,
                "give workers CPUs of the node that the NIC is on ([dataplane] cpus; "
                "cat /sys/bus/pci/devices/ADDRESS/numa_node).");
}

Check check_permissions(const Machine& machine) {
  struct Capability {
    int bit;
    const char* name;
  };
  const uint64_t effective =
      std::strtoull(machine.read_value("proc/self/status", "CapEff").c_str(), nullptr, 16);
  std::string lacking;
  for (const Capability& capability :
       {Capability{12, "CAP_NET_ADMIN"}, Capability{13, "CAP_NET_RAW"}, Capability{14, "CAP_IPC_LOCK"}}) {
    if ((effective >> capability.bit & 1) == 0)
      lacking += std::string(lacking.empty() ? "" : ", ") + capability.name;
  }
  if (lacking.empty()) return good("permissions", "all that is needed");
  return missing("permissions", "no " + lacking,
                 "run as root, or give the service these with AmbientCapabilities= of systemd.");
}

Check check_tun(const Machine& machine) {
  if (machine.has("dev/net/tun")) return good("TAP devices", "/dev/net/tun");
  return missing("TAP devices", "no /dev/net/tun", "modprobe tun; in a container, pass the device in.");
}

Check check_dpdk(const Machine& machine) {
  for (const std::string& triplet : machine.list("usr/lib")) {
    for (const std::string& version : machine.list("usr/lib/" + triplet + "/dpdk")) {
      const std::string folder = "usr/lib/" + triplet + "/dpdk/" + version;
      if (machine.has(folder + "/librte_net_af_packet.so") ||
          machine.has(folder + "/librte_net_af_packet.so.23")) {
        return good("DPDK drivers", "/" + folder);
      }
    }
  }
  return missing("DPDK drivers", "not found", "apt-get install dpdk (tools/setup does).");
}

Check check_vfio(const Machine& machine) {
  const bool vfio = machine.has("dev/vfio/vfio");
  const size_t groups = machine.list("sys/kernel/iommu_groups").size();
  const bool uio = machine.has("sys/module/uio_pci_generic") || machine.has("sys/module/igb_uio");
  const std::string found =
      fmt::format("{}, {} IOMMU groups{}", vfio ? "VFIO" : "no VFIO", groups, uio ? ", UIO" : "");
  if ((vfio && groups > 0) || uio) return good("NIC access", found);
  if (!machine.config.dataplane.pci) return good("NIC access", found + "; not needed without PCI ports");
  if (vfio) {
    return advice("NIC access", found,
                  "add intel_iommu=on or amd_iommu=on to the kernel's command line; without an "
                  "IOMMU: echo 1 > /sys/module/vfio/parameters/enable_unsafe_noiommu_mode.");
  }
  return missing("NIC access", found,
                 "modprobe vfio-pci (bifurcated drivers, as of Mellanox cards, do without).");
}

Check check_nics(const Machine& machine) {
  std::string found;
  for (const std::string& address : machine.list("sys/bus/pci/devices")) {
    // Class 0x02: network controllers.
    if (!machine.read("sys/bus/pci/devices/" + address + "/class").starts_with("0x02")) continue;
    const std::string driver = machine.driver_of(address);
    found +=
        fmt::format("{}{} ({})", found.empty() ? "" : ", ", address, driver.empty() ? "no driver" : driver);
  }
  return good("PCI NICs", found.empty() ? "none" : found);
}

Check check_pci_port(const Machine& machine, const std::string& name, const std::string& address) {
  const std::string whole =
      std::count(address.begin(), address.end(), ':') == 1 ? "0000:" + address : address;
  if (!machine.has("sys/bus/pci/devices/" + whole)) {
    return missing(name, "no PCI device " + whole, "dpdk-devbind.py --status shows those that are there.");
  }
  const std::string driver = machine.driver_of(whole);
  const bool bifurcated = driver.starts_with("mlx");
  if (driver == "vfio-pci" || driver == "uio_pci_generic" || driver == "igb_uio" || bifurcated) {
    return good(name, whole + " has " + driver);
  }
  return missing(name, whole + " has " + (driver.empty() ? "no driver" : driver),
                 "dpdk-devbind.py --bind=vfio-pci " + whole + " (it is then gone from the kernel).");
}

Check check_port(const Machine& machine, const PortConfig& port) {
  const std::string name = "port " + port.name;
  const std::string device = port.device.substr(0, port.device.find(','));
  if (device.find(':') != std::string::npos) return check_pci_port(machine, name, device);
  const size_t key = port.device.find("iface=");
  if (key == std::string::npos) return good(name, port.device);
  const std::string interface = port.device.substr(key + 6, port.device.find(',', key) - key - 6);
  if (!machine.has("sys/class/net/" + interface)) {
    return missing(name, "no interface " + interface,
                   "ip link shows those that are there; it must be in vedette's network namespace.");
  }
  if (machine.read("sys/class/net/" + interface + "/operstate") == "down") {
    return missing(name, interface + " is down", "ip link set " + interface + " up");
  }
  return good(name, interface);
}

std::string_view to_string(Verdict verdict) {
  return verdict == Verdict::kGood ? "good" : verdict == Verdict::kAdvice ? "advice" : "missing";
}

}  // namespace

bool Preflight::is_ready() const {
  return std::none_of(checks.begin(), checks.end(),
                      [](const Check& check) { return check.verdict == Verdict::kMissing; });
}

Preflight examine(const fs::path& root, const std::optional<Config>& config) {
  const Machine machine{root, config.value_or(Config{})};
  Preflight report;
  for (const auto check :
       {check_kernel, check_cpu, check_workers, check_isolation, check_memory, check_huge_pages, check_numa,
        check_permissions, check_tun, check_dpdk, check_vfio, check_nics}) {
    report.checks.push_back(check(machine));
  }
  for (const PortConfig& port : machine.config.dataplane.ports)
    report.checks.push_back(check_port(machine, port));
  return report;
}

Preflight examine_machine(const std::string& file) {
  if (file.empty()) return examine("/", std::nullopt);
  const control::ConfigVerdict verdict = control::read_config_file(file);
  Preflight report = examine("/", verdict.config);
  const std::string found =
      verdict.config ? file : fmt::format("{} errors in {}", verdict.problems.size(), file);
  const Check check =
      verdict.config ? good("configuration", found)
                     : missing("configuration", found, "vedette --check-config " + file + " names them.");
  report.checks.insert(report.checks.begin(), check);
  return report;
}

std::string in_words(const Preflight& report) {
  std::string out;
  for (const Check& check : report.checks) {
    const char* mark = check.verdict == Verdict::kGood     ? "ok     "
                       : check.verdict == Verdict::kAdvice ? "better "
                                                           : "MISSING";
    out += fmt::format("{} {:<14} {}\n", mark, check.name, check.found);
    if (!check.advice.empty()) out += fmt::format("{:<23}-> {}\n", "", check.advice);
  }
  return out + (report.is_ready() ? "This machine is ready for vedette.\n"
                                  : "This machine is not ready: see what is MISSING above.\n");
}

nlohmann::ordered_json json_of(const Preflight& report) {
  nlohmann::ordered_json checks = nlohmann::ordered_json::array();
  for (const Check& check : report.checks) {
    checks.push_back({{"name", check.name},
                      {"verdict", to_string(check.verdict)},
                      {"found", check.found},
                      {"advice", check.advice}});
  }
  return {{"ready", report.is_ready()}, {"checks", std::move(checks)}};
}

}  // namespace vedette::tools
