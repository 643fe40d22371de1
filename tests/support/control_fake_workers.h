// Stands in for the dataplane: shards that answer as they are told to, through rings that can be full. One
// thread, except where a test gives each shard a thread of its own and the rings a lock.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/control/workers.h"

namespace vedette::control {

class FakeWorkers final : public Workers {
 public:
  using Message = engine::ControlMessage;
  using RowKind = engine::ControlReplyHeader::Kind;
  // What a shard does with a message, before the next try_receive.
  using OnMessage = std::function<void(FakeWorkers& self, unsigned worker, const Message& message)>;

  FakeWorkers(unsigned count, OnMessage on_message) : on_message_(std::move(on_message)), rings_(count) {}

  void reply(unsigned worker, uint32_t query, RowKind kind, std::string_view text) {
    dataplane::ControlRecord record{};
    record.header = {kind, query, engine::ShardIndex{static_cast<uint16_t>(worker)}};
    record.length = static_cast<uint16_t>(text.size());
    std::copy(text.begin(), text.end(), record.bytes.begin());
    const std::lock_guard lock(mutex_);
    rings_[worker].records.push_back(record);
  }
  void end(unsigned worker, uint32_t query) { reply(worker, query, RowKind::kEnd, ""); }

  // For shards with a thread of their own: false when nothing waits.
  bool try_take(unsigned worker, Message& message) {
    const std::lock_guard lock(mutex_);
    auto& messages = rings_[worker].messages;
    if (messages.empty()) return false;
    message = messages.front();
    messages.pop_front();
    return true;
  }

  unsigned count() const override { return static_cast<unsigned>(rings_.size()); }
  bool try_send(unsigned worker, const Message& message) override {
    {
      const std::lock_guard lock(mutex_);
      if (rings_[worker].messages.size() >= capacity) return false;
      rings_[worker].messages.push_back(message);
      sent.push_back({worker, message});
    }
    Message taken;
    if (on_message_ && try_take(worker, taken)) on_message_(*this, worker, taken);
    return true;
  }
  bool try_receive(unsigned worker, dataplane::ControlRecord& record) override {
    const std::lock_guard lock(mutex_);
    auto& records = rings_[worker].records;
    if (records.empty()) return false;
    record = records.front();
    records.pop_front();
    return true;
  }
  dataplane::FateCounts fates(unsigned worker) const override {
    dataplane::FateCounts counts{};
    counts[static_cast<size_t>(dataplane::Fate::kRxFrames)] = 100 + worker;
    return counts;
  }
  dataplane::FateCounts service_fates() const override {
    dataplane::FateCounts counts{};
    counts[static_cast<size_t>(dataplane::Fate::kRxFrames)] = 1'000;
    return counts;
  }
  std::vector<dataplane::PortStatus> ports() const override {
    dataplane::PortStatus port;
    port.name = "lan";
    port.device = "net_null0";
    return {port};
  }
  uint64_t memory_bytes() const override { return 1'234'567; }
  // One port, which takes as many rules as it is told to.
  dataplane::PortRules drop_at_ports(const engine::AddressPrefix& source) override {
    if (dropped.size() >= port_rules_max) return {0, {{"lan", "Function not implemented"}}};
    dropped.push_back(source);
    return {1, {}};
  }
  void admit_at_ports(const engine::AddressPrefix& source) override { std::erase(dropped, source); }
  bool try_to_shard(dataplane::StreamWay way, const dataplane::StreamMessage& message) override {
    const std::lock_guard lock(mutex_);
    if (to_shards.size() >= stream_capacity) return false;
    if (message.kind == engine::PeerKind::kConnectionLost) {
      losses.emplace_back(way.worker, message.flow.connection);
      return true;
    }
    to_shards.push_back({way.worker, std::string(message.bytes), message.flow, message.kind});
    return true;
  }
  bool try_from_shard(dataplane::StreamWay way, std::string& bytes, engine::Flow& flow) override {
    if (const auto happens = before_taking) happens(way);   // It may end itself.
    const std::lock_guard lock(mutex_);
    auto& waiting = rings_[way.worker].streams[way.thread];
    if (waiting.empty()) return false;
    bytes = std::move(waiting.front().first);
    flow = waiting.front().second;
    waiting.pop_front();
    return true;
  }
  // What a shard sends to a connection.
  void send_to_stream(unsigned worker, std::string bytes, const engine::Flow& flow) {
    const std::lock_guard lock(mutex_);
    const unsigned thread = dataplane::stream_thread_of(flow, stream_threads);
    rings_[worker].streams[thread].emplace_back(std::move(bytes), flow);
  }
  bool try_take_unverified(unsigned worker, std::string& bytes, engine::Flow& flow) override {
    const std::lock_guard lock(mutex_);
    auto& waiting = rings_[worker].unverified;
    if (waiting.empty()) return false;
    bytes = std::move(waiting.front().first);
    flow = waiting.front().second;
    waiting.pop_front();
    return true;
  }
  bool try_give_verdict(unsigned worker, const dataplane::StreamMessage& message) override {
    const std::lock_guard lock(mutex_);
    if (verdicts.size() >= stream_capacity) return false;
    verdicts.push_back({worker, std::string(message.bytes), message.flow, message.verdict});
    return true;
  }
  // What a shard wants verified.
  void have_verified(unsigned worker, std::string bytes, const engine::Flow& flow) {
    const std::lock_guard lock(mutex_);
    rings_[worker].unverified.emplace_back(std::move(bytes), flow);
  }
  void service() override { ++serviced; }

