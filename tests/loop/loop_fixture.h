// A dataplane with fake shards over one loop port: the base of the tests in this folder.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>

#include "dataplane/config_check.h"
#include "dataplane/dataplane.h"
#include "dataplane/eal.h"
#include "tests/loop/loop_port.h"
#include "tests/support/frames.h"

namespace vedette::tests {

inline engine::IpAddress ip(const std::string& text) {
  engine::IpAddress address;
  EXPECT_TRUE(engine::IpAddress::parse(text, address)) << text;
  return address;
}

// Not a hash: the fake shard needs none.
inline void no_md5(void*, std::span<const std::string_view>, engine::Md5Digest& out) { out.fill(1); }
inline void no_sha256(void*, std::span<const std::string_view>, engine::Sha256Digest& out) { out.fill(2); }

inline dataplane::ShardSupply fake_supply(const engine::EngineConfig& config) {
  dataplane::ShardSupply supply;
  supply.engine = &config;
  supply.hashes = [](unsigned) { return engine::Hashes{no_md5, no_sha256, nullptr}; };
  return supply;
}

class LoopTest : public testing::Test {
 protected:
  // A test's own wishes first, then begin().
  LoopTest() {
    config_.huge_pages = dataplane::HugePages::kNever;
    config_.memory_mb = 512;  // For every test of this process: the EAL starts once.
    config_.mbufs_per_worker = 1024;
    config_.idle = dataplane::IdleMode::kYield;
    engine_.limits.document_bytes_max = 1 << 20;
    dataplane::start_eal(config_, 0);
  }
  void begin(LoopPort::Queues queues) {
    static int number = 0;
    loop_ = std::make_unique<LoopPort>("loop" + std::to_string(number++), queues);
    config_.ports = {dataplane::PortConfig{.name = "loop",
                                           .device = loop_->device(),
                                           .addresses = {"10.1.0.1/24", "fd00::1/64"},
                                           .peer_mac = "02:00:00:00:00:02"}};
    dataplane_ = std::make_unique<dataplane::Dataplane>(config_, fake_supply(engine_));
    dataplane_->start();
  }
  ~LoopTest() override {
    dataplane_.reset();
    loop_.reset();
  }

  // From client number `client` to us.
  Addressing way(bool v4, unsigned client = 2, uint16_t port = 6000) {
    const std::string number = std::to_string(client);
    Addressing way;
    EXPECT_TRUE(dataplane::parse_mac(dataplane_->ports()[0].mac, way.to_mac));
    way.from_mac = {{2, 0, 0, 0, 0, 2}};
    way.to = {ip(v4 ? "10.1.0.1" : "fd00::1"), 5060};
    way.from = {ip(v4 ? "10.1.0." + number : "fd00::" + number), port};
    return way;
  }
  static Addressing back(const Addressing& way) { return {way.from_mac, way.to_mac, way.from, way.to}; }
  uint64_t count(dataplane::Fate fate) const {
    uint64_t sum = 0;
    for (unsigned worker = 0; worker < dataplane_->workers(); ++worker) {
      sum += dataplane_->fates(worker)[static_cast<size_t>(fate)];
    }
    return sum;
  }
  // Waits up to a second for it.
  void expect_count(dataplane::Fate fate, uint64_t expected) {
    for (int i = 0; i < 1000 && count(fate) < expected; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_EQ(count(fate), expected) << dataplane::to_string(fate);
  }
  // The next frame out, with the IPv4 identification (which is the worker's own) made 7 as in frames by hand.
  std::optional<std::string> take_plain() {
    std::optional<std::string> frame = loop_->take();
    if (!frame || frame->size() < 34 || (*frame)[12] != '\x08') return frame;
    std::string& bytes = *frame;
    bytes.replace(18, 2, be16(7));
    bytes.replace(24, 2, be16(0));
    bytes.replace(24, 2, be16(0xffffU & ~unsigned{ones_sum(bytes.substr(14, 20))}));
    return frame;
  }

  dataplane::DataplaneConfig config_;
  engine::EngineConfig engine_;
  std::unique_ptr<LoopPort> loop_;
  std::unique_ptr<dataplane::Dataplane> dataplane_;
};

}  // namespace vedette::tests
