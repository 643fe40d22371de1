// One shard: everything about the addresses of record of its partitions. It has no I/O, reads no clock and
// takes no lock; given the same doors, instants and random seed it does the same again.
//
// Doors in: a datagram, a message from another shard, a message from the control thread, the passing of
// time. Way out: the Outbox that the caller lends. One thread at a time, the worker that owns it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <string_view>

#include "engine/base/time.h"
#include "engine/config.h"
#include "engine/control_message.h"
#include "engine/counters.h"
#include "engine/flow.h"
#include "engine/hashes.h"
#include "engine/outbox.h"
#include "engine/partition.h"
#include "engine/text_store.h"

namespace vedette::engine {

// What a shard needs of the outside. The pointers outlive the shard.
struct ShardEnvironment {
  ShardIndex index;
  const PartitionMap* partitions = nullptr;
  const EngineConfig* config = nullptr;
  Hashes hashes;
  std::array<uint8_t, 32> random_seed{};                   // Unpredictable in production, the seed in a simulation.
  std::pmr::memory_resource* documents = nullptr;          // The shard's arena for text of varying size.
  // Asks `documents` for memory and gives null when it has none, which allocate() may not. Null: it always has.
  TryAllocate try_allocate = nullptr;
  NonceKey nonce_key;
};

struct Datagram {
  std::string_view bytes;
  Flow flow;
};

struct PeerMessage {
  PeerKind kind = PeerKind::kDatagram;
  std::string_view bytes;
  Flow flow;
  Reason verdict = Reason::kNone;          // kVerified only: kNone, or why its Identity is not believed.
};

// What became of a datagram. hand_off: it belongs to another shard; the caller gives it to that one's
// on_peer (PeerKind::kDatagram) unchanged. verify: its Identity has to be verified; the caller sees to it and gives it
// to this shard's on_peer again (PeerKind::kVerified). Nothing else has happened to it in either case.
struct DatagramFate {
  bool hand_off = false;
  bool verify = false;
  ShardIndex owner{};
};

class Shard {
 public:
  explicit Shard(const ShardEnvironment& environment);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  // The most slots that one call of on_datagram, on_peer or on_control may fill: the caller lends at least
  // as many. on_time fills what it gets.
  static constexpr size_t kOutputsPerCallMax = 4;

  DatagramFate on_datagram(Instant now, const Datagram& datagram, Outbox& out);
  // How long what on_datagram is given next has waited, at most: once a turn. It decides what is turned away.
  void on_delay(Instant now, Duration delay);
  // Of a datagram as on_datagram, but that it is this shard's.
  DatagramFate on_peer(Instant now, const PeerMessage& message, Outbox& out);
  void on_control(Instant now, const ControlMessage& message, Outbox& out);
  // Fires timers that are due, sends NOTIFYs that wait, goes on with fan-outs and listings. Bounded work.
  void on_time(Instant now, Outbox& out);
  // When on_time has something to do again; `now` or earlier when it has work left. Instant::never() when idle.
  Instant next_deadline() const;

  const Counters& counters() const;
  uint32_t subscription_count() const;
  // Walks every record and aborts at the first broken invariant: the state table in executable form. For tests.
  void check_invariants() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Bytes that a shard with these limits reserves at start, without the arena.
uint64_t shard_bytes(const Limits& limits);

}  // namespace vedette::engine
