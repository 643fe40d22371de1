// Registration is presence (RFC 3261 §10.3, RFC 5627): REGISTER against shards, seen by watchers, and NOTIFYs that
// find their watcher through its binding.
#include <gtest/gtest.h>

#include "tests/support/shard_bench.h"

namespace vedette::engine {
namespace {

using support::Sent;
using support::ShardBench;

constexpr std::string_view kInstance = "urn:uuid:f45cc560-8605-4c25-9a76-b5cf4a2ed5ba";

std::string register_text(std::string_view user, int cseq, std::string_view contact, int expires) {
  const std::string who(user), number = std::to_string(cseq);
  return "REGISTER sip:example.com SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.5:5070;rport;branch=z9hG4bKr" + who + number +
         "\nFrom: <sip:" + who + "@example.com>;tag=r\nTo: <sip:" + who + "@example.com>\nCall-ID: r" + who +
         "\nCSeq: " + number + " REGISTER\nSupported: gruu\nContact: " + std::string(contact) +
         "\nExpires: " + std::to_string(expires) + "\n\n";
}

std::string gruu_contact(std::string_view user, std::string_view port = "5070") {
  return "<sip:" + std::string(user) + "@192.0.2.5:" + std::string(port) + ">;+sip.instance=\"<" +
         std::string(kInstance) + ">\"";
}

std::string subscribe_with_contact(std::string_view contact) {
  return "SUBSCRIBE sip:alice@example.com SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.5:5070;rport;branch=z9hG4bKs\nFrom: "
         "<sip:bob@example.com>;tag=w\nTo: <sip:alice@example.com>\nCall-ID: s\nCSeq: 1 SUBSCRIBE\nContact: " +
         std::string(contact) + "\nEvent: presence\nExpires: 600\n\n";
}

size_t tuples_in(std::string_view body) {
  size_t count = 0;
  for (size_t at = 0; (at = body.find("<tuple ", at)) != std::string_view::npos; ++at) ++count;
  return count;
}

TEST(RegistrationTest, ShowsAsAnOpenTupleAndGoesWithTheLastBinding) {
  ShardBench bench;
  bench.answer(bench.send(subscribe_with_contact("<sip:bob@192.0.2.5>"))[1]);
  // Expect: 200 with the binding, and the watcher is told "open" without any PUBLISH.
  auto sent = bench.send(register_text("alice", 1, "<sip:alice@192.0.2.8>", 60), "192.0.2.8");
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0].first_line(), "SIP/2.0 200 OK");
  EXPECT_EQ(sent[0].header("Contact"), "<sip:alice@192.0.2.8>;expires=60");
  EXPECT_NE(sent[1].body().find("<basic>open</basic>"), std::string::npos);
  EXPECT_NE(sent[1].body().find("sip:alice@example.com"), std::string::npos);
  bench.answer(sent[1]);
  // Expect: a refresh changes nothing that watchers see.
  EXPECT_EQ(bench.send(register_text("alice", 2, "<sip:alice@192.0.2.8>", 60), "192.0.2.8").size(), 1u);
  // Expect: a second device comes with a tuple of its own, and takes that alone when it goes (RFC 4479 §3.3).
  const std::string tablet = "<sip:alice@192.0.2.9>;video;q=0.5";
  sent = bench.send(register_text("alice", 3, tablet, 60), "192.0.2.9");
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(tuples_in(sent[1].body()), 2u);
  EXPECT_NE(sent[1].body().find("<caps:video>true</caps:video>"), std::string::npos);
  EXPECT_NE(sent[1].body().find("<contact priority=\"0.500\">"), std::string::npos);
  EXPECT_EQ(sent[1].body().find("192.0.2.9"), std::string::npos);
  bench.answer(sent[1]);
  sent = bench.send(register_text("alice", 4, tablet, 0), "192.0.2.9");
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(tuples_in(sent[1].body()), 1u);
  EXPECT_EQ(sent[1].body().find("caps:video"), std::string::npos);
  bench.answer(sent[1]);
  // Expect: when the last one expires, "closed".
  sent = bench.advance(Duration::milliseconds(60'100));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_NE(sent[0].body().find("<basic>closed</basic>"), std::string::npos);
  EXPECT_EQ(bench.count(Counter::kBindingsExpired), 1u);
}

std::string publish_text(int cseq, std::string_view body, std::string_view entity_tag = {}) {
  const std::string number = std::to_string(cseq);
  return "PUBLISH sip:alice@example.com SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.5:5070;rport;branch=z9hG4bKp" + number +
         "\nFrom: <sip:alice@example.com>;tag=p\nTo: <sip:alice@example.com>\nCall-ID: p\nCSeq: " + number +
         " PUBLISH\nEvent: presence\n" +
         (entity_tag.empty() ? "" : "SIP-If-Match: " + std::string(entity_tag) + "\n") +
         "Expires: 600\nContent-Type: application/pidf+xml\nContent-Length: " + std::to_string(body.size()) + "\n\n" +
         std::string(body);
}

std::string presence(std::string_view children) {
  return "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\" "
         "xmlns:op=\"urn:oma:xml:prs:pidf:oma-pres\" entity=\"sip:alice@example.com\">" +
         std::string(children) + "</presence>";
}

// FEATURES: registration is presence; a device that publishes speaks for itself.
TEST(RegistrationTest, GivesWayToWhatItsDevicePublishes) {
  ShardBench bench;
  bench.answer(bench.send(subscribe_with_contact("<sip:bob@192.0.2.6>"), "192.0.2.6")[1]);
  bench.answer(bench.send(register_text("alice", 1, "<sip:alice@192.0.2.5:5070>", 600), "192.0.2.5")[1]);
  bench.answer(bench.send(register_text("alice", 2, "<sip:alice@192.0.2.9>", 600), "192.0.2.9")[1]);
  // Expect: the tuple of the device, and the other one's registration.
  auto sent = bench.send(
      publish_text(1, presence("<tuple id=\"mine\"><status><basic>open</basic></status></tuple>")), "192.0.2.5");
  ASSERT_EQ(sent.size(), 2u);
  const std::string tag = sent[0].header("SIP-ETag");
  EXPECT_TRUE(tag.size() == 16u && tuples_in(sent[1].body()) == 2u) << sent[1].body();
  bench.answer(sent[1]);
  // Expect: what it registers from now on is seen by nobody.
  EXPECT_EQ(bench.send(register_text("alice", 3, "<sip:alice@192.0.2.5:5070>;audio", 600), "192.0.2.5").size(), 1u);
  // Expect: with "closed" it speaks for its user; registrations do not say otherwise.
  sent = bench.send(
      publish_text(2, presence("<tuple id=\"mine\"><status><basic>closed</basic></status></tuple>"), tag), "192.0.2.5");
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[1].body().find("open"), std::string::npos) << sent[1].body();
  bench.answer(sent[1]);
  // Expect: when the publication has expired, both devices show by their registrations.
  bench.send(register_text("alice", 4, "<sip:alice@192.0.2.5:5070>;audio", 3600), "192.0.2.5");
  bench.send(register_text("alice", 5, "<sip:alice@192.0.2.9>", 3600), "192.0.2.9");
  sent = bench.advance(Duration::milliseconds(600'100));
  ASSERT_GE(sent.size(), 1u);
  EXPECT_EQ(tuples_in(sent[0].body()), 2u) << sent[0].body();
}

TEST(RegistrationTest, AppearingOfflineHidesRegistrations) {
  ShardBench bench;
  auto sent = bench.send(subscribe_with_contact("<sip:bob@192.0.2.6>"), "192.0.2.6");
  const std::string unknown = sent[1].body();
  bench.answer(sent[1]);
  bench.answer(bench.send(register_text("alice", 1, "<sip:alice@192.0.2.5:5070>", 600), "192.0.2.5")[1]);
  sent = bench.send(
      publish_text(1, presence("<dm:person id=\"p\"><op:overriding-willingness><op:basic>closed</op:basic>"
                               "</op:overriding-willingness></dm:person>")),
      "192.0.2.5");
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[1].body(), unknown);
  bench.answer(sent[1]);
  // Expect: nothing that devices do meanwhile can be told from outside.
  EXPECT_EQ(bench.send(register_text("alice", 2, "<sip:alice@192.0.2.9>", 600), "192.0.2.9").size(), 1u);
}

TEST(RegistrationTest, AQueryChangesNothing) {
  ShardBench bench;
  std::string query = register_text("alice", 1, "x", 60);
  query.erase(query.find("Contact: x\n"), 11);
  const auto sent = bench.send(query);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].first_line(), "SIP/2.0 200 OK");
  EXPECT_EQ(sent[0].header("Contact"), "");
  EXPECT_EQ(bench.ask(ControlMessage::Kind::kListPresentity, "alice@example.com").size(), 0u);
}

