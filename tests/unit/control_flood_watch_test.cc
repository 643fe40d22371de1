// Verdicts over networks: what the shards say is added up, who sends too much is limited by all of them, for a time.
#include "engine/control/flood_watch.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <cstring>
#include <map>
#include <sstream>
#include <vector>

#include "engine/admission/prefix_verdicts.h"
#include "engine/admission/source_key.h"
#include "tests/support/control_fake_workers.h"

namespace vedette::control {
namespace {

using std::chrono::seconds;
using Kind = engine::ControlMessage::Kind;
using RowKind = engine::ControlReplyHeader::Kind;

class FloodWatchTest : public testing::Test {
 protected:
  FloodWatchTest() {
    policy_.strangers_per_second = 1'000;
    policy_.limited_per_second = 7;
    policy_.verdict_seconds = 10;
  }
  // A second passes.
  void pass(int how_many = 1) {
    for (int i = 0; i < how_many; ++i) {
      now_ += seconds(1);
      watch_.on_turn(now_);
      queries_.on_turn(now_);
      queries_.on_turn(now_);
    }
  }
  static uint64_t key_of(const char* prefix) {
    engine::AddressPrefix parsed;
    EXPECT_TRUE(engine::AddressPrefix::parse(prefix, parsed));
    return engine::SourceKeys(24, 48).of(parsed.address).value;
  }

  FloodPolicy policy_;
  // Datagrams that each shard got in the last two seconds, by network.
  std::map<std::string, int> flood_;
  std::array<std::vector<engine::PrefixVerdict>, 2> told_;   // What each shard was told last.
  int times_told_ = 0;
  FakeWorkers workers_{2, [this](FakeWorkers& workers, unsigned shard, const engine::ControlMessage& message) {
                         if (message.kind == Kind::kListPrefixes) {
                           for (const auto& [prefix, datagrams] : flood_) {
                             workers.reply(shard, message.query, RowKind::kPrefix,
                                           prefix + "\t" + std::to_string(datagrams) + "\t2000");
                           }
                         } else {
                           EXPECT_EQ(message.kind, Kind::kVerdicts);
                           told_[shard].resize(message.verdicts.count);
                           if (message.verdicts.count > 0) {
                             std::memcpy(told_[shard].data(), message.verdicts.bytes,
                                         message.verdicts.count * sizeof(engine::PrefixVerdict));
                           }
                           ++times_told_;
                         }
                         workers.end(shard, message.query);
                       }};
  ShardQueries queries_{workers_};
  std::ostringstream lines_;
  Log log_{LogFormat::kText, LogLevel::kDebug, std::make_shared<spdlog::sinks::ostream_sink_st>(lines_)};
  FloodWatch watch_{policy_, queries_, log_};
  SteadyTime now_{};
};

TEST_F(FloodWatchTest, WhoSendsTooMuchToAllTogetherIsLimitedForATime) {
  // Expect: 998 a second of both shards is not too much.
  flood_ = {{"192.0.2.0/24", 998}, {"2001:db8:1::/48", 30}};
  pass();
  EXPECT_EQ(times_told_, 0);
  nlohmann::ordered_json facts = watch_.facts(now_);
  EXPECT_EQ(facts["networks"][0], (nlohmann::ordered_json{{"prefix", "192.0.2.0/24"}, {"datagrams_per_second", 998}}));
  EXPECT_EQ(facts["networks"][1]["datagrams_per_second"], 30);
  EXPECT_TRUE(facts["verdicts"].empty());
  // Expect: 1,000 is; both shards are told, and operators see it.
  flood_ = {{"192.0.2.0/24", 1'000}, {"2001:db8:1::/48", 4'000}};
  pass();
  for (const auto& told : told_) {
    ASSERT_EQ(told.size(), 2u);
    EXPECT_EQ(told[0].key.value, key_of("192.0.2.1"));
    EXPECT_EQ(told[0].per_second, 7u);
    EXPECT_EQ(told[1].key.value, key_of("2001:db8:1:2::9"));
  }
  facts = watch_.facts(now_ + seconds(3));
  EXPECT_EQ(facts["verdicts"][0]["prefix"], "2001:db8:1::/48");
  EXPECT_EQ(facts["verdicts"][0]["datagrams_per_second"], 4'000);
  EXPECT_EQ(facts["verdicts"][0]["limit_per_second"], 7);
  EXPECT_EQ(facts["verdicts"][0]["seconds_left"], 7);
  EXPECT_EQ(facts["verdicts_made"], 2);
  EXPECT_NE(lines_.str().find("192.0.2.0/24"), std::string::npos);
  // Expect: one goes on, and stays limited; the other is free ten seconds after it has stopped. Nobody is told twice.
  flood_ = {{"192.0.2.0/24", 5'000}};
  pass(9);
  EXPECT_EQ(told_[0].size(), 2u);
  EXPECT_EQ(times_told_, 2);
  pass(1);
  for (const auto& told : told_) {
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].key.value, key_of("192.0.2.1"));
  }
  flood_ = {};
  pass(10);
  EXPECT_TRUE(told_[0].empty());
  EXPECT_TRUE(told_[1].empty());
  EXPECT_EQ(times_told_, 6);
}

// Expect: with more of them than shards hold verdicts, those that send the most have one.
TEST_F(FloodWatchTest, TheHeaviestHaveTheVerdictsThatThereAre) {
  constexpr int kMany = static_cast<int>(engine::PrefixVerdicts::kMax) + 6;
  for (int i = 0; i < kMany; ++i) flood_["10.0." + std::to_string(i) + ".0/24"] = 2'000 + i;
  pass();
  ASSERT_EQ(told_[1].size(), engine::PrefixVerdicts::kMax);
  const auto holds = [&](int i) {
    const uint64_t key = key_of(("10.0." + std::to_string(i) + ".1").c_str());
    return std::any_of(told_[1].begin(), told_[1].end(), [&](const auto& one) { return one.key.value == key; });
  };
  for (int i = 0; i < kMany; ++i) EXPECT_EQ(holds(i), i >= 6) << i;
}

TEST_F(FloodWatchTest, NobodyIsAskedWhereNothingIsLimited) {
  policy_.strangers_per_second = 0;
  flood_ = {{"192.0.2.0/24", 1'000'000}};
  pass(3);
  EXPECT_TRUE(workers_.sent.empty());
}

}  // namespace
}  // namespace vedette::control
