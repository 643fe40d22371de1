// The control thread over real mailboxes, with each shard on a thread of its own: keys arrive in order,
// answers whole, while small rings are full all the time. A program of its own, because DPDK's EAL is brought
// up. Meant for ThreadSanitizer, too.
#include <gtest/gtest.h>
#include <spdlog/sinks/null_sink.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <thread>

#include "dataplane/eal.h"
#include "dataplane/mailbox.h"
#include "engine/control/control_thread.h"
#include "engine/control/shard_queries.h"
#include "engine/control/workers.h"

namespace vedette::control {
namespace {

using namespace std::chrono_literals;
using Kind = engine::ControlMessage::Kind;
using RowKind = engine::ControlReplyHeader::Kind;

constexpr unsigned kShards = 3;
constexpr unsigned kRowsOfAListing = 100;  // Several times what a ring holds.

// The mailboxes are real; the rest of the dataplane is not there.
class MailboxWorkers final : public Workers {
 public:
  explicit MailboxWorkers(const dataplane::DataplaneConfig& config) {
    for (unsigned i = 0; i < kShards; ++i) mailboxes_[i] = std::make_unique<dataplane::Mailbox>(i, config);
  }
  dataplane::Mailbox& mailbox(unsigned worker) { return *mailboxes_[worker]; }

  unsigned count() const override { return kShards; }
  bool try_send(unsigned worker, const engine::ControlMessage& message) override {
    return mailboxes_[worker]->try_send(message);
  }
  bool try_receive(unsigned worker, dataplane::ControlRecord& record) override {
    return mailboxes_[worker]->try_receive(record);
  }
  dataplane::FateCounts fates(unsigned) const override { return {}; }
  dataplane::FateCounts service_fates() const override { return {}; }
  std::vector<dataplane::PortStatus> ports() const override { return {}; }
  uint64_t memory_bytes() const override { return 0; }
  dataplane::PortRules drop_at_ports(const engine::AddressPrefix&) override { return {}; }
  void admit_at_ports(const engine::AddressPrefix&) override {}
  bool try_to_shard(dataplane::StreamWay, const dataplane::StreamMessage&) override { return false; }
  bool try_from_shard(dataplane::StreamWay, std::string&, engine::Flow&) override { return false; }
  bool try_take_unverified(unsigned, std::string&, engine::Flow&) override { return false; }
  bool try_give_verdict(unsigned, const dataplane::StreamMessage&) override { return false; }
  void service() override {}

 private:
  std::array<std::unique_ptr<dataplane::Mailbox>, kShards> mailboxes_;
};

// A shard's side of a mailbox: posts what fits and goes on next turn, as the poll loop does.
class ShardThread {
 public:
  ShardThread(dataplane::Mailbox& mailbox, unsigned index)
      : mailbox_(mailbox), index_(index), thread_([this] { run(); }) {}
  ~ShardThread() {
    stop_ = true;
    thread_.join();
  }
  ShardThread(const ShardThread&) = delete;
  ShardThread& operator=(const ShardThread&) = delete;

  std::atomic<int> keys = 0;
  std::atomic<int> keys_out_of_order = 0;

 private:
  void run() {
    engine::ControlMessage message;
    while (!stop_) {
      if (!mailbox_.try_take(message)) {
        std::this_thread::sleep_for(100us);
      } else if (message.kind == Kind::kNonceKeys) {
        on_keys(message);
      } else {
        answer(message);
      }
    }
  }
  void on_keys(const engine::ControlMessage& message) {
    if (keys > 0 && (message.previous.id != last_.id || message.previous.secret != last_.secret))
      ++keys_out_of_order;
    last_ = message.current;
    ++keys;
  }
  void answer(const engine::ControlMessage& message) {
    const unsigned rows = message.kind == Kind::kListWatchers ? kRowsOfAListing : 0;
    for (unsigned row = 0; row < rows; ++row) post(message.query, RowKind::kWatcher, row);
    if (message.kind == Kind::kSummary || message.kind == Kind::kQuiesce)
      post(message.query, RowKind::kSummary, 7);
    post(message.query, RowKind::kEnd, 0);
  }
  void post(uint32_t query, RowKind kind, unsigned row) {
    dataplane::ControlRecord record{};
    record.header = {kind, query, engine::ShardIndex{static_cast<uint16_t>(index_)}};
    record.length =
        static_cast<uint16_t>(std::snprintf(record.bytes.data(), record.bytes.size(), "%u\t%u", index_, row));
    while (!stop_ && !mailbox_.try_post(record)) std::this_thread::yield();
  }

  dataplane::Mailbox& mailbox_;
  unsigned index_;
  engine::NonceKey last_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

class MailboxTest : public testing::Test {
 protected:
  MailboxTest() {
    config_.workers = kShards;
    config_.huge_pages = dataplane::HugePages::kNever;
    config_.control_messages_max = 4;
    config_.control_records_max = 16;
    dataplane::start_eal(config_, 16 << 20);
    workers_.emplace(config_);
    for (unsigned i = 0; i < kShards; ++i)
      shards_[i] = std::make_unique<ShardThread>(workers_->mailbox(i), i);
  }

  dataplane::DataplaneConfig config_;
  std::optional<MailboxWorkers> workers_;
  std::array<std::unique_ptr<ShardThread>, kShards> shards_;
};

TEST_F(MailboxTest, ListingsLongerThanTheRingAreWhole) {
  ShardQueries queries(*workers_);
  constexpr int kListings = 40;
  int whole = 0;
  for (int i = 0; i < kListings; ++i) {
    queries.ask(std::chrono::steady_clock::now(), {.message = {.kind = Kind::kListWatchers}},
                [&](const ShardAnswer& answer) {
                  std::array<unsigned, kShards> next{};
                  bool in_order = true;
                  for (const ShardRow& row : answer.rows) {
                    char wanted[32];
                    std::snprintf(wanted, sizeof wanted, "%u\t%u", row.shard.value, next[row.shard.value]++);
                    in_order = in_order && row.text == wanted;
                  }
                  if (in_order && answer.silent.empty() && answer.rows_total == kShards * kRowsOfAListing)
                    ++whole;
                });
  }
  const auto patience = std::chrono::steady_clock::now() + 30s;
  while (queries.open() > 0 && std::chrono::steady_clock::now() < patience) {
    queries.on_turn(std::chrono::steady_clock::now());
    std::this_thread::yield();
  }
  EXPECT_EQ(whole, kListings);
}

TEST_F(MailboxTest, EveryShardGetsEveryKeyInOrderUntilTheEnd) {
  ControlConfig config;
  config.admin_socket = testing::TempDir() + "vedette-mailbox-" + std::to_string(getpid()) + ".sock";
  config.nonce_key_lifetime = engine::Duration::milliseconds(2);
  NonceKeys keys;
  Log log(LogFormat::kText, LogLevel::kError, std::make_shared<spdlog::sinks::null_sink_st>());
  ControlThread control(config, *workers_, keys, log);
  std::thread thread([&] { control.run(); });
  const auto patience = std::chrono::steady_clock::now() + 30s;
  for (const auto& shard : shards_) {
    while (shard->keys < 50 && std::chrono::steady_clock::now() < patience) std::this_thread::sleep_for(1ms);
  }
  control.request_stop();
  thread.join();
  for (const auto& shard : shards_) {
    EXPECT_GE(shard->keys, 50);
    EXPECT_EQ(shard->keys_out_of_order, 0);
  }
}

}  // namespace
}  // namespace vedette::control
