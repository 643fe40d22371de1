// One seed's world from beginning to end: safety, liveness, wind-down, and the last look at what is left.
#pragma once

#include <cstdint>
#include <map>

#include "engine/counters.h"
#include "tests/sim/played.h"
#include "tests/sim/preset.h"
#include "tests/sim/server.h"
#include "tests/sim/trace.h"
#include "tests/sim/verdict.h"

namespace vedette::sim {

struct RunPlan {
  uint64_t seed = 1;
  const Preset* preset = nullptr;
  TracePrint print = TracePrint::kNothing;
  // How much of the story of a broken law is printed.
  size_t messages_shown = 40;
};

struct RunResult {
  bool broken = false;
  BrokenLaw law;
  uint64_t trace_hash = 0;
  uint64_t messages = 0;
  engine::Counters counters;
  ServerDrops drops;
  Played played;
  std::map<unsigned, uint64_t> answers;      // Responses that the server sent, by status.
};

// Prints the story of a broken law to standard error.
RunResult run_seed(const RunPlan& plan);

}  // namespace vedette::sim
