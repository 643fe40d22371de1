// The command line of sipstorm, and the plan that it comes to.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "tools/storm/engine_host.h"
#include "tools/storm/plan.h"

namespace vedette::storm {

struct Options {
  Plan plan;
  std::string workload = "C";
  uint32_t users = 1'000;
  uint32_t presentities = 0;                           // 0: all users.
  int64_t contacts = -1, crowd = -1, body_bytes = -1;  // Below 0: the workload's.
  HostShape host;
  std::string idle = "sleep";
  std::string udp;                                     // The server; empty: the engine in this process.
  std::string udp_from = "0.0.0.0:0";
  std::vector<int> server_pids;
  std::string json;
  std::string attack;                                  // Of AttackKind; empty: none.
  double late_share_max = 0.01;
  bool list = false, quiet = false, no_register = false;
};

void add_options(CLI::App& app, Options& options);

// Throws std::invalid_argument, whose text says what to do.
Plan plan_of(const Options& options);

}  // namespace vedette::storm
