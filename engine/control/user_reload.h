// New users without a restart: the configuration file is read again, and every shard is given its users. A file with
// any error changes nothing. Passwords are hashed and forgotten, as at start. All else in the file waits for a
// restart. Control thread only; reading takes as long as it takes, at start-up, too.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/config.h"
#include "engine/control/log.h"
#include "engine/control/shard_queries.h"

namespace vedette::control {

class UserReload {
 public:
  struct Outcome {
    std::vector<std::string> problems;   // Why nothing has changed; empty when it has.
    size_t users = 0;
    std::vector<unsigned> silent;        // Shards that have not said that they have them: they will have.
  };
  using Done = std::function<void(const Outcome&)>;
  // Tables that shards may still look at. Another is refused while there are as many.
  static constexpr size_t kTablesMax = 4;

  UserReload(const std::string& file, ShardQueries& queries, Log& log);

  // `done` is called once, now or at a later turn.
  void reload(SteadyTime now, Done done);

 private:
  void refuse(const Done& done, std::vector<std::string> problems);

  const std::string& file_;
  ShardQueries& queries_;
  Log& log_;
  // Oldest first. Those before the newest that every shard has taken are gone.
  std::vector<std::shared_ptr<const engine::UserTable>> tables_;
};

}  // namespace vedette::control