  struct Sent {
    unsigned worker;
    Message message;
  };
  struct Arrived {
    unsigned worker;
    std::string bytes;
    engine::Flow flow;
    engine::PeerKind kind;
  };
  struct Verdict {
    unsigned worker;
    std::string bytes;
    engine::Flow flow;
    engine::Reason verdict;
  };
  std::deque<Verdict> verdicts;           // In the order in which they were given.
  std::deque<Arrived> to_shards;          // What came from connections, in order.
  std::vector<std::pair<unsigned, uint32_t>> losses;   // Workers and the connections that they heard are gone.
  size_t stream_capacity = SIZE_MAX;
  unsigned stream_threads = 1;
  std::function<void(dataplane::StreamWay way)> before_taking;  // What shards send while a thread looks.
  std::vector<Sent> sent;  // All that went into a ring, in order.
  size_t port_rules_max = 0;
  std::vector<engine::AddressPrefix> dropped;          // By the port, in order.
  size_t capacity = 8;     // Of each ring of messages.
  int serviced = 0;

 private:
  struct Rings {
    std::deque<Message> messages;
    std::deque<dataplane::ControlRecord> records;
    std::map<unsigned, std::deque<std::pair<std::string, engine::Flow>>> streams;   // To each thread.
    std::deque<std::pair<std::string, engine::Flow>> unverified;
  };
  OnMessage on_message_;
  std::mutex mutex_;
  std::vector<Rings> rings_;
};

// A shard with two subscriptions, one presentity and a few counters.
inline void answer_as_a_shard(FakeWorkers& workers, unsigned worker, const engine::ControlMessage& message) {
  using Kind = engine::ControlMessage::Kind;
  using RowKind = FakeWorkers::RowKind;
  const uint32_t query = message.query;
  const std::string number = std::to_string(worker);
  const auto reply = [&](RowKind kind, std::string_view text) { workers.reply(worker, query, kind, text); };
  switch (message.kind) {
    case Kind::kNonceKeys: return;  // Nothing is said to that.
    // Nobody floods it.
    case Kind::kListPrefixes: case Kind::kCountProven: case Kind::kVerdicts: case Kind::kUsers: break;
    case Kind::kListWatchers:
    case Kind::kEndWatchers:
      for (const char* watcher : {"bob", "carol"}) {
        reply(RowKind::kWatcher,
              "alice@example.com\t" + std::string(watcher) +
                  "@example.com\tactive\tpresence\t3599\tsip:b@192.0.2.1\t192.0.2.1:5060\t4711\t3\t0\t" +
                  number);
      }
      break;
    case Kind::kListPresentity:
      if (std::string_view(message.aor.data(), message.aor_length) != "alice@example.com") break;
      reply(RowKind::kPresentity, "alice@example.com\tpresence\t7\t1\t1\t2\t" + number);
      reply(RowKind::kPublication, "presence\ttag1\t100\t512\t3");
      reply(RowKind::kBinding, "sip:alice@192.0.2.7\turn:uuid:1\t\t60\t192.0.2.7:5060\t1.0");
      break;
    case Kind::kLoadRules:
    case Kind::kRemoveRules:
    case Kind::kShowRules: {
      const engine::LentRules& rules = message.rules;
      const std::string_view bytes(rules.bytes, size_t{rules.rule_set_length} + rules.names_length);
      const bool is_load = message.kind == Kind::kLoadRules;
      // It takes no set of more than ten rules.
      reply(RowKind::kRules, "alice@example.com\t" + std::string(rules.rules > 10 ? "rule_set_too_long" : "") +
                                 (is_load ? "\t1800000000\t" : "\t\t") + std::to_string(bytes.size()) + "\t" +
                                 std::to_string(rules.document_bytes) + "\t" + std::to_string(rules.rules) + "\t" +
                                 std::string(bytes.substr(rules.rule_set_length)) + "\t2\t\t" + number);
      reply(RowKind::kView, "0\tallow\teverything\t2\t512");
      break;
    }
    case Kind::kSetHardState:
    case Kind::kRemoveHardState:
    case Kind::kShowHardState: {
      const engine::LentHardState& lent = message.hard_state;
      const bool is_set = message.kind == Kind::kSetHardState;
      const std::string lifetime = lent.lifetime_seconds == 0 ? "" : std::to_string(lent.lifetime_seconds);
      // It takes no document of more than 1,000 bytes.
      reply(RowKind::kHardState, "alice@example.com\t" +
                                     std::string(lent.document_bytes > 1'000 ? "body_too_long" : "") + "\t" +
                                     (is_set ? "1" : "0") + "\t" + lifetime + "\t" +
                                     std::to_string(is_set ? lent.state.bytes().size() : 0) + "\t2\t" + number);
      for (const parsers::Fragment& fragment : lent.state.fragments()) {
        reply(RowKind::kElement, "tuple\t" +
                                     std::string(lent.state.bytes().substr(fragment.offset + fragment.id_offset,
                                                                           fragment.id_length)) +
                                     "\topen\t" + std::to_string(fragment.length));
      }
      break;
    }
    case Kind::kCounters:
      reply(RowKind::kCounter, "requests_in\t5");
      reply(RowKind::kCounter, "refused_forbidden\t2");
      break;
    case Kind::kSummary:
    case Kind::kQuiesce:
      reply(RowKind::kSummary,
            number + "\t2\t1\t1\t1\t4096\t" + (message.kind == Kind::kQuiesce ? "1" : "0") + "\t3\t64\t4\t5\t32\t6");
      break;
  }
  workers.end(worker, query);
}

}  // namespace vedette::control
