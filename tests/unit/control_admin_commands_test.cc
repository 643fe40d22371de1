// The admin protocol without its socket: each command's answer, and what is said to hostile or mistaken
// requests.
#include "engine/control/admin_commands.h"

#include <gtest/gtest.h>

#include "tests/support/control_fake_workers.h"

namespace vedette::control {
namespace {

using nlohmann::ordered_json;

AdminCommands::Facts facts_of(ordered_json status) {
  StreamCounters counters;
  counters.add(StreamCounter::kPings);
  return {.status = [status = std::move(status)] { return status; },
          .stream_counters = [=] { return counters; },
          .identity_counters = [] { return IdentityCounters{}; },
          .floods = [] { return ordered_json{{"networks", ordered_json::array()}, {"verdicts_made", 3}}; }};
}

class AdminCommandsTest : public testing::Test {
 protected:
  ordered_json ask(std::string_view line) {
    std::string answer;
    int times = 0;
    commands_.on_request({}, line, [&](const std::string& given) {
      answer = given;
      ++times;
    });
    queries_.on_turn({});
    queries_.on_turn(SteadyTime{} + ShardQueries::kPatience);
    EXPECT_EQ(times, 1) << line;
    EXPECT_TRUE(answer.ends_with("\n"));
    EXPECT_EQ(std::count(answer.begin(), answer.end(), '\n'), 1);
    return ordered_json::parse(answer, nullptr, false);
  }
  ordered_json result_of(std::string_view line) {
    const ordered_json answer = ask(line);
    EXPECT_TRUE(answer.value("ok", false)) << answer;
    return answer.value("result", ordered_json(nullptr));
  }
  std::string error_of(std::string_view line) {
    const ordered_json answer = ask(line);
    EXPECT_FALSE(answer.value("ok", true)) << answer;
    return answer.value("error", "");
  }

