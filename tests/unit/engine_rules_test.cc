// Rules in a shard: what an operator is told of them, which limits they have, and what views cost and save. What they
// do to watchers stands in tests/rfc/flows/rules.
#include <gtest/gtest.h>

#include "tests/support/flow_rules.h"
#include "tests/support/shard_bench.h"

namespace vedette::engine {
namespace {

using support::rules_document;
using support::Sent;
using support::ShardBench;

constexpr std::string_view kAlice = "alice@example.com";

std::string subscribe(const std::string& watcher, int expires = 600, const std::string& presentity = "alice") {
  return "SUBSCRIBE sip:" + presentity + "@example.com SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK" + watcher +
         presentity + "\nFrom: <sip:" + watcher + "@example.com>;tag=w\nTo: <sip:" + presentity +
         "@example.com>\nCall-ID: " + watcher + presentity + "\nCSeq: 1 SUBSCRIBE\nContact: <sip:" + watcher +
         "@192.0.2.1>\nEvent: presence\nExpires: " + std::to_string(expires) + "\n\n";
}

std::string publish(int cseq, const std::string& etag, const std::string& note) {
  const std::string body = "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" entity=\"sip:alice@example.com\"><tuple "
                           "id=\"t\"><status><basic>open</basic></status><note>" + note + "</note></tuple></presence>";
  const std::string number = std::to_string(cseq);
  return "PUBLISH sip:alice@example.com SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKp" + number +
         "\nFrom: <sip:alice@example.com>;tag=p\nTo: <sip:alice@example.com>\nCall-ID: p@192.0.2.7\nCSeq: " + number +
         " PUBLISH\nEvent: presence\nExpires: 600\n" + (etag.empty() ? "" : "SIP-If-Match: " + etag + "\n") +
         "Content-Type: application/pidf+xml\n\n" + body;
}

// A watcher who has answered his first NOTIFY; how the SUBSCRIBE was answered.
std::string watch(ShardBench& bench, const std::string& watcher) {
  const std::vector<Sent> sent = bench.send(subscribe(watcher));
  if (sent.size() == 2) bench.answer(sent[1]);
  return sent.empty() ? "silence" : sent[0].first_line().substr(8, 3);
}

// Answers all NOTIFYs; how many there were.
size_t answer_all(ShardBench& bench, const std::vector<Sent>& sent) {
  size_t notifies = 0;
  for (const Sent& message : sent) {
    if (!message.text.starts_with("NOTIFY")) continue;
    ++notifies;
    bench.answer(message);
  }
  return notifies;
}

// "aor\trefused\tloaded_at\tbytes\tdocument_bytes\trules\tnames\twatchers\tvalid_until\tshard", without bytes.
std::string first_columns(const std::string& row) {
  const size_t refused = row.find('\t'), loaded = row.find('\t', refused + 1);
  return row.substr(0, row.find('\t', loaded + 1));
}

TEST(RulesTest, AnOperatorIsToldWhatThereIs) {
  ShardBench bench;
  bench.load_rules(kAlice, rules_document({"allow bob@example.com : services", "confirm carol@example.com",
                                           "allow dave@example.com from=2027-01-15T08:00:00Z "
                                           "until=2027-01-15T09:00:00Z : everything"}));
  for (const char* watcher : {"bob", "carol", "dave"}) EXPECT_EQ(watch(bench, watcher), "200");
  bench.ask(ControlMessage::Kind::kShowRules, kAlice);
  ASSERT_EQ(bench.rows().size(), 4u);
  EXPECT_EQ(first_columns(bench.rows()[0]), "alice@example.com\t\t1800000000");
  EXPECT_TRUE(bench.rows()[0].ends_with("\t3\tr1 r2 r3\t3\t1800003600\t0")) << bench.rows()[0];
  EXPECT_EQ(bench.rows()[1].substr(0, 20), "0\tallow\ta part\t1\t289");
  EXPECT_EQ(bench.rows()[2], "1\tconfirm\tnothing\t1\t0");
  EXPECT_TRUE(bench.rows()[3].starts_with("2\tallow\teverything\t1\t"));
  const std::vector<std::string> watchers = bench.ask(ControlMessage::Kind::kListWatchers, kAlice);
  ASSERT_EQ(watchers.size(), 3u);
  EXPECT_NE(watchers[0].find("\tbob@example.com\tactive\t"), std::string::npos);
  EXPECT_TRUE(watchers[0].find("\tallow\t0\t") != std::string::npos);
  EXPECT_NE(watchers[1].find("\tcarol@example.com\tpending\t"), std::string::npos);
  EXPECT_TRUE(watchers[1].find("\tconfirm\t1\t") != std::string::npos);

  const std::vector<Sent> sent = bench.load_rules(kAlice, "");
  EXPECT_EQ(first_columns(bench.rows()[0]), "alice@example.com\t\t");
  EXPECT_TRUE(bench.rows()[0].find("\t0\t0\t0\t\t3\t\t0") != std::string::npos) << bench.rows()[0];
  answer_all(bench, sent);
  EXPECT_TRUE(bench.ask(ControlMessage::Kind::kListWatchers, kAlice)[1].find("\tpolicy\t2\t") != std::string::npos);
}

TEST(RulesTest, ARefusalChangesNothing) {
  EngineConfig config = support::bench_config();
  config.limits.rule_sets_max = 2;
  config.limits.rule_set_bytes_max = 300;
  config.limits.rule_sets_bytes_max = 300;
  ShardBench bench(config);
  const std::string small = rules_document({"allow bob@example.com : everything"});
  bench.load_rules(kAlice, small);
  EXPECT_EQ(watch(bench, "bob"), "200");
  std::vector<std::string> many(20, "block bob@example.com");
  EXPECT_TRUE(bench.load_rules(kAlice, rules_document(many)).empty());
  EXPECT_EQ(first_columns(bench.rows()[0]), "alice@example.com\trule_set_too_long\t1800000000");
  EXPECT_EQ(watch(bench, "carol"), "403") << "the rules that there were hold";
  EXPECT_EQ(bench.subscriptions(), 1u);
  // All of a shard: in bytes, and in number.
  many.resize(7);
  bench.load_rules("dave@example.com", rules_document(many));
  EXPECT_EQ(first_columns(bench.rows()[0]), "dave@example.com\trule_sets_full\t");
  bench.load_rules("erin@example.com", small);
  bench.load_rules("frank@example.com", small);
  EXPECT_EQ(first_columns(bench.rows()[0]), "frank@example.com\trule_sets_full\t");
  EXPECT_EQ(bench.count(Reason::kRuleSetsFull), 2u);
  EXPECT_EQ(bench.count(Reason::kRuleSetTooLong), 1u);
  // Those that are replaced make room.
  bench.load_rules(kAlice, rules_document({"polite-block bob@example.com"}));
  EXPECT_EQ(first_columns(bench.rows()[0]), "alice@example.com\t\t1800000000");
}

TEST(RulesTest, ArePartOfWhatIsKeptAndGoWhole) {
  ShardBench bench;
  const std::string before = bench.ask(ControlMessage::Kind::kSummary)[0];
  bench.load_rules(kAlice, rules_document({"allow *@example.com : services", "confirm carol@example.org"}));
  bench.advance(Duration::seconds(7200));
  EXPECT_EQ(bench.ask(ControlMessage::Kind::kSummary)[0].substr(0, 3), "0\t0");
  EXPECT_NE(bench.ask(ControlMessage::Kind::kSummary)[0], before);
  EXPECT_EQ(watch(bench, "bob"), "200");
  bench.load_rules(kAlice, "");
  // The views of those who watched stay until they leave.
  EXPECT_NE(bench.ask(ControlMessage::Kind::kSummary)[0], before);
  bench.advance(Duration::seconds(700));
  EXPECT_EQ(bench.ask(ControlMessage::Kind::kSummary)[0], before);
  EXPECT_EQ(bench.count(Counter::kRuleSetsLoaded), 1u);
  EXPECT_EQ(bench.count(Counter::kRuleSetsRemoved), 1u);
  // None to remove.
  bench.load_rules(kAlice, "");
  EXPECT_EQ(bench.count(Counter::kRuleSetsRemoved), 1u);
}

TEST(RulesTest, WatchersWithEqualRightsShareADocument) {
  ShardBench bench;
  std::vector<std::string> rules = {"allow *@example.com : services", "polite-block *"};
  for (int i = 0; i < 30; i += 3) rules.push_back("allow watcher" + std::to_string(i) + "@example.com : note");
  bench.load_rules(kAlice, rules_document(rules));
  const auto etag_of = [](const std::vector<Sent>& sent) { return sent.at(0).header("SIP-ETag"); };
  std::string etag = etag_of(bench.send(publish(1, "", "here")));
  for (int i = 0; i < 30; ++i) ASSERT_EQ(watch(bench, "watcher" + std::to_string(i)), "200");
  EXPECT_EQ(bench.count(Counter::kDocumentsComposed), 2u);
  // The note is seen by ten of them.
  std::vector<Sent> sent = bench.send(publish(2, etag, "there"));
  etag = etag_of(sent);
  EXPECT_EQ(answer_all(bench, sent), 10u);
  EXPECT_EQ(bench.count(Counter::kDocumentsComposed), 3u);
  // Rules that do the same for all in other words.
  std::swap(rules[0], rules[5]);
  EXPECT_EQ(answer_all(bench, bench.load_rules(kAlice, rules_document(rules))), 0u);
  EXPECT_EQ(bench.count(Counter::kDocumentsComposed), 3u);
  // Two of them see something else than before.
  rules.push_back("allow watcher1@example.com watcher2@example.com : note");
  EXPECT_EQ(answer_all(bench, bench.load_rules(kAlice, rules_document(rules))), 2u);
  EXPECT_EQ(bench.count(Counter::kSubscriptionsChangedView), 2u);
  EXPECT_EQ(bench.count(Counter::kDocumentsComposed), 3u);
}

// RFC 4745 §7.1: "Only authenticated entities can be matched". A domain that believes everybody proves nobody to one
// that does not.
TEST(RulesTest, WhoProvedNothingIsNobodyToADomainThatAsks) {
  EngineConfig config = support::bench_config();
  config.domains = {{.name = "example.com", .watch_policy = WatchPolicy::kEveryone, .authenticate = true},
                    {.name = "example.org", .authenticate = false}};
  config.users = {{.aor = std::string(kAlice)}};
  ShardBench bench(config);
  const auto answer_to_dave = [&bench](const std::string& call) {
    std::string request = subscribe("dave", 600);
    const std::string home = "dave@example.com";
    for (size_t at = 0; (at = request.find(home)) != std::string::npos;) request.replace(at, 16, "dave@example.org");
    request.replace(request.find("davealice"), 9, call);
    request.replace(request.find("Call-ID: "), 9, "Call-ID: " + call);
    return bench.send(request).at(0).first_line().substr(8, 3);
  };
  bench.load_rules(kAlice, rules_document({"allow * : everything", "allow dave@example.org : everything"}));
  EXPECT_EQ(answer_to_dave("one"), "403");
  bench.load_rules(kAlice, rules_document({"polite-block", "allow * : everything"}));
  EXPECT_EQ(answer_to_dave("two"), "200") << "a rule without an identity is for all";
}

// A place is free as soon as the last watcher of a view has left it.
TEST(RulesTest, ViewsAreGivenBack) {
  EngineConfig config = support::bench_config();
  config.limits.views_per_presentity_max = 2;
  ShardBench bench(config);
  bench.load_rules(kAlice, rules_document({"allow * : services", "allow bob@example.com : note",
                                           "allow carol@example.com : mood", "allow dave@example.com : class"}));
  for (const char* watcher : {"bob", "carol"}) EXPECT_EQ(watch(bench, watcher), "200");
  EXPECT_EQ(watch(bench, "dave"), "480");
  EXPECT_EQ(bench.count(Reason::kPresentityViewsFull), 1u);
  answer_all(bench, bench.end_watchers(kAlice, EndReason::kDeactivated));
  EXPECT_EQ(bench.send(subscribe("dave", 0)).size(), 2u) << "a fetch takes a view, too";
}

TEST(RulesTest, ViewsOfAShardAreLimited) {
  EngineConfig config = support::bench_config();
  config.limits.views_max = 1;
  ShardBench bench(config);
  for (const char* who : {"alice@example.com", "dave@example.com"}) {
    bench.load_rules(who, rules_document({"allow * : services", "allow carol@example.com : note"}));
  }
  EXPECT_EQ(watch(bench, "bob"), "200");
  EXPECT_EQ(bench.send(subscribe("bob", 600, "dave"))[0].first_line(), "SIP/2.0 503 Service Unavailable");
  EXPECT_EQ(bench.count(Reason::kViewsFull), 1u);
}

}  // namespace
}  // namespace vedette::engine
