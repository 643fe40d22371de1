// See user_reload.h. Control thread only.
#include "engine/control/user_reload.h"

#include <algorithm>
#include <utility>

#include "engine/control/config.h"

namespace vedette::control {

UserReload::UserReload(const std::string& file, ShardQueries& queries, Log& log)
    : file_(file), queries_(queries), log_(log) {}

void UserReload::reload(SteadyTime now, Done done) {
  if (file_.empty()) return refuse(done, {"the configuration came from no file; restart with --config FILE"});
  if (tables_.size() >= kTablesMax) {
    return refuse(done, {"shards have not taken the users that were read before; try again in a moment"});
  }
  ConfigVerdict verdict = read_config_file(file_);
  if (!verdict.config) return refuse(done, std::move(verdict.problems));
  const auto table = std::make_shared<const engine::UserTable>(std::move(verdict.config->engine.users));
  tables_.push_back(table);
  ShardQuestion question;
  question.message.kind = engine::ControlMessage::Kind::kUsers;
  question.message.users = table.get();
  queries_.ask(now, question, [this, table, done = std::move(done)](const ShardAnswer& answer) {
    // A shard that was silent may still look at any of those before.
    if (answer.silent.empty()) {
      tables_.erase(tables_.begin(), std::find(tables_.begin(), tables_.end(), table));
    }
    for (const unsigned shard : answer.silent) log_.warning("shard did not take the users in time", {{"shard", shard}});
    log_.info("users were read again", {{"file", file_}, {"users", table->size()}});
    done({.problems = {}, .users = table->size(), .silent = answer.silent});
  });
}

void UserReload::refuse(const Done& done, std::vector<std::string> problems) {
  for (const std::string& problem : problems) log_.error(problem, {});
  log_.warning("users stay as they were", {{"file", file_}});
  done({.problems = std::move(problems), .users = 0, .silent = {}});
}

}  // namespace vedette::control
