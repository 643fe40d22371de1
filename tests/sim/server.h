// The server under test: real shards joined by small hand-off rings, turned as their workers would turn them.
// Datagrams arrive at a random shard, so that most are handed off; a full queue or ring drops, as in production.
#pragma once

#include <deque>
#include <initializer_list>
#include <memory>
#include <memory_resource>
#include <unordered_map>
#include <vector>

#include "engine/base/check.h"
#include "engine/shard.h"
#include "tests/sim/laws.h"
#include "tests/sim/stage.h"

namespace vedette::sim {

// A shard's arena: counts what is out, to see at the end that all of it came back. Like the real one it takes
// everything back when it goes itself: a process that is killed returns nothing.
class Arena : public std::pmr::memory_resource {
 public:
  Arena() = default;
  ~Arena() override {
    for (const auto& [memory, block] : blocks_)
      std::pmr::new_delete_resource()->deallocate(memory, block.bytes, block.alignment);
  }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  uint64_t bytes_out() const { return bytes_out_; }

 private:
  struct Block {
    size_t bytes = 0;
    size_t alignment = 0;
  };
  void* do_allocate(size_t bytes, size_t alignment) override {
    void* memory = std::pmr::new_delete_resource()->allocate(bytes, alignment);
    blocks_[memory] = {bytes, alignment};
    bytes_out_ += bytes;
    return memory;
  }
  void do_deallocate(void* memory, size_t bytes, size_t alignment) override {
    VEDETTE_CHECK(blocks_.erase(memory) == 1);
    bytes_out_ -= bytes;
    std::pmr::new_delete_resource()->deallocate(memory, bytes, alignment);
  }
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override { return this == &other; }

  std::unordered_map<void*, Block> blocks_;
  uint64_t bytes_out_ = 0;
};

struct ServerDrops {
  uint64_t rx_queue = 0;
  uint64_t peer_ring = 0;
};

class Server : public Receiver {
 public:
  Server(Stage& stage, const engine::EngineConfig& config, Laws& laws, Random random);
  ~Server() override;

  void on_packet(const Packet& packet) override;
  // The process dies and another one starts: all state is lost.
  void restart();
  // The control thread's part: new nonce keys, and now and then a question.
  void rotate_nonce_keys();
  // As an operator would.
  void end_watchers(std::string_view aor, engine::EndReason reason);
  void ask(engine::ControlMessage::Kind kind, std::string_view aor);
  // Loads a document of rules (RFC 4745) for an AOR; an empty one removes those that there are. False when that was
  // refused, or there were none.
  bool change_rules(std::string_view aor, const std::string& document);
  // The same with hard state (RFC 3903 §2); no lifetime: it stays.
  bool change_hard_state(std::string_view aor, const std::string& document, engine::Duration lifetime = {});

  unsigned shard_count() const { return static_cast<unsigned>(workers_.size()); }
  uint32_t subscription_count() const;
  void check_invariants() const;
  uint64_t arena_bytes_out() const;
  engine::Counters counters() const;       // Summed over the shards of this life and of earlier ones.
  const ServerDrops& drops() const { return drops_; }

 private:
  void tell(engine::ControlMessage message, std::string_view aor);
  // To the owner of the AOR. How much these counters have grown by it.
  uint64_t tell_owner(engine::ControlMessage message, std::string_view aor,
                      std::initializer_list<engine::Counter> counters);
  void tell_shard(size_t index, engine::ControlMessage message, std::string_view aor);
  // Exactly as many bytes as there are, so that a sanitizer sees a read past their end.
  struct Bytes {
    explicit Bytes(std::string_view text) : size(text.size()), memory(new char[text.size() + (text.empty() ? 1 : 0)]) {
      text.copy(memory.get(), size);
    }
    std::string_view view() const { return {memory.get(), size}; }
    size_t size;
    std::unique_ptr<char[]> memory;
  };
  struct Arrived {
    Bytes bytes;
    engine::Flow flow;
    bool corrupted = false;
  };
  struct Handed {
    engine::PeerKind kind;
    Bytes bytes;
    engine::Flow flow;
    bool corrupted = false;
  };
  struct Worker {
    std::unique_ptr<Arena> arena;
    std::unique_ptr<engine::Shard> shard;
    std::deque<Arrived> rx;
    std::deque<Handed> handed;             // All its hand-off rings' entries, in order of arrival.
    std::vector<size_t> handed_from;       // How many of them came from each other shard.
    std::deque<uint16_t> handed_source;    // The shard that each of them came from.
    engine::Instant wakes_at = engine::Instant::never();
    uint64_t wake_number = 0;              // Tells the wake-up that counts from those that were overtaken.
    engine::Instant stalled_until;         // Its core is busy elsewhere.
    uint64_t documents_refused = 0;        // Refusals for want of room for a document, as counted by the shard.
    unsigned idle_turns = 0;               // Turns in a row with work claimed and nothing done.
  };

  void start_shards();
  void wake(size_t index, engine::Instant when);
  void turn(size_t index);
  void note_starvation(Worker& worker);
  bool take_handed(Worker& worker, size_t index);
  bool take_arrived(Worker& worker, size_t index);
  void hand(size_t from, engine::ShardIndex to, Handed handed);
  // Gives everything in the outbox to where it belongs.
  bool drain(size_t index, engine::Outbox& out);
  engine::Outbox lend(size_t slots);

  Stage& stage_;
  const engine::EngineConfig& config_;
  Laws& laws_;
  Random random_;
  engine::PartitionMap partitions_;
  engine::NonceKey nonce_key_;
  engine::NonceKey previous_nonce_key_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<char> buffers_;
  std::vector<engine::OutSlot> slots_;
  std::vector<engine::Counters> past_counters_;
  uint64_t lives_ = 0;
  uint32_t queries_ = 0;
  ServerDrops drops_;
};

}  // namespace vedette::sim
