// Who came together does not come back together: granted expiries and Retry-After are spread.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/support/shard_bench.h"

namespace vedette::engine {
namespace {

using support::Sent;
using support::ShardBench;

std::string request(const std::string& method, const std::string& user, int expires, const std::string& rest) {
  return method + " sip:" + (method == "REGISTER" ? "" : "alice@") + "example.com SIP/2.0\n" +
         "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK" + user + "\nFrom: <sip:" + user + "@example.com>;tag=" + user +
         "\nTo: <sip:" + (method == "REGISTER" ? user : "alice") + "@example.com>\nCall-ID: " + user +
         "@192.0.2.1\nCSeq: 1 " + method + "\nContact: <sip:" + user + "@192.0.2.1>\nExpires: " +
         std::to_string(expires) + "\n" + rest + "\n";
}

std::string subscribe(const std::string& user, int expires) {
  return request("SUBSCRIBE", user, expires, "Event: presence\n");
}

EngineConfig spreading() {
  EngineConfig config = support::bench_config();
  config.subscription.spread_percent = config.registration.spread_percent = 10;
  config.limits.retry_after_spread_seconds = 30;
  return config;
}

TEST(SpreadTest, ALogOnWaveDoesNotComeBackAsOne) {
  ShardBench bench(spreading());
  std::set<int> granted;
  for (int i = 0; i < 200; ++i) {
    const auto sent = bench.send(subscribe("w" + std::to_string(i), 3600));
    const int expires = std::stoi(sent.at(0).header("Expires"));
    EXPECT_GE(expires, 3240);
    EXPECT_LE(expires, 3600);
    // What the 200 grants is what the NOTIFY counts down.
    EXPECT_EQ(sent.at(1).header("Subscription-State"), "active;expires=" + std::to_string(expires));
    granted.insert(expires);
  }
  EXPECT_GT(granted.size(), 100u);
}

TEST(SpreadTest, AFetchIsAFetchAndARetransmissionIsGrantedTheSame) {
  ShardBench bench(spreading());
  EXPECT_EQ(bench.send(subscribe("fetch", 0)).at(0).header("Expires"), "0");
  const std::string first = bench.send(subscribe("again", 3000)).at(0).header("Expires");
  EXPECT_EQ(bench.send(subscribe("again", 3000)).at(0).header("Expires"), first);
}

TEST(SpreadTest, RegistrationsAreSpreadToo) {
  ShardBench bench(spreading());
  std::set<std::string> granted;
  for (int i = 0; i < 50; ++i) {
    const auto sent = bench.send(request("REGISTER", "u" + std::to_string(i), 3600, ""));
    const std::string contact = sent.at(0).header("Contact");
    granted.insert(contact.substr(contact.find(";expires=")));
  }
  EXPECT_GT(granted.size(), 20u);
}

// A refusal is made anew for each copy of the request, and must be the same.
TEST(SpreadTest, RetryAfterIsSpreadByRequest) {
  EngineConfig config = spreading();
  config.limits.subscriptions_max = 1;
  ShardBench bench(config);
  bench.send(subscribe("first", 600));
  std::set<std::string> told;
  for (int i = 0; i < 100; ++i) {
    const std::string text = subscribe("w" + std::to_string(i), 600);
    const std::string said = bench.send(text).at(0).header("Retry-After");
    EXPECT_GE(std::stoi(said), 30);
    EXPECT_LE(std::stoi(said), 60);
    EXPECT_EQ(bench.send(text).at(0).header("Retry-After"), said);
    told.insert(said);
  }
  EXPECT_GT(told.size(), 20u);
}

// RFC 6665 §4.1.3: those whom an operator sends away for a while are told when to come back, each its own time; a
// NOTIFY that is sent again says the same.
TEST(SpreadTest, WhoIsSentAwayComesBackAtATimeOfItsOwn) {
  ShardBench bench(spreading());
  for (int i = 0; i < 40; ++i) bench.answer(bench.send(subscribe("w" + std::to_string(i), 600)).at(1));
  std::set<std::string> told;
  const auto finals = bench.end_watchers("alice@example.com", EndReason::kProbation);
  ASSERT_EQ(finals.size(), 40u);
  for (const Sent& sent : finals) told.insert(sent.header("Subscription-State"));
  EXPECT_GT(told.size(), 10u);
  std::set<std::string> again;
  for (const Sent& sent : bench.advance(Duration::milliseconds(500))) again.insert(sent.header("Subscription-State"));
  EXPECT_EQ(again, told);
}

}  // namespace
}  // namespace vedette::engine
