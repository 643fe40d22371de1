#include "dataplane/eal.h"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <vector>

#include "dataplane/cpus.h"
#include "dataplane/setup_error.h"

namespace vedette::dataplane {
namespace {

constexpr uint64_t kMebibyte = uint64_t{1} << 20;

uint64_t free_huge_page_bytes() {
  uint64_t bytes = 0;
  for (const uint64_t kilobytes : {uint64_t{2} << 10, uint64_t{1} << 20}) {
    std::ifstream file("/sys/kernel/mm/hugepages/hugepages-" + std::to_string(kilobytes) +
                       "kB/free_hugepages");
    uint64_t pages = 0;
    if (file >> pages) bytes += pages * kilobytes << 10;
  }
  return bytes;
}

bool use_huge_pages(const DataplaneConfig& config, uint64_t bytes) {
  if (config.huge_pages == HugePages::kNever) return false;
  const uint64_t free_bytes = free_huge_page_bytes();
  if (free_bytes >= bytes) return true;
  if (config.huge_pages == HugePages::kAuto) return false;
  throw SetupError("huge pages: " + std::to_string(free_bytes / kMebibyte) + " MiB are free, " +
                   std::to_string(bytes / kMebibyte) +
                   " MiB are needed; raise vm.nr_hugepages with sysctl, or set "
                   "huge_pages = \"auto\"");
}

std::string all_cpus() {
  std::string list;
  for (const unsigned cpu : allowed_cpus()) {
    if (!list.empty()) list += ',';
    list += std::to_string(cpu);
  }
  return list;
}

std::vector<std::string> arguments(const DataplaneConfig& config, uint64_t bytes) {
  // The EAL's own lcore is the control thread, free to run anywhere; workers are threads of ours.
  std::vector<std::string> list = {"vedette", "--no-telemetry", "--log-level=5",
                                   "--lcores=0@(" + all_cpus() + ")"};
  if (!config.pci) list.emplace_back("--no-pci");
  const uint64_t megabytes = config.memory_mb != 0 ? config.memory_mb : bytes / kMebibyte + 1;
  if (use_huge_pages(config, bytes)) {
    list.emplace_back("--in-memory");
  } else {
    list.insert(list.end(), {"--no-huge", "--no-shconf", "-m", std::to_string(megabytes),
                             "--file-prefix=vedette" + std::to_string(getpid())});
  }
  list.insert(list.end(), config.eal_args.begin(), config.eal_args.end());
  return list;
}

}  // namespace

void start_eal(const DataplaneConfig& config, uint64_t bytes) {
  static bool started = false;
  if (started) return;
  std::vector<std::string> list = arguments(config, bytes);
  std::vector<char*> pointers;
  std::string shown;
  for (std::string& argument : list) {
    pointers.push_back(argument.data());
    shown += (shown.empty() ? "" : " ") + argument;
  }
  rte_log_set_global_level(RTE_LOG_WARNING);
  if (rte_eal_init(static_cast<int>(pointers.size()), pointers.data()) < 0) {
    throw SetupError("DPDK does not start (" + std::string(rte_strerror(rte_errno)) + ") with: " + shown +
                     "; its own words are on standard error");
  }
  started = true;
}

}  // namespace vedette::dataplane
