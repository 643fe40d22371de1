// Verdicts over networks: what the shards say is added up, who sends too much is limited by all of them, for a time,
// and by ports where that cuts nobody off.
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
  std::map<std::string, int> proven_;    // Sources of a network that have proved themselves to the second shard.
  int times_counted_ = 0;
  int fewer_to_second_ = 0;              // Of each network, than to the first shard.
  bool is_silent_ = false;               // The second shard says no end of that.
  FakeWorkers workers_{2, [this](FakeWorkers& workers, unsigned shard, const engine::ControlMessage& message) {
                         if (message.kind == Kind::kListPrefixes) {
                           for (const auto& [prefix, datagrams] : flood_) {
                             const int to_it = shard == 1 ? datagrams - fewer_to_second_ : datagrams;
                             workers.reply(shard, message.query, RowKind::kPrefix,
                                           prefix + "\t" + std::to_string(to_it) + "\t2000");
                           }
                         } else if (message.kind == Kind::kCountProven) {
                           std::vector<engine::PrefixVerdict> asked(message.verdicts.count);
                           std::memcpy(asked.data(), message.verdicts.bytes, asked.size() * sizeof asked[0]);
                           ++times_counted_;
                           for (const engine::PrefixVerdict& network : asked) {
                             char text[64];
                             parsers::Writer writer(text, sizeof text);
                             engine::SourceKeys(24, 48).prefix_of(network.key).write(writer);
                             const std::string prefix(writer.text());
                             const int count = proven_.contains(prefix) && shard == 1 ? proven_[prefix] : 0;
                             workers.reply(shard, message.query, RowKind::kProven,
                                           prefix + "\t" + std::to_string(count));
                           }
                           if (is_silent_ && shard == 1) return;
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
  FloodWatch watch_{policy_, workers_, queries_, log_};
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

// 1,400 a second is a hundred times what two shards let in.
TEST_F(FloodWatchTest, APortDropsWhereThatMakesNoDifferenceToAnybody) {
  workers_.port_rules_max = 9;
  engine::AddressPrefix flooding;
  ASSERT_TRUE(engine::AddressPrefix::parse("192.0.2.0/24", flooding));
  // Expect: one that strangers get through from is left to the workers.
  flood_ = {{"192.0.2.0/24", 1'399}};
  pass(2);
  EXPECT_EQ(told_[0].size(), 1u);
  EXPECT_TRUE(workers_.dropped.empty());
  EXPECT_EQ(times_counted_, 0);
  // Expect: so is one that comes to one shard alone, as strangers get through to the other.
  flood_ = {{"192.0.2.0/24", 40'000}};
  fewer_to_second_ = 39'000;
  pass(2);
  EXPECT_EQ(times_counted_, 0);
  fewer_to_second_ = 0;
  // Expect: so is one with somebody who has proved himself to any shard, or while a shard has not said so.
  flood_ = {{"192.0.2.0/24", 1'400}};
  proven_["192.0.2.0/24"] = 1;
  pass(2);
  EXPECT_GE(times_counted_, 2);
  EXPECT_TRUE(workers_.dropped.empty());
  proven_.clear();
  is_silent_ = true;
  pass(4);
  EXPECT_TRUE(workers_.dropped.empty());
  // Expect: else the port drops it, and operators see it.
  is_silent_ = false;
  pass(3);
  EXPECT_EQ(workers_.dropped, std::vector{flooding});
  nlohmann::ordered_json facts = watch_.facts(now_);
  EXPECT_EQ(facts["verdicts"][0]["dropped_by_ports"], 1);
  EXPECT_EQ(facts["port_drops"], (nlohmann::ordered_json{{"networks", 1}, {"installed", 1}, {"refused", 0}}));
  EXPECT_NE(lines_.str().find("ports drop what comes from a network"), std::string::npos);
  // Expect: nothing of it is seen now. The rule ends with the verdict; should it go on there is another one.
  flood_ = {};
  pass(8);
  EXPECT_EQ(workers_.dropped.size(), 1u);
  pass(3);
  EXPECT_TRUE(workers_.dropped.empty());
  EXPECT_TRUE(told_[0].empty());
  EXPECT_EQ(watch_.facts(now_)["port_drops"]["networks"], 0);
  flood_ = {{"192.0.2.0/24", 1'400}};
  pass(2);
  EXPECT_EQ(workers_.dropped.size(), 1u);
}

TEST_F(FloodWatchTest, TrustedSourcesAndPeersAreNotDroppedWithTheirNetwork) {
  workers_.port_rules_max = 9;
  engine::AddressPrefix address, around;
  ASSERT_TRUE(engine::AddressPrefix::parse("192.0.2.7", address));
  ASSERT_TRUE(engine::AddressPrefix::parse("10.0.0.0/8", around));
  policy_.never_dropped = {address, around};
  flood_ = {{"192.0.2.0/24", 9'000}, {"10.1.1.0/24", 9'000}, {"198.51.100.0/24", 9'000}};
  pass(2);
  engine::AddressPrefix other;
  ASSERT_TRUE(engine::AddressPrefix::parse("198.51.100.0/24", other));
  EXPECT_EQ(workers_.dropped, std::vector{other});
}

TEST_F(FloodWatchTest, APortThatCannotIsToldOfOnce) {
  policy_.limited_per_second = 0;
  flood_ = {{"192.0.2.0/24", 2'000}, {"198.51.100.0/24", 2'000}};
  pass(5);
  EXPECT_EQ(told_[0].size(), 2u);
  const nlohmann::ordered_json drops = watch_.facts(now_)["port_drops"];
  EXPECT_EQ(drops, (nlohmann::ordered_json{{"networks", 0}, {"installed", 0}, {"refused", 2}}))
      << "each network is asked for once";
  const std::string log = lines_.str();
  const size_t first = log.find("a port drops no network by itself");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(log.find("a port drops no network by itself", first + 1), std::string::npos);
}

TEST_F(FloodWatchTest, RulesOfPortsAreBounded) {
  policy_.limited_per_second = 0;
  policy_.port_rules_max = 3;
  workers_.port_rules_max = 100;
  for (int i = 0; i < 20; ++i) flood_["10.0." + std::to_string(i) + ".0/24"] = 2'000 + i;
  pass(5);
  EXPECT_EQ(workers_.dropped.size(), 3u);
  policy_.port_rules_max = 0;
  flood_ = {};
  pass(11);
  EXPECT_TRUE(workers_.dropped.empty());
  flood_ = {{"192.0.2.0/24", 2'000}};
  pass(3);
  EXPECT_TRUE(workers_.dropped.empty()) << "none are wanted";
}

TEST_F(FloodWatchTest, NobodyIsAskedWhereNothingIsLimited) {
  policy_.strangers_per_second = 0;
  flood_ = {{"192.0.2.0/24", 1'000'000}};
  pass(3);
  EXPECT_TRUE(workers_.sent.empty());
}

}  // namespace
}  // namespace vedette::control
