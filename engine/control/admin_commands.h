// What operators may ask: a line of JSON in, a line of JSON out.
//   {"command":"watchers","aor":"alice@example.com"}
//   {"command":"rules","action":"load","aor":"alice@example.com","document":"<?xml ..."}
//   {"ok":true,"result":{...}}   or   {"ok":false,"error":"what is wrong; what to do"}
// No sockets here (admin_server.h). Control thread only.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "engine/control/identity_counters.h"
#include "engine/control/shard_queries.h"
#include "engine/control/stream_counters.h"
#include "engine/control/user_reload.h"
#include "engine/control/workers.h"
#include "engine/partition.h"

namespace vedette::control {

class AdminCommands {
 public:
  using Respond = std::function<void(std::string line)>;  // The line has its line end.
  // What only the control thread knows.
  struct Facts {
    std::function<nlohmann::ordered_json()> status;
    std::function<StreamCounters()> stream_counters;
    std::function<IdentityCounters()> identity_counters;
    std::function<nlohmann::ordered_json()> floods;
  };
  // Reads the users again.
  using ReloadDone = UserReload::Done;
  using Reload = std::function<void(ReloadDone)>;

  AdminCommands(Workers& workers, ShardQueries& queries, size_t rows_max, Facts facts, Reload reload = {});

  // Calls `respond` once, now or at a later turn.
  void on_request(SteadyTime now, std::string_view line, Respond respond);

 private:
  void status(SteadyTime now, Respond respond);
  void counters(SteadyTime now, Respond respond);
  void shards(SteadyTime now, Respond respond);
  void watchers(SteadyTime now, const std::string& aor, Respond respond);
  void end(SteadyTime now, const std::string& aor, const std::string& reason, Respond respond);
  void presentity(SteadyTime now, const std::string& aor, Respond respond);
  struct Request;
  void rules(SteadyTime now, const Request& request, Respond respond);
  void presence(SteadyTime now, const Request& request, Respond respond);
  struct Loaded;
  void change_or_show(SteadyTime now, const Loaded& loaded, Respond respond);
  void users(const Request& request, const Respond& respond);
  static std::string trouble_of(const Request& request);
  ShardQuestion question_about(engine::ControlMessage::Kind kind, const std::string& aor) const;

  Workers& workers_;
  ShardQueries& queries_;
  engine::PartitionMap partitions_;
  size_t rows_max_;
  Facts facts_;
  Reload reload_;
};

}  // namespace vedette::control
