// The engine as production runs it - poll loop, worker, shard, with all checks, limits and timers - inside of this
// process, on a port made of rings. The generator's thread stands in for the control thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dataplane/config.h"
#include "dataplane/dataplane.h"
#include "engine/config.h"
#include "tools/storm/plan.h"
#include "tools/storm/ring_wire.h"

namespace vedette::storm {

struct HostShape {
  unsigned workers = 1;
  std::string cpus = "auto";     // Of the workers.
  dataplane::IdleMode idle = dataplane::IdleMode::kSleep;
  bool spreads = false;          // Over the workers' queues by address, as a NIC does; else each owner has its own.
  double pace_seconds = 0;       // Least time between two NOTIFYs of a subscription.
};

class EngineHost {
 public:
  // Limits are what the plan needs and a little more. Throws SetupError.
  EngineHost(const HostShape& shape, const Plan& plan);
  ~EngineHost();
  EngineHost(const EngineHost&) = delete;
  EngineHost& operator=(const EngineHost&) = delete;

  void start();
  RingWire& wire() { return *wire_; }
  // Sums over all workers: the shards' counters as "engine_...", the fates of packets as "dataplane_...". Waits for
  // answers: between phases.
  std::map<std::string, int64_t> counters() const;
  // Of the poll threads since start.
  double cpu_seconds() const;
  // Of that, in turns that had work: without what spinning takes.
  double busy_seconds() const;
  uint64_t reserved_bytes() const { return dataplane_->memory_bytes(); }
  uint64_t record_bytes() const;

 private:
  HostShape shape_;
  engine::EngineConfig engine_;
  dataplane::DataplaneConfig config_;
  std::unique_ptr<RingWire> wire_;
  std::unique_ptr<dataplane::Dataplane> dataplane_;
};

// What of this process is in memory.
uint64_t resident_bytes();
// Processor time of these processes, with all their threads; who is gone counts for nothing.
double cpu_seconds_of(const std::vector<int>& pids);

}  // namespace vedette::storm