// RFC 5627 §6.1: a request for a GRUU goes to the Contact that its instance registered, whichever shard has it.
TEST(GruuTest, NotifyFindsItsWatcherThroughTheBinding) {
  for (const unsigned shards : {1u, 2u, 3u, 4u, 5u, 6u}) {
    ShardBench bench(support::bench_config(), shards);
    auto sent = bench.send(register_text("bob", 1, gruu_contact("bob"), 600), "192.0.2.5");
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_NE(sent[0].header("Contact").find("pub-gruu=\"sip:bob@example.com;gr=" + std::string(kInstance) + "\""),
              std::string::npos);
    const std::string gruu = "sip:bob@example.com;gr=" + std::string(kInstance);
    sent = bench.send(subscribe_with_contact("<" + gruu + ">"), "192.0.2.5");
    ASSERT_EQ(sent.size(), 2u) << shards;
    // Expect: the registered Contact in the Request-URI, its flow, and our Via.
    EXPECT_EQ(sent[1].first_line(), "NOTIFY sip:bob@192.0.2.5:5070 SIP/2.0");
    EXPECT_EQ(sent[1].flow.remote.port, 5070);
    bench.answer(sent[1]);
    EXPECT_EQ(bench.count(Counter::kNotifiesAcknowledged), 1u);
    // Expect: after the phone has moved, the NOTIFY follows it.
    bench.send(register_text("bob", 2, gruu_contact("bob", "5099"), 600), "192.0.2.5");
    sent = bench.send(register_text("alice", 1, "<sip:alice@192.0.2.8>", 60), "192.0.2.8");
    ASSERT_EQ(sent.size(), 2u);
    EXPECT_EQ(sent[1].first_line(), "NOTIFY sip:bob@192.0.2.5:5099 SIP/2.0");
    bench.answer(sent[1]);
    // Expect: with the binding gone, the next NOTIFY ends the subscription, as a 480 would.
    bench.send(register_text("bob", 3, gruu_contact("bob", "5099"), 0), "192.0.2.5");
    sent = bench.send(register_text("alice", 2, "<sip:alice@192.0.2.8>", 0), "192.0.2.8");
    EXPECT_EQ(sent.size(), 1u);
    EXPECT_EQ(bench.subscriptions(), 0u) << shards;
  }
}

