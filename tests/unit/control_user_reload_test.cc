// Users without a restart: a good file is given to every shard, a broken one changes nothing and says why, and no table
// goes while a shard may look at it.
#include "engine/control/user_reload.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "engine/control/admin_commands.h"
#include "tests/support/control_fake_workers.h"

namespace vedette::control {
namespace {

using nlohmann::ordered_json;

constexpr const char* kHead =
    "[[domain]]\nname = \"presence.test\"\n[[port]]\nname = \"lan\"\ndevice = \"net_af_packet0,iface=v0\"\n";

class UserReloadTest : public testing::Test {
 protected:
  UserReloadTest() : file_(testing::TempDir() + "vedette-users-" + std::to_string(getpid()) + ".toml") {}
  ~UserReloadTest() override { unlink(file_.c_str()); }

  void write(const std::string& users) { std::ofstream(file_) << kHead << users; }
  static std::string user(const std::string& name) {
    return "[[user]]\naor = \"" + name + "@presence.test\"\npassword = \"pw\"\n";
  }
  UserReload::Outcome reload(SteadyTime at = {}) {
    UserReload::Outcome outcome;
    int times = 0;
    reload_.reload(at, [&](const UserReload::Outcome& given) {
      outcome = given;
      ++times;
    });
    queries_.on_turn(at);
    queries_.on_turn(at + ShardQueries::kPatience);
    EXPECT_EQ(times, 1);
    return outcome;
  }
  const engine::UserTable* table_of(unsigned shard) const { return tables_[shard]; }

  std::string file_;
  std::array<const engine::UserTable*, 3> tables_{};
  unsigned silent_ = 99;
  FakeWorkers workers_{3, [this](FakeWorkers& workers, unsigned shard, const engine::ControlMessage& message) {
                         if (shard == silent_) return;
                         if (message.kind == engine::ControlMessage::Kind::kUsers) tables_[shard] = message.users;
                         answer_as_a_shard(workers, shard, message);
                       }};
  ShardQueries queries_{workers_};
  std::ostringstream lines_;
  Log log_{LogFormat::kText, LogLevel::kDebug, std::make_shared<spdlog::sinks::ostream_sink_st>(lines_)};
  UserReload reload_{file_, queries_, log_};
};

TEST_F(UserReloadTest, EveryShardIsGivenTheSameUsers) {
  write(user("bob") + user("alice"));
  const UserReload::Outcome outcome = reload();
  EXPECT_TRUE(outcome.problems.empty() && outcome.silent.empty());
  EXPECT_EQ(outcome.users, 2u);
  for (unsigned shard = 0; shard < 3; ++shard) {
    ASSERT_NE(table_of(shard), nullptr);
    ASSERT_EQ(table_of(shard)->size(), 2u);
    EXPECT_EQ(table_of(shard)->front().aor, "alice@presence.test");
    EXPECT_TRUE(table_of(shard)->front().has_sha512_256);
  }
  EXPECT_NE(lines_.str().find("users were read again"), std::string::npos);
}

TEST_F(UserReloadTest, ABrokenFileChangesNothingAndSaysWhy) {
  write(user("alice"));
  reload();
  const engine::UserTable* before = table_of(0);
  ASSERT_NE(before, nullptr);
  for (const char* broken :
       {"[[user]]\naor = \"alice@presence.tset\"\npassword = \"x\"\n", "[[user]\n", "[sip]\nfoo = 1\n"}) {
    write(user("alice") + broken);
    const UserReload::Outcome outcome = reload();
    ASSERT_FALSE(outcome.problems.empty()) << broken;
    EXPECT_TRUE(outcome.problems[0].starts_with(file_ + ":")) << outcome.problems[0];
    EXPECT_EQ(table_of(0), before);
    EXPECT_EQ(before->size(), 1u);
  }
  unlink(file_.c_str());
  EXPECT_FALSE(reload().problems.empty());
  EXPECT_NE(lines_.str().find("users stay as they were"), std::string::npos);
}

// A shard that does not answer may look at the old users for as long as it likes: nothing is freed, and so that this
// has an end, no more than a few are kept.
TEST_F(UserReloadTest, ASilentShardKeepsWhatItHas) {
  write(user("alice"));
  reload();
  const engine::UserTable* old = table_of(2);
  silent_ = 2;
  write(user("alice") + user("bob"));
  UserReload::Outcome outcome = reload();
  EXPECT_EQ(outcome.silent, std::vector<unsigned>{2});
  EXPECT_EQ(table_of(2), old);
  EXPECT_EQ(old->at(0).aor, "alice@presence.test") << "still there, as a sanitizer would tell";
  size_t taken = 2;
  for (; outcome.problems.empty() && taken < 10; ++taken) outcome = reload();
  EXPECT_EQ(taken, UserReload::kTablesMax + 1);
  EXPECT_NE(outcome.problems.at(0).find("try again"), std::string::npos);
}

TEST_F(UserReloadTest, OperatorsAskForIt) {
  const AdminCommands::Facts facts = {
      .status = [] { return ordered_json{}; }, .stream_counters = {}, .floods = {}};
  AdminCommands commands(workers_, queries_, 4, facts,
                         [this](AdminCommands::ReloadDone done) { reload_.reload({}, std::move(done)); });
  const auto ask = [&](std::string_view line) {
    ordered_json answer;
    commands.on_request({}, line, [&](const std::string& given) { answer = ordered_json::parse(given); });
    queries_.on_turn({});
    queries_.on_turn({});
    return answer;
  };
  write(user("alice"));
  EXPECT_EQ(ask(R"({"command":"users","action":"reload"})")["result"]["users"], 1);
  write("[[user]]\n");
  const std::string error = ask(R"({"command":"users","action":"reload"})").value("error", "");
  EXPECT_TRUE(error.starts_with("the users stay as they were. " + file_ + ":6: ")) << error;
  EXPECT_NE(ask(R"({"command":"users","action":"drop"})").value("error", ""), "");
  EXPECT_NE(ask(R"({"command":"users","action":"reload","aor":"a@b"})").value("error", ""), "");
}

}  // namespace
}  // namespace vedette::control
