// The dataplane beside a kernel: a net_af_packet port on a veth, its TAP, and clients in another network
// namespace. Needs root; skipped without.
#include <unistd.h>

#include <atomic>

#include "tests/loop/loop_fixture.h"
#include "tests/support/network.h"

namespace vedette::tests {
namespace {

using dataplane::Fate;

class KernelTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (Network::possible()) network_ = new Network();
  }
  static void TearDownTestSuite() {
    delete network_;
    network_ = nullptr;
  }
  void SetUp() override {
    if (network_ == nullptr) GTEST_SKIP() << "network namespaces need root";
    begin(1);
  }
  ~KernelTest() override {
    finish();
    if (network_ != nullptr) network_->there("ip neigh flush dev v1; ip addr flush dev lo to 192.0.2.0/24");
  }

  void begin(unsigned workers, const std::string& device = "net_af_packet0,iface=v0,framecnt=128") {
    finish();
    dataplane::DataplaneConfig config;
    config.workers = workers;
    config.huge_pages = dataplane::HugePages::kNever;
    config.memory_mb = 512;
    config.mbufs_per_worker = 1024;
    config.unresolved_hold_ms = 300;
    config.ports = {dataplane::PortConfig{
        .name = "lan", .device = device, .tap_name = "lan0", .addresses = {"10.1.0.1/24", "fd00::1/64"}}};
    engine_.limits.document_bytes_max = 1 << 20;
    dataplane_ = std::make_unique<dataplane::Dataplane>(config, fake_supply(engine_));
    dataplane_->start();
    stop_ = false;
    service_ = std::thread([this] {
      while (!stop_) {
        dataplane_->service();
        usleep(1000);
      }
    });
  }
  void finish() {
    stop_ = true;
    if (service_.joinable()) service_.join();
    dataplane_.reset();
  }
  uint64_t count(Fate fate) const {
    uint64_t sum = 0;
    for (unsigned worker = 0; worker < dataplane_->workers(); ++worker) {
      sum += dataplane_->fates(worker)[static_cast<size_t>(fate)];
    }
    return sum;
  }
  static engine::Endpoint at(const std::string& address, uint16_t port) { return {ip(address), port}; }
  std::optional<std::string> ask(const std::string& from, const std::string& to, const std::string& bytes) {
    return ClientSocket(*network_, at(from, 6000), at(to, 5060)).ask(bytes);
  }

  static Network* network_;
  engine::EngineConfig engine_;
  std::unique_ptr<dataplane::Dataplane> dataplane_;
  std::thread service_;
  std::atomic<bool> stop_ = false;
};

Network* KernelTest::network_ = nullptr;

TEST_F(KernelTest, ClientsOfBothFamiliesAreAnswered) {
  // The client's kernel has to resolve us first: ARP and ND go by the TAP.
  EXPECT_EQ(ask("10.1.0.2", "10.1.0.1", "echo v4"), "echo v4");
  EXPECT_EQ(ask("fd00::2", "fd00::1", "echo v6"), "echo v6");
  EXPECT_GT(count(Fate::kRxUnfinishedChecksum), 0U);
}

TEST_F(KernelTest, PingIsTheKernelsToAnswer) {
  for (const std::string family : {"10.1.0.", "fd00::"}) {
    ClientSocket ping(*network_, at(family + "2", 0), at(family + "1", 0), ClientSocket::Kind::kEcho);
    EXPECT_TRUE(ping.ping(56)) << family;
    EXPECT_TRUE(ping.ping(5000)) << family;
    // One answer each: the kernel behind the veth is deaf.
    EXPECT_EQ(ping.receive(100), std::nullopt) << family;
  }
}

