// Hard state in a shard: what an operator is told of it, which limits it has, and that it goes whole. What watchers see
// stands in tests/rfc/flows/hard_state.
#include <gtest/gtest.h>

#include "tests/support/shard_bench.h"

namespace vedette::engine {
namespace {

using support::Sent;
using support::ShardBench;
using Kind = ControlMessage::Kind;

constexpr std::string_view kAlice = "alice@example.com";

std::string document(const std::string& children) {
  return "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" entity=\"sip:alice@example.com\">" + children + "</presence>";
}
std::string tuple(const std::string& note) {
  return "<tuple id=\"t\"><status><basic>open</basic></status><note>" + note + "</note></tuple>";
}

std::string publish(const std::string& body) {
  const std::string number = std::to_string(body.size());
  return "PUBLISH sip:alice@example.com SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKp" + number +
         "\nFrom: <sip:alice@example.com>;tag=p\nTo: <sip:alice@example.com>\nCall-ID: p" + number +
         "\nCSeq: 1 PUBLISH\nEvent: presence\nExpires: 600\nContent-Type: application/pidf+xml\n\n" + body;
}

TEST(HardStatesTest, AnOperatorIsToldWhatThereIs) {
  ShardBench bench;
  bench.ask(Kind::kShowHardState, kAlice);
  EXPECT_EQ(bench.rows(), std::vector<std::string>{"alice@example.com\t\t0\t\t0\t0\t0"});
  const std::string whole = tuple("n") + "<note>x</note>";
  bench.set_hard_state(kAlice, document(whole), Duration::seconds(90));
  bench.advance(Duration::seconds(30));
  bench.ask(Kind::kShowHardState, kAlice);
  ASSERT_EQ(bench.rows().size(), 3u);
  EXPECT_EQ(bench.rows()[0], "alice@example.com\t\t1\t60\t" + std::to_string(whole.size()) + "\t0\t0");
  EXPECT_EQ(bench.rows()[1], "tuple\tt\topen\t" + std::to_string(tuple("n").size()));
  EXPECT_EQ(bench.rows()[2], "note\t\t\t14");
  // Among what is published, and not counted as that.
  const std::vector<std::string> rows = bench.ask(Kind::kListPresentity, kAlice);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0], "alice@example.com\tpresence\t1\t0\t0\t0\t0");
  EXPECT_TRUE(rows[1].starts_with("presence\thard state\t60\t")) << rows[1];
  // What stays has no time.
  bench.set_hard_state(kAlice, document(whole));
  EXPECT_TRUE(bench.rows()[0].starts_with("alice@example.com\t\t1\t\t")) << bench.rows()[0];
  bench.set_hard_state(kAlice, "");
  EXPECT_EQ(bench.rows(), std::vector<std::string>{"alice@example.com\t\t0\t\t0\t0\t0"});
}

TEST(HardStatesTest, ARefusalChangesNothing) {
  EngineConfig config = support::bench_config();
  config.limits.hard_states_max = 2;
  config.limits.hard_states_bytes_max = 900;
  config.limits.publication_body_bytes_max = 900;
  ShardBench bench(config);
  bench.set_hard_state(kAlice, document(tuple("n")));
  const std::string before = bench.ask(Kind::kShowHardState, kAlice)[0];
  const auto refused = [&](std::string_view aor, const std::string& children) {
    const std::vector<Sent> sent = bench.set_hard_state(aor, document(children));
    EXPECT_TRUE(sent.empty());
    const std::string row = bench.rows()[0];
    const size_t begin = row.find('\t') + 1;
    return row.substr(begin, row.find('\t', begin) - begin);
  };
  EXPECT_EQ(refused(kAlice, tuple(std::string(900, 'x'))), "body_too_long");
  EXPECT_EQ(bench.ask(Kind::kShowHardState, kAlice)[0], before);
  // All of a shard: in bytes, and in number.
  EXPECT_EQ(refused("carol@example.com", tuple(std::string(500, 'x')) + tuple("y") + tuple("z")), "hard_states_full");
  EXPECT_EQ(refused("bob@example.com", tuple("n")), "");
  EXPECT_EQ(refused("carol@example.com", tuple("n")), "hard_states_full");
  EXPECT_EQ(bench.count(Reason::kHardStatesFull), 2u);
  EXPECT_EQ(bench.count(Reason::kBodyTooLong), 1u);
  // What is replaced makes room.
  EXPECT_EQ(refused(kAlice, tuple("m")), "");
  EXPECT_EQ(bench.count(Counter::kHardStatesSet), 3u);
}

