// One poll thread's whole state: its shard, its ends of the ports and rings, its counters. Made by start-up;
// from start to stop nobody but its own thread touches it, except where it says so.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "dataplane/arena.h"
#include "dataplane/buffers.h"
#include "dataplane/clock.h"
#include "dataplane/config.h"
#include "dataplane/fragments.h"
#include "dataplane/handoff.h"
#include "dataplane/held_datagrams.h"
#include "dataplane/idle.h"
#include "dataplane/kernel_rings.h"
#include "dataplane/mailbox.h"
#include "dataplane/out_buffers.h"
#include "dataplane/port.h"
#include "dataplane/quiesce.h"
#include "dataplane/reassembly.h"
#include "dataplane/standing_queue.h"
#include "dataplane/stats.h"
#include "dataplane/stream_rings.h"
#include "engine/shard.h"

namespace vedette::dataplane {

inline constexpr uint16_t kBurst = 32;

// A worker's end of one port.
struct PortEnd {
  const Port* port = nullptr;
  bool receives = false;  // From queue number `worker index`.
  uint16_t tx_queue = 0;
  bool transmits = false;  // Else frames go by ring to worker `tx_worker`.
  unsigned tx_worker = 0;
  bool sends_for_kernel = false;  // Exactly one worker of each port.
  bool spreads = false;           // Fewer receive queues than workers: datagrams are spread by flow hash.
  uint16_t staged_count = 0;      // Frames for the next transmit burst.
  std::array<rte_mbuf*, kBurst> staged{};
};

// What the workers of one dataplane share. All of it outlives them.
struct WorkerSurroundings {
  const DataplaneConfig* config = nullptr;
  const engine::EngineConfig* engine = nullptr;
  const std::vector<std::unique_ptr<Port>>* ports = nullptr;
  const Buffers* buffers = nullptr;
  HandOff* hand_off = nullptr;
  KernelRings* kernel = nullptr;
  StreamRings* streams = nullptr;
  StreamRings* verification = nullptr;  // Null: no identities are checked.
  Quiesce* quiesce = nullptr;
  Clock clock;
};

struct Worker {
  Worker(unsigned index, const WorkerSurroundings& around, const engine::ShardEnvironment& environment);
  ~Worker();

  // Every turn.
  const unsigned index;
  const WorkerSurroundings& around;
  const ForwardingTable* table = nullptr;  // Renewed each turn; owned by quiesce.
  std::vector<PortEnd> ports;
  OutBuffers out;
  std::unique_ptr<Arena> arena;
  std::unique_ptr<engine::Shard> shard;
  Idle idle;
  StandingQueue queue;

  // Now and then.
  Reassembly reassembly;
  HeldDatagrams held;
  const ForwardingTable* held_tried_with = nullptr;  // The table of the last attempt to send what is held.
  std::vector<bool> reported;  // Stale neighbours of `table` that the kernel was told about.
  uint16_t ipv4_id = 0;        // Different on each worker: they share source addresses.
  uint32_t ipv6_fragment_id = 0;

  // Shared: written by this thread, read by the control thread.
  FateCounters fates;
  Mailbox mailbox;  // The worker's side is this thread's.
};

}  // namespace vedette::dataplane
