// Which of the networks under a verdict (flood_watch.h) the ports themselves drop, so that a flood costs no worker
// anything. A port cannot tell who has proved himself, so it is asked only where that makes no difference: strangers
// from there are let in one of a hundred at most as it is, by every shard, nobody there has proved himself to any
// shard, and neither a trusted source nor a peer is there. It ends with the verdict. Control thread only.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "engine/control/config.h"
#include "engine/control/log.h"
#include "engine/control/shard_queries.h"
#include "engine/control/workers.h"

namespace vedette::control {

class PortDrops {
 public:
  // What strangers from a network under a verdict send now, a second, by its prefix.
  struct Flood {
    uint64_t to_all = 0;
    uint64_t to_least = 0;         // To the shard that gets the least of it.
  };
  using Floods = std::map<std::string, Flood>;

  // All outlive this.
  PortDrops(const FloodPolicy& policy, Workers& workers, ShardQueries& queries, Log& log)
      : policy_(policy), workers_(workers), queries_(queries), log_(log) {}

  unsigned shards() const { return workers_.count(); }
  // All networks that are under a verdict, once a second.
  void on_verdicts(SteadyTime now, Floods floods);
  // How many ports drop what comes from there.
  unsigned ports_against(const std::string& prefix) const;
  // {"networks": now, "installed", "refused": since start}.
  nlohmann::ordered_json facts() const;

 private:
  // Of a network that the ports were asked for.
  struct Drop {
    engine::AddressPrefix source;
    unsigned ports = 0;            // 0: none of them can.
  };

  bool is_worth_a_rule(const std::string& prefix, const Flood& flood) const;
  void on_proven(const ShardAnswer& answer);
  void drop(const std::string& prefix);
  size_t installed_now() const;

  const FloodPolicy& policy_;
  Workers& workers_;
  ShardQueries& queries_;
  Log& log_;
  Floods floods_;
  std::map<std::string, Drop> drops_;
  std::set<std::string> unable_;   // Ports that the log has named.
  bool is_asking_ = false;
  uint64_t installed_ = 0, refused_ = 0;
};

}  // namespace vedette::control