TEST(HardStatesTest, WhatDoesNotFitANotifyIsRefusedToWhoeverComesLast) {
  EngineConfig config = support::bench_config();
  config.limits.datagram_bytes_max = 4'096;
  config.limits.publication_body_bytes_max = 4'096;
  ShardBench bench(config);
  bench.set_hard_state(kAlice, document(tuple(std::string(3'900, 'x'))));
  EXPECT_TRUE(bench.rows()[0].starts_with("alice@example.com\tbody_too_long\t0")) << "not even alone";
  EXPECT_EQ(bench.send(publish(document(tuple(std::string(800, 'p')))))[0].first_line(), "SIP/2.0 200 OK");
  bench.set_hard_state(kAlice, document(tuple(std::string(800, 'x'))));
  EXPECT_TRUE(bench.rows()[0].starts_with("alice@example.com\tdocument_too_long\t0")) << bench.rows()[0];
  bench.set_hard_state(kAlice, document(tuple(std::string(100, 'x'))));
  EXPECT_TRUE(bench.rows()[0].starts_with("alice@example.com\t\t1")) << bench.rows()[0];
  EXPECT_EQ(bench.send(publish(document("<note>" + std::string(700, 'q') + "</note>")))[0].first_line(),
            "SIP/2.0 413 Presence Document Too Long");
}

TEST(HardStatesTest, TakesNoRoomOfPublications) {
  EngineConfig config = support::bench_config();
  config.limits.publications_max = 1;
  config.limits.hard_states_max = 1;
  ShardBench bench(config);
  EXPECT_EQ(bench.send(publish(document(tuple("p"))))[0].first_line(), "SIP/2.0 200 OK");
  bench.set_hard_state("bob@example.com", document(tuple("h")));
  EXPECT_TRUE(bench.rows()[0].starts_with("bob@example.com\t\t1"));
  bench.set_hard_state("bob@example.com", "");
  // Room for hard state is none for a second publication.
  std::string second = publish(document(tuple("second")));
  for (size_t at; (at = second.find("alice")) != std::string::npos;) second.replace(at, 5, "carol");
  EXPECT_EQ(bench.send(second)[0].first_line(), "SIP/2.0 503 Service Unavailable");
  EXPECT_EQ(bench.count(Reason::kPublicationsFull), 1u);
}

TEST(HardStatesTest, GoesWhole) {
  ShardBench bench;
  const std::string before = bench.ask(Kind::kSummary)[0];
  bench.set_hard_state(kAlice, document(tuple("n")));
  bench.advance(Duration::seconds(7'200));
  EXPECT_NE(bench.ask(Kind::kSummary)[0], before);
  bench.set_hard_state(kAlice, "");
  EXPECT_EQ(bench.ask(Kind::kSummary)[0], before);
  EXPECT_EQ(bench.count(Counter::kHardStatesRemoved), 1u);
  // Removing what is not there does nothing.
  bench.set_hard_state(kAlice, "");
  EXPECT_EQ(bench.count(Counter::kHardStatesRemoved), 1u);
  bench.set_hard_state(kAlice, document(tuple("n")), Duration::seconds(60));
  bench.advance(Duration::seconds(60));
  EXPECT_EQ(bench.ask(Kind::kSummary)[0], before);
  EXPECT_EQ(bench.count(Counter::kHardStatesExpired), 1u);
  EXPECT_EQ(bench.count(Counter::kPublicationsExpired), 0u);
}

}  // namespace
}  // namespace vedette::engine
