// Preflight on machines made of files: what is said of each that lacks something.
#include "tools/ctl/preflight.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace vedette::tools {
namespace {

namespace fs = std::filesystem;

class PreflightTest : public testing::Test {
 protected:
  // A machine on which nothing is missing.
  PreflightTest() {
    fs::remove_all(root_);
    write("proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
    write("proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu sse4_2 avx2\n");
    write("proc/meminfo", "MemTotal: 99999999 kB\nMemAvailable:   16777216 kB\n");
    write("proc/self/status", "Name:\tx\nCapEff:\t000001ffffffffff\n");
    for (const char* cpu : {"cpu0", "cpu1", "cpu2", "cpufreq"})
      fs::create_directories(root_ / "sys/devices/system/cpu" / cpu);
    write("sys/devices/system/cpu/isolated", "\n");
    write("sys/devices/system/node/online", "0\n");
    write("sys/class/net/eth1/operstate", "up\n");
    write("sys/bus/pci/devices/0000:03:00.0/class", "0x020000\n");
    write("dev/net/tun", "");
    write("usr/lib/x86_64-linux-gnu/dpdk/pmds-23.0/librte_net_af_packet.so", "");
    config_.dataplane.ports.push_back({.name = "lan", .device = "net_af_packet0,iface=eth1,qpairs=2"});
  }
  ~PreflightTest() override { fs::remove_all(root_); }

  void write(const std::string& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  Check check(const std::string& name) {
    for (const Check& each : examine(root_, config_).checks) {
      if (each.name == name) return each;
    }
    ADD_FAILURE() << "no check of " << name;
    return {};
  }
  void expect(const std::string& name, Verdict verdict, const std::string& part) {
    const Check found = check(name);
    EXPECT_EQ(found.verdict, verdict) << name;
    EXPECT_NE((found.found + " -> " + found.advice).find(part), std::string::npos)
        << found.found << " -> " << found.advice;
    EXPECT_EQ(found.advice.empty(), verdict == Verdict::kGood) << "what is wrong says what to do";
  }

  fs::path root_ = testing::TempDir() + "vedette-preflight-" + std::to_string(getpid());
  control::Config config_;
};

TEST_F(PreflightTest, AGoodMachineIsReady) {
  const Preflight report = examine(root_, config_);
  EXPECT_TRUE(report.is_ready()) << in_words(report);
  EXPECT_NE(in_words(report).find("This machine is ready for vedette.\n"), std::string::npos);
  EXPECT_EQ(json_of(report)["ready"], true);
  EXPECT_EQ(json_of(report)["checks"].size(), report.checks.size());
  expect("workers", Verdict::kGood, "3 CPUs for 1 worker");
  expect("port lan", Verdict::kGood, "eth1");
}

TEST_F(PreflightTest, AnEmptyMachineIsNot) {
  fs::remove_all(root_);
  const Preflight report = examine(root_, std::nullopt);
  EXPECT_FALSE(report.is_ready());
  EXPECT_NE(in_words(report).find("not ready"), std::string::npos);
}

TEST_F(PreflightTest, Cpu) {
  write("proc/cpuinfo", "flags\t: fpu sse2\n");
  expect("CPU", Verdict::kMissing, "SSE4.2");
  write("proc/cpuinfo", "flags\t: sse4_2\n");
  expect("CPU", Verdict::kAdvice, "no AVX2");
  config_.dataplane.workers = 3;
  expect("workers", Verdict::kGood, "3 CPUs for 3 workers");
  config_.dataplane.idle = dataplane::IdleMode::kSpin;
  expect("workers", Verdict::kAdvice, "idle = \"sleep\"");
  expect("isolated CPUs", Verdict::kAdvice, "isolcpus=");
  write("sys/devices/system/cpu/isolated", "1-2\n");
  expect("isolated CPUs", Verdict::kGood, "1-2");
}

TEST_F(PreflightTest, Memory) {
  write("proc/meminfo", "MemAvailable: 1024 kB\n");
  expect("memory", Verdict::kMissing, "1 MiB available");
}

TEST_F(PreflightTest, HugePages) {
  expect("huge pages", Verdict::kGood, "not needed");
  config_.dataplane.pci = true;
  expect("huge pages", Verdict::kAdvice, "vm.nr_hugepages");
  config_.dataplane.huge_pages = dataplane::HugePages::kAlways;
  expect("huge pages", Verdict::kMissing, "vm.nr_hugepages");
  write("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "512\n");
  expect("huge pages", Verdict::kGood, "512 free of 2 MiB");
}

TEST_F(PreflightTest, PermissionsAndDevices) {
  write("proc/self/status", "CapEff:\t0000000000002000\n");
  expect("permissions", Verdict::kMissing, "no CAP_NET_ADMIN, CAP_IPC_LOCK -> run as root");
  fs::remove(root_ / "dev/net/tun");
  expect("TAP devices", Verdict::kMissing, "modprobe tun");
  fs::remove_all(root_ / "usr/lib");
  expect("DPDK drivers", Verdict::kMissing, "apt-get install dpdk");
  write("proc/sys/kernel/osrelease", "4.19.0\n");
  expect("kernel", Verdict::kAdvice, "4.19.0");
  write("sys/devices/system/node/online", "0-1\n");
  expect("NUMA", Verdict::kAdvice, "nodes 0-1");
}

TEST_F(PreflightTest, PortsOnInterfaces) {
  write("sys/class/net/eth1/operstate", "down\n");
  expect("port lan", Verdict::kMissing, "ip link set eth1 up");
  fs::remove_all(root_ / "sys/class/net/eth1");
  expect("port lan", Verdict::kMissing, "no interface eth1");
}

TEST_F(PreflightTest, PortsOnPci) {
  config_.dataplane.pci = true;
  config_.dataplane.ports[0].device = "03:00.0";
  expect("NIC access", Verdict::kMissing, "modprobe vfio-pci");
  expect("port lan", Verdict::kMissing, "dpdk-devbind.py --bind=vfio-pci 0000:03:00.0");
  fs::create_directories(root_ / "drivers/vfio-pci");
  fs::create_directory_symlink("../../../../../drivers/vfio-pci",
                               root_ / "sys/bus/pci/devices/0000:03:00.0/driver");
  expect("port lan", Verdict::kGood, "vfio-pci");
  expect("PCI NICs", Verdict::kGood, "0000:03:00.0 (vfio-pci)");
  write("dev/vfio/vfio", "");
  expect("NIC access", Verdict::kAdvice, "iommu=on");
  fs::create_directories(root_ / "sys/kernel/iommu_groups/7");
  expect("NIC access", Verdict::kGood, "1 IOMMU groups");
  config_.dataplane.ports[0].device = "0000:04:00.0";
  expect("port lan", Verdict::kMissing, "no PCI device 0000:04:00.0");
}

TEST(ExamineMachine, ABadConfigurationIsTheFirstThingSaid) {
  const Preflight report = examine_machine("/nonexistent.toml");
  EXPECT_EQ(report.checks[0].name, "configuration");
  EXPECT_EQ(report.checks[0].verdict, Verdict::kMissing);
  EXPECT_GT(examine_machine("").checks.size(), 5u);
}

}  // namespace
}  // namespace vedette::tools