  FakeWorkers workers_{3, answer_as_a_shard};
  ShardQueries queries_{workers_};
  AdminCommands commands_{workers_, queries_, 4, facts_of({{"version", "7"}})};
};

TEST_F(AdminCommandsTest, FloodsAreWhatTheControlThreadKnows) {
  EXPECT_EQ(result_of(R"({"command":"floods"})")["verdicts_made"], 3);
}

TEST_F(AdminCommandsTest, StatusSumsTheShards) {
  const ordered_json result = result_of(R"({"command":"status"})");
  EXPECT_EQ(result["version"], "7");
  EXPECT_EQ(result["workers"], 3);
  EXPECT_EQ(result["subscriptions"], 6);
  EXPECT_EQ(result["document_bytes"], 3 * 4096);
  EXPECT_EQ(result["rule_sets"], 3 * 3);
  EXPECT_EQ(result["rule_set_bytes"], 3 * 64);
  EXPECT_EQ(result["views"], 3 * 4);
  EXPECT_EQ(result["hard_states"], 3 * 5);
  EXPECT_EQ(result["hard_state_bytes"], 3 * 32);
  EXPECT_EQ(result["waiting_watchers"], 3 * 6);
  EXPECT_EQ(result["memory_bytes"], 1'234'567);
  EXPECT_EQ(result["ports"][0]["name"], "lan");
  EXPECT_TRUE(result["workers_silent"].empty());
}

TEST_F(AdminCommandsTest, CountersAreAllNamedAndSummed) {
  const ordered_json result = result_of(R"({"command":"counters"})");
  EXPECT_EQ(result["engine"]["requests_in"], 15);
  EXPECT_EQ(result["engine"]["refused_forbidden"], 6);
  EXPECT_EQ(result["engine"]["notifies_out"], 0) << "what has never happened is there, too";
  EXPECT_EQ(result["engine"]["refused_not_sip"], 0);
  EXPECT_FALSE(result["engine"].contains("refused_none"));
  EXPECT_EQ(result["dataplane"]["rx_frames"], 1'303);
  EXPECT_EQ(result["dataplane"].size(), dataplane::kFateCount);
}

TEST_F(AdminCommandsTest, ShardsStandInTheirOrder) {
  const ordered_json result = result_of(R"({"command":"shards"})");
  ASSERT_EQ(result["shards"].size(), 3u);
  EXPECT_EQ(result["shards"][2]["shard"], 2);
  EXPECT_EQ(result["shards"][2]["dataplane"]["rx_frames"], 102);
}

TEST_F(AdminCommandsTest, WatchersOfAllAndOfOne) {
  // Expect: of all, from every shard; more than rows_max are counted only.
  ordered_json result = result_of(R"({"command":"watchers"})");
  EXPECT_EQ(result["watchers"].size(), 4u);
  EXPECT_EQ(result["watchers_total"], 6);
  EXPECT_EQ(result["watchers"][1]["watcher"], "carol@example.com");
  EXPECT_EQ(workers_.sent.size(), 3u);

  // Expect: of one, from its owner only, by its canonical name.
  workers_.sent.clear();
  result = result_of(R"({"command":"watchers","aor":"sip:alice@EXAMPLE.com;transport=tcp"})");
  EXPECT_EQ(result["aor"], "alice@example.com");
  ASSERT_EQ(workers_.sent.size(), 1u);
  const engine::ControlMessage& message = workers_.sent[0].message;
  EXPECT_EQ(std::string_view(message.aor.data(), message.aor_length), "alice@example.com");
  EXPECT_EQ(
      workers_.sent[0].worker,
      engine::PartitionMap::spread_evenly(3).owner(engine::partition_of_aor("alice@example.com")).value);
}

TEST_F(AdminCommandsTest, EndsTheWatchersOfOne) {
  const ordered_json result = result_of(R"({"command":"end","aor":"alice@example.com","reason":"probation"})");
  EXPECT_EQ(result["reason"], "probation");
  EXPECT_EQ(result["watchers"][0]["watcher"], "bob@example.com");
  ASSERT_EQ(workers_.sent.size(), 1u) << "its owner alone";
  EXPECT_EQ(workers_.sent[0].message.kind, engine::ControlMessage::Kind::kEndWatchers);
  EXPECT_EQ(workers_.sent[0].message.end_reason, engine::EndReason::kProbation);
}

// A document of so many rules.
std::string rules_request(size_t rules, const std::string& handling = "allow") {
  std::string document = "<cr:ruleset xmlns='urn:ietf:params:xml:ns:pres-rules' "
                         "xmlns:cr='urn:ietf:params:xml:ns:common-policy'>\n";
  for (size_t i = 0; i < rules; ++i) {
    document += "<cr:rule id='r" + std::to_string(i) + "'><cr:actions><sub-handling>" + handling +
                "</sub-handling></cr:actions></cr:rule>\n";
  }
  return ordered_json{{"command", "rules"}, {"action", "load"}, {"aor", "alice@example.com"},
                      {"document", document + "</cr:ruleset>"}}
      .dump();
}

TEST_F(AdminCommandsTest, RulesAreCompiledForTheShardThatOwnsThem) {
  const ordered_json result = result_of(rules_request(2));
  EXPECT_EQ(result["names"], "r0 r1");
  EXPECT_EQ(result["rules"], 2);
  EXPECT_EQ(result["loaded_at"], 1'800'000'000);
  EXPECT_EQ(result["views"][0]["shows"], "everything");
  EXPECT_FALSE(result.contains("refused"));
  ASSERT_EQ(workers_.sent.size(), 1u) << "its owner alone";
  EXPECT_EQ(workers_.sent[0].message.kind, engine::ControlMessage::Kind::kLoadRules);
  EXPECT_EQ(workers_.sent[0].worker,
            engine::PartitionMap::spread_evenly(3).owner(engine::partition_of_aor("alice@example.com")).value);
  EXPECT_EQ(result_of(R"({"command":"rules","action":"show","aor":"alice@example.com"})")["bytes"], 0);
  result_of(R"({"command":"rules","action":"remove","aor":"alice@example.com"})");
  EXPECT_EQ(workers_.sent[2].message.kind, engine::ControlMessage::Kind::kRemoveRules);
}

TEST_F(AdminCommandsTest, RulesThatAreWrongGoToNoShard) {
  const std::string error = error_of(rules_request(2, "perhaps"));
  EXPECT_NE(error.find("line 2, <sub-handling>: not one of the values that there are"), std::string::npos) << error;
  const std::string no_xml =
      error_of(R"({"command":"rules","action":"load","aor":"alice@example.com","document":"<a></b>"})");
  EXPECT_NE(no_xml.find("line 1, "), std::string::npos) << no_xml;
  EXPECT_TRUE(workers_.sent.empty());
  // Expect: what the shard refuses is said, too.
  const std::string refused = error_of(rules_request(11));
  EXPECT_NE(refused.find("rule_set_bytes_max"), std::string::npos) << refused;
}

TEST_F(AdminCommandsTest, RulesTakeAnActionAndNothingElseDoes) {
  EXPECT_NE(error_of(R"({"command":"rules","aor":"alice@example.com"})").find("load, show and remove"),
            std::string::npos);
  EXPECT_NE(error_of(R"({"command":"rules","action":"show"})").find("no address of record"), std::string::npos);
  EXPECT_NE(error_of(R"({"command":"status","action":"show"})").find("takes no \"action\""), std::string::npos);
  EXPECT_NE(error_of(R"({"command":"rules","action":"show","aor":"alice@example.com","document":"<a/>"})")
                .find("takes no \"document\""),
            std::string::npos);
}

std::string presence_request(const std::string& note, const std::string& lifetime = "") {
  ordered_json request = {{"command", "presence"}, {"action", "set"}, {"aor", "sip:alice@example.com"},
                          {"document", "<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='sip:alice@example.com'>"
                                       "<tuple id='mail' odd='1'><status><basic>open</basic></status><note>" +
                                           note + "</note></tuple></presence>"}};
  if (!lifetime.empty()) request["for"] = lifetime;
  return request.dump();
}

TEST_F(AdminCommandsTest, HardStateIsNormalisedForTheShardThatOwnsIt) {
  const ordered_json result = result_of(presence_request("Write to me", "3600"));
  EXPECT_EQ(result["is_set"], 1);
  EXPECT_EQ(result["expires_in"], 3'600);
  EXPECT_EQ(result["elements"][0]["id"], "mail");
  EXPECT_EQ(result["parts_left_out"], 1) << "the attribute that PIDF does not have";
  EXPECT_FALSE(result.contains("refused"));
  ASSERT_EQ(workers_.sent.size(), 1u) << "its owner alone";
  EXPECT_EQ(workers_.sent[0].message.kind, engine::ControlMessage::Kind::kSetHardState);
  EXPECT_EQ(workers_.sent[0].worker,
            engine::PartitionMap::spread_evenly(3).owner(engine::partition_of_aor("alice@example.com")).value);
  EXPECT_EQ(result_of(presence_request("Write to me"))["expires_in"], "") << "until it is removed";
  EXPECT_EQ(result_of(R"({"command":"presence","action":"show","aor":"alice@example.com"})")["is_set"], 0);
  result_of(R"({"command":"presence","action":"remove","aor":"alice@example.com"})");
  EXPECT_EQ(workers_.sent[3].message.kind, engine::ControlMessage::Kind::kRemoveHardState);
}

TEST_F(AdminCommandsTest, HardStateThatIsWrongGoesToNoShard) {
  for (const char* document : {"<a></b>", "<a/>", "hello"}) {
    const ordered_json request = {
        {"command", "presence"}, {"action", "set"}, {"aor", "alice@example.com"}, {"document", document}};
    EXPECT_NE(error_of(request.dump()).find("nothing has changed"), std::string::npos);
  }
  for (const char* lifetime : {"0", "-1", "1h", "99999999999", "3600 "}) {
    EXPECT_NE(error_of(presence_request("n", lifetime)).find("no time that it can hold for"), std::string::npos);
  }
  EXPECT_TRUE(workers_.sent.empty());
  // Expect: what the shard refuses is said, too.
  const std::string refused = error_of(presence_request(std::string(1'000, 'x')));
  EXPECT_NE(refused.find("publication_body_bytes_max"), std::string::npos) << refused;
  EXPECT_NE(error_of(R"({"command":"presence","aor":"a@b","action":"load"})").find("set, show and remove"),
            std::string::npos);
  EXPECT_NE(error_of(R"({"command":"rules","aor":"a@b","action":"load","for":"60"})").find("takes no \"for\""),
            std::string::npos);
}

TEST_F(AdminCommandsTest, APresentityWithAllItHas) {
  const ordered_json result = result_of(R"({"command":"presentity","aor":"alice@example.com"})");
  EXPECT_EQ(result["presentities"][0]["version"], 7);
  EXPECT_EQ(result["publications"][0]["etag"], "tag1");
  EXPECT_EQ(result["bindings"][0]["contact"], "sip:alice@192.0.2.7");
  // Expect: one that nobody knows is no error.
  EXPECT_TRUE(result_of(R"({"command":"presentity","aor":"nobody@example.com"})")["presentities"].empty());
}

TEST_F(AdminCommandsTest, MistakesAreExplained) {
  const struct {
    std::string line;
    std::string_view error;
  } kMistakes[] = {
      {"", "this is not a JSON object"},
      {"GET / HTTP/1.1", "this is not a JSON object"},
      {"[1,2]", "this is not a JSON object"},
      {std::string(4000, '['), "this is not a JSON object"},
      {"{\"command\":\"\xff\xfe\"}", "this is not a JSON object"},
      {"{}", "command \"\" is not known"},
      {R"({"command":7})", "\"command\" is not understood"},
      {R"({"command":"status","shell":"rm"})", "\"shell\" is not understood"},
      {R"({"command":"halt"})",
       "command \"halt\" is not known; there are status, counters, shards, floods, watchers, presentity, end, rules, "
       "presence and users"},
      {R"({"command":"status","aor":"a@b"})", "\"status\" takes no \"aor\""},
      {R"({"command":"watchers","reason":"timeout"})", "\"watchers\" takes no \"reason\""},
      {R"({"command":"end","reason":"timeout"})", "\"\" is no address of record"},
      {R"({"command":"end","aor":"a@b","reason":"boredom"})",
       "\"boredom\" is no reason to end a subscription; there are timeout, deactivated, probation, rejected, giveup, "},
      {R"({"command":"presentity"})", "\"\" is no address of record"},
      {R"({"command":"presentity","aor":"alice"})", "\"alice\" is no address of record"},
      {R"({"command":"presentity","aor":")" + std::string(300, 'a') + R"(@example.com"})", "\"aaa"},
      {R"({"command":"watchers","aor":"a\tb@example.com"})", "\"a\tb@example.com\" is no address of record"},
  };
  for (const auto& mistake : kMistakes) {
    const std::string error = error_of(mistake.line);
    EXPECT_EQ(error.substr(0, mistake.error.size()), mistake.error) << mistake.line.substr(0, 60);
    EXPECT_NE(error.find("; "), std::string::npos) << error << " says nothing of what to do";
  }
  EXPECT_TRUE(workers_.sent.empty()) << "no shard was bothered";
}

TEST_F(AdminCommandsTest, ASilentShardIsNamed) {
  FakeWorkers mute(2, [](FakeWorkers&, unsigned, const engine::ControlMessage&) {});
  ShardQueries queries(mute);
  AdminCommands commands(mute, queries, 4, facts_of({}));
  std::string answer;
  commands.on_request({}, R"({"command":"status"})", [&](const std::string& given) { answer = given; });
  queries.on_turn(SteadyTime{} + ShardQueries::kPatience);
  EXPECT_EQ(ordered_json::parse(answer)["result"]["workers_silent"], ordered_json({0, 1}));
}

// Rows hold what clients wrote; it need not be UTF-8.
TEST_F(AdminCommandsTest, BytesThatAreNotTextDoNoHarm) {
  FakeWorkers odd(1, [](FakeWorkers& self, unsigned worker, const engine::ControlMessage& message) {
    self.reply(worker, message.query, engine::ControlReplyHeader::Kind::kWatcher, "a\xff\xfe\x01\tb\"\\");
    self.end(worker, message.query);
  });
  ShardQueries queries(odd);
  AdminCommands commands(odd, queries, 4, facts_of({}));
  std::string answer;
  commands.on_request({}, R"({"command":"watchers"})", [&](const std::string& given) { answer = given; });
  queries.on_turn({});
  EXPECT_EQ(ordered_json::parse(answer)["result"]["watchers"][0]["watcher"], "b\"\\");
}

}  // namespace
}  // namespace vedette::control
