// A shard (or several, joined as the dataplane joins them) on a bench: text in, text out, time by hand. For tests
// that climb a ladder of messages. Hash functions are fakes, unless a test
// is about digests and brings its own.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/shard.h"

namespace vedette::support {

struct Sent {
  std::string text;
  engine::Flow flow;
  std::string first_line() const { return text.substr(0, text.find("\r\n")); }
  // The value of the first header field of that name; empty when absent.
  std::string header(std::string_view name) const;
  std::string body() const { return text.substr(text.find("\r\n\r\n") + 4); }
};

// A domain "example.com" that believes everybody, intervals down to 10 s.
engine::EngineConfig bench_config();
engine::Hashes bench_hashes();
engine::Flow bench_flow(std::string_view remote_address, uint16_t remote_port = 5060);

class ShardBench {
 public:
  explicit ShardBench(engine::EngineConfig config = bench_config(), unsigned shards = 1,
                      const engine::Hashes& hashes = bench_hashes());

  // Delivers a datagram to shard `at` and lets everything happen that follows at once. Line ends of `text` are
  // "\n" and become CRLF; a missing Content-Length is added.
  std::vector<Sent> send(std::string_view text, std::string_view from = "192.0.2.1", unsigned at = 0);
  std::vector<Sent> send_raw(std::string_view bytes, const engine::Flow& flow, unsigned at = 0);
  // Lets time pass, timer by timer; gives what was sent meanwhile.
  std::vector<Sent> advance(engine::Duration duration);
  // 200 (or another status) to a NOTIFY, from where it was sent to.
  std::vector<Sent> answer(const Sent& notify, std::string_view status = "200 OK", std::string_view headers = {});
  // A message for a connection that is gone comes back, as the control thread does it.
  std::vector<Sent> give_back(const Sent& notify);
  // A connection is gone, as the control thread tells every shard.
  std::vector<Sent> lose(const engine::Flow& flow);
  // How many requests wait for somebody to verify their Identity; the verdict on the one that has waited longest.
  size_t unverified() const { return unverified_.size(); }
  std::vector<Sent> give_verdict(engine::Reason verdict);
  std::vector<std::string> ask(engine::ControlMessage::Kind kind, std::string_view aor = {});
  // What an operator does; gives what was sent for it.
  std::vector<Sent> end_watchers(std::string_view aor, engine::EndReason reason);
  // A document of rules for an AOR, compiled as control does it; an empty one removes what there was. What the shard
  // says of it is in rows().
  std::vector<Sent> load_rules(std::string_view aor, std::string_view document);
  // The same with hard state; no lifetime: until it is removed.
  std::vector<Sent> set_hard_state(std::string_view aor, std::string_view document, engine::Duration lifetime = {});
  const std::vector<std::string>& rows() const { return rows_; }

  engine::Instant now() const { return now_; }
  engine::Shard& shard(unsigned i = 0) { return *shards_[i]; }
  uint64_t count(engine::Counter counter) const;
  uint64_t count(engine::Reason reason) const;
  uint32_t subscriptions() const;
  void check() const;
  unsigned owner_of(std::string_view aor) const;

 private:
  void drain(engine::Outbox& out, std::vector<Sent>& sent);
  std::vector<Sent> tell(engine::ControlMessage message, std::string_view aor, std::optional<unsigned> only = {});
  void settle(std::vector<Sent>& sent);

  engine::EngineConfig config_;
  engine::PartitionMap partitions_;
  engine::Instant now_ = engine::Instant::from_unix_seconds(1'800'000'000);
  // A shard does not give its text back when it ends: its arena goes as a whole.
  std::vector<std::unique_ptr<std::pmr::unsynchronized_pool_resource>> arenas_;
  std::vector<std::unique_ptr<engine::Shard>> shards_;
  std::deque<std::pair<unsigned, std::pair<engine::PeerMessage, std::string>>> peers_;
  struct Unverified {
    unsigned shard;
    std::string bytes;
    engine::Flow flow;
  };
  std::deque<Unverified> unverified_;
  std::vector<std::string> rows_;
  std::vector<std::vector<char>> buffers_;
  std::vector<engine::OutSlot> slots_;
};

}  // namespace vedette::support
