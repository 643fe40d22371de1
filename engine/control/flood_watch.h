// The heavy hitters of all workers together. Every second each shard says from which networks strangers send it the
// most (engine/admission/heavy_prefixes.h); one that sends too much to all of them gets a verdict, which every shard is
// told of (engine/admission/prefix_verdicts.h), until it has sent less for a while. Time is handed in. Control thread
// only.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/control/config.h"
#include "engine/control/log.h"
#include "engine/control/port_drops.h"
#include "engine/control/shard_queries.h"

namespace vedette::control {

class FloodWatch {
 public:
  static constexpr std::chrono::seconds kInterval{1};

  // All outlive this.
  FloodWatch(const FloodPolicy& policy, Workers& workers, ShardQueries& queries, Log& log)
      : policy_(policy), queries_(queries), log_(log), drops_(policy, workers, queries, log) {}

  void on_turn(SteadyTime now);
  // What operators are shown: {"networks": [{"prefix", "datagrams_per_second"}], "verdicts": [the same,
  // "limit_per_second" of each worker, "seconds_left", "dropped_by_ports"], "verdicts_made", "port_drops":
  // PortDrops::facts}. Heaviest first; of networks 32.
  nlohmann::ordered_json facts(SteadyTime now) const;

 private:
  struct Verdict {
    uint64_t per_second = 0;       // What it sent lately.
    SteadyTime until;
  };

  void on_report(const ShardAnswer& answer);
  // True when there is one more, or another in the place of one that was less needed.
  bool condemn(const std::string& prefix, uint64_t per_second);
  void tell_shards();
  void tell_ports();

  const FloodPolicy& policy_;
  ShardQueries& queries_;
  Log& log_;
  SteadyTime now_;
  SteadyTime asked_;
  bool is_asking_ = false;
  std::map<std::string, uint64_t> networks_;   // Datagrams a second, as of the last report,
  std::map<std::string, std::vector<uint64_t>> to_shards_;   // and of those that shards have said, to each.
  std::map<std::string, Verdict> verdicts_;
  uint64_t verdicts_made_ = 0;
  PortDrops drops_;
};

}  // namespace vedette::control
