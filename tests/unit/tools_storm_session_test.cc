// The load generator against a shard over a wire in memory, in virtual time, with losses where a test wants
// them; and against NOTIFYs that no good server would send, which its accounts must show.
#include <gtest/gtest.h>

#include <deque>
#include <functional>

#include "engine/control/crypto.h"
#include "tests/support/digest_client.h"
#include "tests/support/shard_bench.h"
#include "tools/storm/report.h"
#include "tools/storm/session.h"
#include "tools/storm/storm.h"

namespace vedette::storm {
namespace {

// What is sent goes to a shard at once, what the shard sends waits until it is received.
class ShardWire final : public Wire {
 public:
  explicit ShardWire(support::ShardBench* bench) : bench_(bench) {}

  std::span<const Incoming> receive() override {
    taken_.clear();
    incoming_.clear();
    while (!waiting_.empty() && taken_.size() < 32) {
      taken_.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
    for (const support::Sent& one : taken_) incoming_.push_back({one.text, one.flow.remote, 0});
    return incoming_;
  }
  char* lend() override { return full ? nullptr : buffer_; }
  void send(size_t length, const engine::Endpoint& from, unsigned) override {
    const std::string bytes(buffer_, length);
    sent.push_back(bytes);
    if (bench_ == nullptr || (loses && loses(bytes))) return;
    engine::Flow flow = support::bench_flow("192.0.2.1");
    flow.remote = from;
    put(bench_->send_raw(bytes, flow));
  }
  void flush() override {}
  engine::Endpoint endpoint(uint32_t user, unsigned device) const override {
    return {engine::IpAddress::v4(0x0a000100 + user), static_cast<uint16_t>(5060 + device)};
  }
  void put(std::vector<support::Sent> all) {
    for (support::Sent& one : all) {
      if (!loses || !loses(one.text)) waiting_.push_back(std::move(one));
    }
  }
  void put(const std::string& text) { waiting_.push_back({text, support::bench_flow("10.0.1.0")}); }

  bool full = false;
  std::function<bool(const std::string&)> loses;
  std::vector<std::string> sent;

 private:
  support::ShardBench* bench_;
  char buffer_[kDatagramBytes];
  std::deque<support::Sent> waiting_;
  std::vector<support::Sent> taken_;
  std::vector<Incoming> incoming_;
};

Plan small_plan() {
  Plan plan;
  plan.workload = *find_workload("C");
  plan.population = {.users = 20, .presentities = 10, .contacts = 3};
  plan.workload.contacts = 3;
  plan.seconds = 5;
  plan.window = 4;
  return plan;
}

engine::EngineConfig config_for(const Plan& plan) {
  engine::EngineConfig config = support::bench_config();
  if (!plan.digest) return config;
  config.domains[0].authenticate = true;
  config.domains[0].algorithms = {engine::DigestAlgorithm::kSha256};
  for (uint32_t i = 0; i < plan.population.users; ++i) {
    char name[16];
    parsers::Writer writer(name, sizeof name);
    write_user(writer, i);
    // The bench's hashes are fakes that both sides must share.
    engine::User user{.aor = std::string(writer.text()) + "@example.com"};
    const engine::Hashes hashes = support::bench_hashes();
    const std::array<std::string_view, 5> a1 = {writer.text(), ":", "example.com", ":",
                                                RequestWriter::kPassword};
    hashes.sha256(hashes.context, a1, user.ha1_sha256);
    user.has_sha256 = true;
    config.users.push_back(user);
  }
  return config;
}

// A world: a shard, the generator, and a clock that each look at it moves on.
class World {
 public:
  explicit World(const Plan& plan)
      : plan_(plan), bench_(config_for(plan_)), wire(&bench_), session(plan_, wire, support::bench_hashes()) {
    around_.now = [this] {
      now_ += kMillisecond;
      wire.put(bench_.advance(engine::Duration::milliseconds(1)));
      return now_;
    };
    around_.server_time = [] { return ThreadTime(); };
    around_.progress = [](const std::string&, double, const Session&) {};
    around_.idle = [] {};
  }
  RunReport run() {
    Storm storm(plan_, session, around_);
    RunReport report;
    report.phases = storm.run();
    for (uint32_t i = 0; i < session.population().numbers(); ++i) {
      report.wanted_subscriptions += session.population().exists(i);
    }
    report.subscriptions = session.live();
    report.untold = session.untold();
    report.waiting = session.waiting();
    report.fan_outs_open = session.fan_outs_open();
    return report;
  }
  std::vector<std::string> broken(const RunReport& report) const {
    return broken_promises(report, plan_, 0.01);
  }
  support::ShardBench& bench() { return bench_; }