TEST(GruuTest, ATargetThatIsAnAorTakesItsNewestBinding) {
  ShardBench bench;
  bench.send(register_text("bob", 1, "<sip:bob@192.0.2.5:5080>", 600), "192.0.2.5");
  bench.advance(Duration::seconds(1));
  bench.send(register_text("bob", 2, "<sip:bob@192.0.2.6:5081>", 600), "192.0.2.6");
  const auto sent = bench.send(subscribe_with_contact("<sip:bob@example.com>"));
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[1].first_line(), "NOTIFY sip:bob@192.0.2.6:5081 SIP/2.0");
}

TEST(BalanceTest, NothingIsLeftWhenAllIsOver) {
  ShardBench bench;
  bench.send(register_text("alice", 1, gruu_contact("alice"), 30));
  bench.send(register_text("bob", 1, gruu_contact("bob"), 30));
  bench.send(subscribe_with_contact("<sip:bob@192.0.2.5>"));
  bench.advance(Duration::seconds(700));
  const auto rows = bench.ask(ControlMessage::Kind::kSummary);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0], "0\t0\t0\t0\t0\t0\t0\t0\t0\t0\t0\t0\t0");
}

TEST(ListingTest, SaysWhoWatchesWhom) {
  ShardBench bench;
  bench.send(register_text("alice", 1, gruu_contact("alice"), 30));
  bench.answer(bench.send(subscribe_with_contact("<sip:bob@192.0.2.5>"), "192.0.2.5")[1]);
  const auto watchers = bench.ask(ControlMessage::Kind::kListWatchers, "alice@example.com");
  ASSERT_EQ(watchers.size(), 1u);
  EXPECT_TRUE(watchers[0].starts_with(
      "alice@example.com\tbob@example.com\tactive\tpresence\t600\tsip:bob@192.0.2.5\t192.0.2.5:5060\ts\t1\t0\t0\t"
      "policy\t\t1\t")) << watchers[0];
  EXPECT_EQ(bench.ask(ControlMessage::Kind::kListWatchers).size(), 1u);
  EXPECT_EQ(bench.ask(ControlMessage::Kind::kListWatchers, "bob@example.com").size(), 0u);
  const auto presentity = bench.ask(ControlMessage::Kind::kListPresentity, "alice@example.com");
  ASSERT_EQ(presentity.size(), 2u);
  EXPECT_EQ(presentity[0], "alice@example.com\tpresence\t1\t0\t1\t1\t0");
  EXPECT_EQ(presentity[1].substr(0, presentity[1].find('\t')), "sip:alice@192.0.2.5:5070");
  // Every counter by its name, long lists over many turns.
  EXPECT_EQ(bench.ask(ControlMessage::Kind::kCounters).size(),
            static_cast<size_t>(Counter::kCount) + static_cast<size_t>(Reason::kCount) - 1);
}

}  // namespace
}  // namespace vedette::engine
