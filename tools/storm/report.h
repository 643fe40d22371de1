// What a run came to: a flat object of figures for programs, a table for people, and what did not hold.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tools/storm/storm.h"

namespace vedette::storm {

struct RunReport {
  std::string server;            // "in-process", or where it is.
  std::vector<PhaseReport> phases;
  uint64_t subscriptions = 0;    // Live at the end.
  uint64_t wanted_subscriptions = 0;
  uint64_t untold = 0;
  uint64_t waiting = 0;          // Requests, at the end.
  uint64_t fan_outs_open = 0;
  uint64_t damaged = 0;
  uint64_t not_taken = 0;
  uint64_t generator_bytes = 0;
  std::string attack;            // Which; what of it was sent, and what came back.
  uint64_t attack_sent = 0, attack_answered = 0;
  int64_t attack_grown = 0;      // Bytes of this process that are in memory since it began.
  uint64_t resident_before = 0, resident_after = 0;    // In-process: without and with the engine and what it keeps.
  uint64_t record_bytes = 0, reserved_bytes = 0;
  std::map<std::string, int64_t> engine;               // Its counters at the end, and the dataplane's.
};

nlohmann::ordered_json figures_of(const RunReport& report, const Plan& plan);
std::string table_of(const RunReport& report);

// What must hold in this workload and did not, a sentence each. `late_share_max` of the responses may come after T1.
std::vector<std::string> broken_promises(const RunReport& report, const Plan& plan, double late_share_max);

}  // namespace vedette::storm