 private:
  Plan plan_;
  support::ShardBench bench_;

 public:
  ShardWire wire;
  Session session;

 private:
  Surroundings around_;
  Nanoseconds now_ = kSecond;
};

const PhaseReport& phase(const RunReport& report, const std::string& name) {
  for (const PhaseReport& phase : report.phases) {
    if (phase.name == name) return phase;
  }
  throw std::out_of_range(name);
}

TEST(StormSessionTest, AllArriveAndEachIsToldEveryChange) {
  Plan plan = small_plan();
  plan.speed = 1'000;
  World world(plan);
  const RunReport report = world.run();
  EXPECT_EQ(world.broken(report), std::vector<std::string>());
  EXPECT_EQ(report.subscriptions, 60U);
  EXPECT_EQ(world.bench().subscriptions(), 60U);
  EXPECT_EQ(phase(report, "register").counts.of(Ask::kRegister).accepted, 20U);
  EXPECT_EQ(phase(report, "publish").counts.of(Ask::kPublish).accepted, 10U);
  EXPECT_EQ(phase(report, "subscribe").counts.notifies_answered, 60U);
  for (const PhaseReport& one : report.phases) {
    EXPECT_TRUE(one.own.busy > 0 || one.name == "drain") << one.name;
    EXPECT_LE(one.own.busy, one.seconds) << one.name;
  }
  const Counts& steady = phase(report, "steady").counts;
  // 20 users, 4 changes and 3 refreshes an hour, 5 seconds of a thousand times the speed.
  EXPECT_NEAR(static_cast<double>(steady.of(Ask::kPublish).sent), 20.0 * 4 / 3600 * 5'000, 45);
  EXPECT_NEAR(static_cast<double>(steady.of(Ask::kRefresh).sent), 60.0 / 3600 * 5'000, 40);
  EXPECT_GT(steady.to_last.count(), 50U);
  EXPECT_EQ(world.bench().count(engine::Counter::kNotifiesAcknowledged),
            phase(report, "subscribe").counts.notifies_answered + steady.notifies_answered +
                phase(report, "drain").counts.notifies_answered);
}

TEST(StormSessionTest, AFloodTellsAllWatchersBeforeThePresentityChangesAgain) {
  Plan plan = small_plan();
  plan.flood = true;
  plan.in_flight = 2;
  plan.registers = false;
  World world(plan);
  const RunReport report = world.run();
  EXPECT_EQ(world.broken(report), std::vector<std::string>());
  const Counts& steady = phase(report, "steady").counts;
  EXPECT_GT(steady.fan_outs, 500U);
  EXPECT_EQ(steady.fan_outs_overtaken, 0U);
  // Six watchers each; what is under way at either end may be counted on the other side.
  EXPECT_NEAR(static_cast<double>(steady.notifies_answered), static_cast<double>(steady.fan_outs * 6), 24);
}

TEST(StormSessionTest, APublicationHasOneRequestAtATime) {
  Plan plan = small_plan();
  plan.speed = 1'000;
  plan.workload.refresh_seconds = 20;   // A thousand a second that only refresh.
  plan.workload.changes_per_hour = 100;
  World world(plan);
  const RunReport report = world.run();
  EXPECT_EQ(world.broken(report), std::vector<std::string>());
  EXPECT_GT(phase(report, "steady").counts.of(Ask::kRepublish).accepted, 1'000U);
  EXPECT_GT(phase(report, "steady").counts.of(Ask::kPublish).accepted, 500U);
}

TEST(StormSessionTest, ChallengesAreAnsweredAndNoncesUsedAgain) {
  Plan plan = small_plan();
  plan.digest = true;
  plan.registers = false;
  World world(plan);
  const RunReport report = world.run();
  EXPECT_EQ(world.broken(report), std::vector<std::string>());
  EXPECT_EQ(phase(report, "publish").counts.of(Ask::kPublish).challenged, 10U);
  // The other half of the users has no nonce yet; each has one after its first, or those under way with it.
  const uint64_t challenged = phase(report, "subscribe").counts.of(Ask::kSubscribe).challenged;
  EXPECT_GE(challenged, 10U);
  EXPECT_LE(challenged, 10U * 3);
  EXPECT_EQ(phase(report, "subscribe").counts.of(Ask::kSubscribe).accepted, 60U);
}

TEST(StormSessionTest, WhatIsLostIsSentAgainAndCounted) {
  Plan plan = small_plan();
  World world(plan);
  uint64_t seen = 0, lost = 0;
  world.wire.loses = [&](const std::string&) { return ++seen % 7 == 0 && ++lost > 0; };
  const RunReport report = world.run();
  EXPECT_GT(lost, 20U);
  const AskCounts& subscribes = phase(report, "subscribe").counts.of(Ask::kSubscribe);
  EXPECT_EQ(subscribes.sent, 60U);
  EXPECT_EQ(subscribes.accepted, 60U);
  EXPECT_GT(subscribes.resent, 0U);
  EXPECT_EQ(report.subscriptions, 60U);
  EXPECT_EQ(report.untold, 0U);
  // Nothing else than lateness is amiss.
  const std::vector<std::string> broken = world.broken(report);
  ASSERT_EQ(broken.size(), 1U);
  EXPECT_NE(broken[0].find("later than 500 ms"), std::string::npos) << broken[0];
}

TEST(StormSessionTest, ASilentServerIsFoundOut) {
  Plan plan = small_plan();
  World world(plan);
  world.wire.loses = [](const std::string&) { return true; };
  const RunReport report = world.run();
  EXPECT_EQ(phase(report, "register").counts.of(Ask::kRegister).lost, 20U);
  EXPECT_EQ(report.subscriptions, 0U);
  EXPECT_GE(world.broken(report).size(), 2U);
}

TEST(StormSessionTest, AnUnknownDomainIsRefusedAndThatIsToldApart) {
  Plan plan = small_plan();
  plan.population.domain = "example.net";
  World world(plan);
  const RunReport report = world.run();
  EXPECT_EQ(phase(report, "subscribe").counts.of(Ask::kSubscribe).refused, 60U);
  EXPECT_FALSE(world.broken(report).empty());
}

TEST(StormSessionTest, DeadWatchersAnswerNothingAndLiveOnesAreServed) {
  Plan plan = small_plan();
  plan.population.dead_share = plan.workload.dead_share = 0.005;  // Users 0 to 4.
  plan.seconds = 40;
  World world(plan);
  const RunReport report = world.run();
  EXPECT_EQ(world.broken(report), std::vector<std::string>());
  EXPECT_EQ(phase(report, "subscribe").counts.notifies_answered, 45U);
  EXPECT_GE(phase(report, "subscribe").counts.notifies_unanswered, 15U);
  // RFC 6665 §4.2.2: who does not answer loses the subscription.
  EXPECT_EQ(world.bench().subscriptions(), 45U);
}

TEST(StormSessionTest, PollsLeaveNothingBehind) {
  Plan plan = small_plan();
  plan.workload = *find_workload("polls");
  plan.population.contacts = 0;
  plan.speed = 100;
  World world(plan);
  const RunReport report = world.run();
  EXPECT_EQ(world.broken(report), std::vector<std::string>());
  EXPECT_GT(phase(report, "steady").counts.of(Ask::kPoll).accepted, 100U);
  EXPECT_GE(phase(report, "steady").counts.notifies_of_polls, 100U);
  EXPECT_EQ(world.bench().subscriptions(), 0U);
}

TEST(StormSessionTest, ACrowdThatWithholdsIsToldWholeBeforeItAnswers) {
  Plan plan = small_plan();
  plan.population.crowd = plan.workload.crowd = 50;
  plan.withhold = true;
  plan.registers = false;
  World world(plan);
  const RunReport report = world.run();
  EXPECT_EQ(world.broken(report), std::vector<std::string>());
  EXPECT_GT(phase(report, "steady").counts.fan_outs, 5U);
  EXPECT_EQ(phase(report, "steady").counts.notifies_repeated, 0U);
  EXPECT_GT(phase(report, "steady").counts.crowd_to_last.count(), 5U);
}

// One dialog by hand: what a server must never do shows in the accounts.
class StormAccountsTest : public testing::Test {
 protected:
  StormAccountsTest()
      : plan_(small_plan()), wire_(nullptr), session_(plan_, wire_, support::bench_hashes()) {}

  void notify(unsigned cseq, const std::string& state = "active") {
    wire_.put(
        "NOTIFY sip:u00000000-0x5581d0@10.0.1.0 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.254;branch=z9hG4bKn" +
        std::to_string(cseq) +
        "\r\nFrom: <sip:u@example.com>;tag=1\r\nTo: <sip:u@example.com>;tag=2\r\nCall-ID: " + call_id_ +
        "\r\nCSeq: " + std::to_string(cseq) + " NOTIFY\r\nSubscription-State: " + state +
        "\r\nContent-Length: 0\r\n\r\n");
    session_.turn(++now_);
  }
  std::string token(uint32_t number, uint32_t salt) {
    char text[16];
    parsers::Writer writer(text, sizeof text);
    write_token(writer, number, salt);
    return std::string(writer.text());
  }

  Plan plan_;
  ShardWire wire_;
  Session session_;
  Nanoseconds now_ = kSecond;
  std::string call_id_ = token(0, kDialogSalt);
};

TEST_F(StormAccountsTest, RepeatedNotifiesAreAnsweredAndCountedOnce) {
  notify(1);
  notify(1);
  EXPECT_EQ(session_.counts().notifies_answered, 1U);
  EXPECT_EQ(session_.counts().notifies_repeated, 1U);
  EXPECT_EQ(wire_.sent.size(), 2U);
}

TEST_F(StormAccountsTest, OrderAndGapsAreSeen) {
  notify(1);
  notify(2);
  EXPECT_EQ(session_.counts().notifies_out_of_order + session_.counts().notifies_skipped, 0U);
  notify(5);
  EXPECT_EQ(session_.counts().notifies_skipped, 1U);
  notify(3);
  EXPECT_EQ(session_.counts().notifies_out_of_order, 1U);
}

TEST_F(StormAccountsTest, StrangersAndRubbishHaveTheirOwnCounts) {
  call_id_ = "somebody-elses";
  notify(1);
  call_id_ = token(60, kDialogSalt);  // One above the last.
  notify(1);
  EXPECT_EQ(session_.counts().notifies_stray, 2U);
  wire_.put("rubbish");
  wire_.put("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a;branch=z9hG4bKother\r\n\r\n");
  wire_.put("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK" + token(1, kBranchSalt) + "\r\n\r\n");
  wire_.put("OPTIONS sip:u@10.0.1.0 SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bKx\r\n\r\n");
  session_.turn(++now_);
  EXPECT_EQ(session_.counts().unreadable, 2U);
  EXPECT_EQ(session_.counts().responses_stray, 1U);
  EXPECT_EQ(session_.counts().requests_other, 1U);
}

TEST_F(StormAccountsTest, AFullWireStartsNothing) {
  wire_.full = true;
  EXPECT_FALSE(session_.try_start(Ask::kPublish, 0, 0, now_, now_));
  EXPECT_EQ(session_.counts().of(Ask::kPublish).sent, 0U);
  EXPECT_EQ(session_.fan_outs_open(), 0U);
  wire_.full = false;
  EXPECT_TRUE(session_.try_start(Ask::kPublish, 0, 0, now_, now_));
  EXPECT_EQ(session_.waiting(), 1U);
}

// Each account that must be empty has its sentence.
TEST(StormReportTest, EveryBrokenPromiseIsTold) {
  const Plan plan = small_plan();
  const auto count_of = [&](const std::function<void(RunReport&)>& spoil) {
    RunReport report;
    report.phases.resize(2);
    report.phases[1].counts.of(Ask::kPublish).accepted = 100;
    report.subscriptions = report.wanted_subscriptions = 7;
    spoil(report);
    return broken_promises(report, plan, 0.01).size();
  };
  EXPECT_EQ(count_of([](RunReport&) {}), 0U);
  EXPECT_EQ(count_of([](RunReport& r) { r.phases[0].counts.of(Ask::kRefresh).lost = 1; }), 1U);
  EXPECT_EQ(count_of([](RunReport& r) { r.phases[0].counts.of(Ask::kHammer).refused = 1; }), 0U);
  EXPECT_EQ(count_of([](RunReport& r) { r.phases[0].counts.of(Ask::kRefresh).refused = 1; }), 1U);
  EXPECT_EQ(count_of([](RunReport& r) { r.phases[1].counts.of(Ask::kPublish).late = 1; }), 0U);
  EXPECT_EQ(count_of([](RunReport& r) { r.phases[1].counts.of(Ask::kPublish).late = 2; }), 1U);
  for (uint64_t Counts::*const account :
       {&Counts::notifies_out_of_order, &Counts::notifies_skipped, &Counts::notifies_stray,
        &Counts::unreadable, &Counts::requests_other}) {
    EXPECT_EQ(count_of([&](RunReport& r) { r.phases[1].counts.*account = 1; }), 1U);
  }
  for (uint64_t RunReport::*const account :
       {&RunReport::untold, &RunReport::waiting, &RunReport::fan_outs_open, &RunReport::damaged}) {
    EXPECT_EQ(count_of([&](RunReport& r) { r.*account = 1; }), 1U);
  }
  EXPECT_EQ(count_of([](RunReport& r) { r.subscriptions = 6; }), 1U);
}

TEST(StormReportTest, FiguresAreFlat) {
  RunReport report;
  report.phases.resize(1);
  report.phases[0] = {"steady", 2, {1, 0.5}, {1, 0.25}, {}};
  report.phases[0].counts.of(Ask::kPublish).sent = 4;
  report.phases[0].counts.notifies_answered = 10;
  const auto figures = figures_of(report, small_plan());
  for (const auto& [name, value] : figures.items()) EXPECT_FALSE(value.is_structured()) << name;
  EXPECT_EQ(figures["steady_notifies_per_s"], 5);
  EXPECT_EQ(figures["steady_notifies_per_cpu_s"], 10);
  EXPECT_EQ(figures["steady_publish_waiting"], 4);
  EXPECT_EQ(figures["steady_server_busy_s"], 0.5);
  EXPECT_EQ(figures["steady_generator_busy_s"], 0.25);
  EXPECT_NE(table_of(report).find("publish"), std::string::npos);
}

}  // namespace
}  // namespace vedette::storm