TEST_F(KernelTest, LongDatagramsBothWays) {
  for (const std::string family : {"10.1.0.", "fd00::"}) {
    const std::string bytes = "echo" + std::string(6000, 'x');
    EXPECT_EQ(ask(family + "2", family + "1", bytes), bytes);
    EXPECT_EQ(ask(family + "2", family + "1", "big 16384"), std::string(16'384, 'b'));
  }
}

TEST_F(KernelTest, TheKernelKeepsQuietAboutTheSipPortAndAnswersForOthers) {
  ClientSocket sip(*network_, at("10.1.0.2", 6001), at("10.1.0.1", 5060));
  sip.send("silence");
  EXPECT_EQ(sip.receive(300), std::nullopt);
  ClientSocket sip6(*network_, at("fd00::2", 6001), at("fd00::1", 5060));
  sip6.send("silence");
  EXPECT_EQ(sip6.receive(300), std::nullopt);
  EXPECT_EQ(ask("10.1.0.2", "10.1.0.1", "echo"), "echo");
  EXPECT_EQ(ClientSocket(*network_, at("10.1.0.2", 6002), at("10.1.0.1", 5070)).ask("x"), "refused");
}

TEST_F(KernelTest, TcpReachesTheKernel) {
  const std::string script = TCP_SCRIPT;
  ASSERT_TRUE(network_->here("timeout 10 " + script + " serve 10.1.0.1 5061 &"));
  EXPECT_TRUE(network_->there("timeout 10 " + script + " ask 10.1.0.1 5061"));
}

TEST_F(KernelTest, AddressesComeAndGoWhileItRuns) {
  EXPECT_EQ(ask("10.1.0.2", "10.1.0.1", "echo"), "echo");
  ASSERT_TRUE(network_->here("ip addr add 10.1.0.9/24 dev lan0"));
  EXPECT_EQ(ask("10.1.0.2", "10.1.0.9", "echo"), "echo");
  ASSERT_TRUE(network_->here("ip addr del 10.1.0.9/24 dev lan0"));
  usleep(50'000);
  const uint64_t before = count(Fate::kRxToShard);
  ClientSocket(*network_, at("10.1.0.2", 6000), at("10.1.0.9", 5060)).send("echo");
  usleep(50'000);
  EXPECT_EQ(count(Fate::kRxToShard), before);
  EXPECT_EQ(ask("10.1.0.2", "10.1.0.1", "echo"), "echo");
}

TEST_F(KernelTest, AnUnknownNeighbourIsResolvedAndADeadOneGivenUp) {
  ASSERT_TRUE(network_->there("ip addr add 10.1.0.3/24 dev v1; ip addr add fd00::3/64 dev v1 nodad"));
  for (const std::string family : {"10.1.0.", "fd00::"}) {
    ClientSocket asking(*network_, at(family + "2", 6000), at(family + "1", 5060));
    ClientSocket other(*network_, at(family + "3", 6000), at(family + "1", 5060));
    asking.send("away " + family + "3");

    EXPECT_EQ(other.receive(), "gone") << family;
  }
  EXPECT_GT(count(Fate::kTxHeld), 0U);
  EXPECT_EQ(count(Fate::kTxHeldTimeout), 0U);
  ClientSocket asking(*network_, at("10.1.0.2", 6000), at("10.1.0.1", 5060));
  asking.send("away 10.1.0.77");
  usleep(600'000);
  EXPECT_EQ(count(Fate::kTxHeldTimeout), 1U);
}

TEST_F(KernelTest, RoutesAreTheKernels) {
  ASSERT_TRUE(network_->there("ip addr add 192.0.2.5/32 dev lo"));
  ClientSocket far(*network_, at("192.0.2.5", 6000), at("10.1.0.1", 5060));
  far.send("echo");
  EXPECT_EQ(far.receive(200), std::nullopt);
  EXPECT_EQ(count(Fate::kTxNoRoute), 1U);
  ASSERT_TRUE(network_->here("ip route add 192.0.2.0/24 via 10.1.0.2"));
  EXPECT_EQ(far.ask("echo"), "echo");
  ASSERT_TRUE(network_->here("ip route del 192.0.2.0/24 via 10.1.0.2"));
  usleep(50'000);
  far.send("echo");
  EXPECT_EQ(far.receive(200), std::nullopt);
}

// A route that takes another's place is told of, the one that went is not.
TEST_F(KernelTest, ARouteThatMovedToAnotherInterfaceIsNoneOfOurs) {
  ASSERT_TRUE(network_->there("ip addr add 192.0.2.5/32 dev lo"));
  ASSERT_TRUE(network_->here("ip link add other type veth peer name beyond && "
                             "ip link set other up && ip link set beyond up && "
                             "ip addr add 172.16.0.1/24 dev other"));
  ASSERT_TRUE(network_->here("ip route add 192.0.2.0/24 via 10.1.0.2"));
  ClientSocket far(*network_, at("192.0.2.5", 6000), at("10.1.0.1", 5060));
  EXPECT_EQ(far.ask("echo"), "echo");
  ASSERT_TRUE(network_->here("ip route replace 192.0.2.0/24 via 172.16.0.2"));
  usleep(50'000);
  far.send("echo");
  EXPECT_EQ(far.receive(200), std::nullopt);
  EXPECT_EQ(count(Fate::kTxNoRoute), 1U);
  EXPECT_TRUE(network_->here("ip link del other"));
}

// Of routes to the same place the one of the lowest metric is taken, also when it has several ways.
TEST_F(KernelTest, ARouteOfSeveralWaysKeepsItsMetric) {
  ASSERT_TRUE(network_->there("ip addr add 192.0.2.5/32 dev lo"));
  ASSERT_TRUE(network_->here("ip route add 192.0.2.0/24 metric 200 nexthop via 10.1.0.77 nexthop via 10.1.0.78"));
  ASSERT_TRUE(network_->here("ip route add 192.0.2.0/24 via 10.1.0.2 metric 100"));
  ClientSocket far(*network_, at("192.0.2.5", 6000), at("10.1.0.1", 5060));
  EXPECT_EQ(far.ask("echo"), "echo");
  EXPECT_TRUE(network_->here("ip route flush 192.0.2.0/24"));
}

TEST_F(KernelTest, ThreeWorkersShareTheTraffic) {
  begin(3);
  for (uint16_t port = 7000; port < 7040; ++port) {
    for (const std::string family : {"10.1.0.", "fd00::"}) {
      ClientSocket client(*network_, at(family + "2", port), at(family + "1", 5060));
      EXPECT_TRUE(client.ask("own " + std::to_string(port % 3))) << port;
    }
  }
  for (unsigned worker = 0; worker < 3; ++worker) {
    EXPECT_GT(dataplane_->fates(worker)[static_cast<size_t>(Fate::kRxToShard)], 5U) << worker;
  }
  EXPECT_GT(count(Fate::kHandedOff), 20U);
  const std::string bytes = "echo" + std::string(6000, 'x');
  for (uint16_t port = 7100; port < 7110; ++port) {
    EXPECT_EQ(ClientSocket(*network_, at("10.1.0.2", port), at("10.1.0.1", 5060)).ask(bytes), bytes);
    EXPECT_EQ(ClientSocket(*network_, at("fd00::2", port), at("fd00::1", 5060)).ask(bytes), bytes);
  }
}

TEST_F(KernelTest, AnXdpSocketDoesTheSame) {
  // One queue for three workers: datagrams are spread, answers go out by the worker that has the queue.
  // It wants a veth of one queue on which nobody leaves work to hardware.
  const auto offloads = [](const std::string& state) {
    const std::string command = " tx " + state + " >/dev/null";
    return network_->here("ethtool -K v0" + command) && network_->there("ethtool -K v1" + command);
  };
  ASSERT_TRUE(offloads("off"));
  begin(3, "net_af_xdp0,iface=v0");
  for (uint16_t port = 7000; port < 7020; ++port) {
    for (const std::string family : {"10.1.0.", "fd00::"}) {
      ClientSocket client(*network_, at(family + "2", port), at(family + "1", 5060));
      EXPECT_EQ(client.ask("echo"), "echo") << family << port;
    }
  }
  EXPECT_GT(count(Fate::kSpread), 10U);
  for (const std::string family : {"10.1.0.", "fd00::"}) {
    const std::string bytes = "echo" + std::string(6000, 'x');
    EXPECT_EQ(ask(family + "2", family + "1", bytes), bytes) << family;
    ClientSocket ping(*network_, at(family + "2", 0), at(family + "1", 0), ClientSocket::Kind::kEcho);
    EXPECT_TRUE(ping.ping(5000)) << family;
  }
  EXPECT_TRUE(offloads("on"));
}

}  // namespace
}  // namespace vedette::tests
