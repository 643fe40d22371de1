// SUBSCRIBE, PUBLISH and NOTIFY as ladders of messages (RFC 6665, RFC 3903, RFC 3856) against one shard, or several
// joined. What a digest or a registration does to them stands in other files.
// The domain of these tests believes everybody.
#include <gtest/gtest.h>

#include "engine/presence/subscription_machine.h"
#include "tests/support/shard_bench.h"

namespace vedette::engine {
namespace {

using support::Sent;
using support::ShardBench;

std::string subscribe(std::string_view extra = {}, int cseq = 1, std::string_view to_tag = {}, int expires = 600,
                      std::string_view watcher = "bob") {
  const std::string who(watcher), number = std::to_string(cseq);
  return "SUBSCRIBE sip:alice@example.com SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK" + who + number +
         "\nFrom: <sip:" + who + "@example.com>;tag=w" + who + "\nTo: <sip:alice@example.com>" +
         (to_tag.empty() ? "" : ";tag=" + std::string(to_tag)) + "\nCall-ID: " + who +
         "@192.0.2.1\nCSeq: " + number + " SUBSCRIBE\nContact: <sip:" + who +
         "@192.0.2.1>\nEvent: presence\nExpires: " + std::to_string(expires) + "\n" + std::string(extra) +
         "\n";
}

std::string pidf(std::string_view basic, std::string_view id = "t1") {
  return "<?xml version=\"1.0\"?><presence xmlns=\"urn:ietf:params:xml:ns:pidf\" entity=\"sip:alice@example.com\">"
         "<tuple id=\"" + std::string(id) + "\"><status><basic>" + std::string(basic) +
         "</basic></status></tuple></presence>";
}

std::string publish(std::string_view body, int cseq = 1, std::string_view if_match = {}, int expires = 600) {
  const std::string number = std::to_string(cseq);
  return "PUBLISH sip:alice@example.com SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKp" + number +
         "\nFrom: <sip:alice@example.com>;tag=p\nTo: <sip:alice@example.com>\nCall-ID: p@192.0.2.7\nCSeq: " + number +
         " PUBLISH\nEvent: presence\nExpires: " + std::to_string(expires) + "\n" +
         (if_match.empty() ? "" : "SIP-If-Match: " + std::string(if_match) + "\n") +
         (body.empty() ? "" : "Content-Type: application/pidf+xml\n") + "\n" + std::string(body);
}

std::string tag_of(const Sent& response) {
  const std::string to = response.header("To");
  return to.substr(to.find("tag=") + 4);
}

std::string status_of(const std::vector<Sent>& sent) {
  return sent.empty() ? "silence" : sent[0].first_line().substr(8);
}

// RFC 6665 §4.2.1.1, §4.2.1.2: 200 with Expires and Contact, then a NOTIFY at once.
TEST(SubscribeTest, IsAnsweredAndFollowedByANotify) {
  ShardBench bench;
  const auto sent = bench.send(subscribe("Record-Route: <sip:192.0.2.9;lr>\n"), "192.0.2.9");
  // Expect: 200 to the source, the proxy; dialog made.
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0].first_line(), "SIP/2.0 200 OK");
  EXPECT_EQ(sent[0].header("Expires"), "600");
  EXPECT_EQ(sent[0].header("Contact"), "<sip:192.0.2.254:5060;gr>");
  EXPECT_EQ(sent[0].header("Record-Route"), "<sip:192.0.2.9;lr>");
  // Expect: NOTIFY to the Contact through the route set, state "nobody there".
  const Sent& notify = sent[1];
  EXPECT_EQ(notify.first_line(), "NOTIFY sip:bob@192.0.2.1 SIP/2.0");
  EXPECT_EQ(notify.flow.remote, support::bench_flow("192.0.2.9").remote);
  EXPECT_EQ(notify.header("Route"), "<sip:192.0.2.9;lr>");
  EXPECT_EQ(notify.header("To"), "<sip:bob@example.com>;tag=wbob");
  EXPECT_EQ(notify.header("From"), sent[0].header("To"));
  EXPECT_EQ(notify.header("Call-ID"), "bob@192.0.2.1");
  EXPECT_EQ(notify.header("Subscription-State"), "active;expires=600");
  EXPECT_EQ(notify.header("Content-Type"), "application/pidf+xml");
  EXPECT_NE(notify.body().find("<basic>closed</basic>"), std::string::npos);
  EXPECT_EQ(notify.header("Content-Length"), std::to_string(notify.body().size()));
}

TEST(SubscribeTest, RefusesWithTheStatusThatHelps) {
  struct Case {
    const char* remove;
    const char* extra;
    int expires;
    const char* status;
    const char* header;
    const char* value;
  };
  for (const Case& c : std::vector<Case>{
           {"", "", 5, "423 Interval Too Brief", "Min-Expires", "10"},  // RFC 6665 §4.2.1.1
           {"Event: presence\n", "Event: winfo\n", 600, "489 Bad Event", "Allow-Events",
            "presence, dialog, message-summary, reg"},
           {"Event: presence\n", "", 600, "489 Bad Event", "Allow-Events",
            "presence, dialog, message-summary, reg"},
           {"", "Accept: text/plain\n", 600, "406 Not Acceptable", "Accept", "application/pidf+xml"},
           {"", "Require: recipient-list-subscribe, gruu\n", 600, "420 Bad Extension", "Unsupported",
            "recipient-list-subscribe"},
           {"Contact: <sip:bob@192.0.2.1>\n", "", 600, "400", "Content-Length", "0"},
           {"Contact: <sip:bob@192.0.2.1>\n", "Contact: <sip:bob@192.0.2.1?a=b>\n", 600, "400", "Content-Length", "0"},
           {"", "Record-Route: junk\n", 600, "400", "Content-Length", "0"},
           {"Call-ID: bob@192.0.2.1\n", "", 600, "400", "Content-Length", "0"}}) {
    ShardBench bench;
    std::string text = subscribe(c.extra, 1, {}, c.expires);
    if (*c.remove != '\0') text.erase(text.find(c.remove), std::string(c.remove).size());
    const auto sent = bench.send(text);
    ASSERT_EQ(sent.size(), 1u) << c.status;
    EXPECT_TRUE(status_of(sent).starts_with(c.status)) << status_of(sent);
    EXPECT_EQ(sent[0].header(c.header), c.value) << c.status;
    EXPECT_EQ(bench.subscriptions(), 0u);
  }
}

// RFC 3261 §17.2.2: the same answer, the same dialog, nothing new.
TEST(SubscribeTest, RetransmissionGetsTheSameAnswer) {
  ShardBench bench;
  const auto first = bench.send(subscribe());
  const auto again = bench.send(subscribe());
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].text, first[0].text);
  EXPECT_EQ(bench.subscriptions(), 1u);
}

TEST(SubscribeTest, RefreshExtendsAndEndSendsTheFinalNotify) {
  ShardBench bench;
  const auto created = bench.send(subscribe());
  const std::string tag = tag_of(created[0]);
  bench.answer(created[1]);
  bench.advance(Duration::seconds(500));
  // Expect: refreshed for another 600 s and told again (RFC 6665 §4.2.1.2).
  const auto refreshed = bench.send(subscribe("", 2, tag));
  ASSERT_EQ(refreshed.size(), 2u);
  EXPECT_EQ(status_of(refreshed), "200 OK");
  EXPECT_EQ(refreshed[1].header("Subscription-State"), "active;expires=600");
  bench.answer(refreshed[1]);
  EXPECT_TRUE(bench.advance(Duration::seconds(500)).empty());
  // Expect: Expires 0 ends it with terminated;reason=timeout (§4.2.1.4), released after the answer.
  const auto ended = bench.send(subscribe("", 3, tag, 0));
  ASSERT_EQ(ended.size(), 2u);
  EXPECT_EQ(ended[1].header("Subscription-State"), "terminated;reason=timeout");
  EXPECT_EQ(bench.subscriptions(), 1u);
  bench.answer(ended[1]);
  EXPECT_EQ(bench.subscriptions(), 0u);
  // Expect: 481 for the dialog that is gone.
  EXPECT_EQ(status_of(bench.send(subscribe("", 4, tag))), "481 Subscription Does Not Exist");
}

TEST(SubscribeTest, InDialogChecks) {
  ShardBench bench;
  const auto created = bench.send(subscribe("", 10));
  bench.answer(created[1]);
  const std::string tag = tag_of(created[0]);
  // RFC 3261 §12.2.2: a lower CSeq is out of order: 500.
  EXPECT_EQ(status_of(bench.send(subscribe("", 9, tag))).substr(0, 3), "500");
  // Another Call-ID or From tag is another dialog.
  std::string other = subscribe("", 11, tag);
  other.replace(other.find("tag=wbob"), 8, "tag=else");
  EXPECT_EQ(status_of(bench.send(other)).substr(0, 3), "481");
  EXPECT_EQ(status_of(bench.send(subscribe("", 12, "nonsense"))).substr(0, 3), "481");
  // RFC 6665 §4.5.2: another Event id would be another subscription.
  other = subscribe("", 13, tag);
  other.replace(other.find("Event: presence"), 15, "Event: presence;id=7");
  EXPECT_EQ(status_of(bench.send(other)).substr(0, 3), "403");
}

// RFC 3261 §12.2.2. Our tag names a record: whatever it names, what differs in one digit is no dialog.
TEST(SubscribeTest, ATagThatIsNotOursFindsNobody) {
  ShardBench bench;
  const std::string tag = tag_of(bench.send(subscribe())[0]);
  bench.send(subscribe("", 1, "", 600, "carol"));
  int cseq = 2;
  for (size_t i = 0; i < tag.size(); ++i) {
    for (const char digit : {'0', '1', '7', 'f'}) {
      std::string other = tag;
      other[i] = digit;
      if (other == tag) continue;
      EXPECT_EQ(status_of(bench.send(subscribe("", cseq++, other))).substr(0, 3), "481") << other;
    }
  }
  EXPECT_EQ(status_of(bench.send(subscribe("", cseq, tag))), "200 OK");
}

// RFC 6665 §4.4.3.
TEST(SubscribeTest, FetchTellsOnceAndLeavesNothing) {
  ShardBench bench;
  bench.send(publish(pidf("open")), "192.0.2.7");
  const auto sent = bench.send(subscribe("", 1, {}, 0));
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0].header("Expires"), "0");
  EXPECT_EQ(sent[1].header("Subscription-State"), "terminated;reason=timeout");
  EXPECT_NE(sent[1].body().find("<basic>open</basic>"), std::string::npos);
  bench.answer(sent[1]);
  EXPECT_EQ(bench.subscriptions(), 0u);
}

TEST(SubscribeTest, ExpiryEndsItWithoutTheWatchersHelp) {
  ShardBench bench;
  bench.answer(bench.send(subscribe("", 1, {}, 60))[1]);
  EXPECT_TRUE(bench.advance(Duration::seconds(59)).empty());
  const auto sent = bench.advance(Duration::seconds(2));
  ASSERT_EQ(sent.size(), 2u);  // The NOTIFY and its first resend.
  EXPECT_EQ(sent[0].header("Subscription-State"), "terminated;reason=timeout");
  EXPECT_EQ(sent[0].text, sent[1].text);
  bench.advance(Duration::seconds(33));
  EXPECT_EQ(bench.subscriptions(), 0u);
}

// RFC 3261 §17.1.2.2: Timer E doubles from T1 to T2, Timer F is 64 * T1; RFC 6665 §4.2.2: a time-out ends it.
TEST(NotifyTest, IsResentAndAtLastGivenUp) {
  ShardBench bench;
  const auto created = bench.send(subscribe());
  std::vector<int64_t> times;
  const Instant start = bench.now();
  while (bench.subscriptions() > 0) {
    for (const Sent& sent : bench.advance(Duration::milliseconds(100))) {
      EXPECT_EQ(sent.text, created[1].text);
      times.push_back((bench.now() - start).to_milliseconds());
    }
    ASSERT_LT(bench.now() - start, Duration::seconds(40));
  }
  const std::vector<int64_t> expected = {500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500};
  ASSERT_EQ(times.size(), expected.size());
  for (size_t i = 0; i < times.size(); ++i) EXPECT_NEAR(double(times[i]), double(expected[i]), 101);
  EXPECT_EQ(bench.count(Counter::kSubscriptionsTimedOut), 1u);
}

TEST(NotifyTest, OneInFlightAndTheLatestStateAfterIt) {
  ShardBench bench;
  const auto created = bench.send(subscribe());
  // Three changes while the first NOTIFY is unanswered: nothing is sent.
  const auto one = bench.send(publish(pidf("open")), "192.0.2.7");
  ASSERT_EQ(one.size(), 1u);
  const auto two = bench.send(publish(pidf("closed"), 2, one[0].header("SIP-ETag")), "192.0.2.7");
  const auto three = bench.send(publish(pidf("open", "last"), 3, two[0].header("SIP-ETag")), "192.0.2.7");
  EXPECT_EQ(three.size(), 1u);
  // Expect: one NOTIFY with the last state, the next CSeq.
  const auto sent = bench.answer(created[1]);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].header("CSeq"), "2 NOTIFY");
  EXPECT_NE(sent[0].body().find("last"), std::string::npos);
  EXPECT_TRUE(bench.answer(sent[0]).empty());
}

// RFC 6665 §4.2.2: which answers end the subscription, which only the attempt.
TEST(NotifyTest, AnswersThatEndAndAnswersThatDoNot) {
  for (const char* status : {"481 Gone", "404 No", "405 No", "410 Gone", "416 No", "480 Away", "485 Who", "489 What",
                             "501 No", "604 Nowhere", "408 Late", "502 Bad"}) {
    ShardBench bench;
    bench.answer(bench.send(subscribe())[1], status, "Retry-After: 7\r\n");
    EXPECT_EQ(bench.subscriptions(), 0u) << status;
  }
  for (const char* status : {"500 Oops", "503 Busy", "400 What", "486 Busy", "603 Decline"}) {
    ShardBench bench;
    bench.answer(bench.send(subscribe())[1], status, "Retry-After: 7\r\n");
    EXPECT_EQ(bench.subscriptions(), 1u) << status;
    EXPECT_TRUE(bench.advance(Duration::milliseconds(6900)).empty()) << status;
    const auto sent = bench.advance(Duration::milliseconds(200));
    ASSERT_EQ(sent.size(), 1u) << status;
    EXPECT_EQ(sent[0].header("CSeq"), "2 NOTIFY");
  }
}

// RFC 6665 §4.2.1.2: a refresh is told the state at once, also while a failed attempt is being slept over.
TEST(NotifyTest, RefreshEndsTheBackOff) {
  ShardBench bench;
  const auto created = bench.send(subscribe());
  bench.answer(created[1], "486 Busy", "Retry-After: 600\r\n");
  ASSERT_EQ(bench.subscriptions(), 1u);
  EXPECT_EQ(bench.send(publish(pidf("open")), "192.0.2.7").size(), 1u);
  const auto refreshed = bench.send(subscribe("", 2, tag_of(created[0])));
  ASSERT_EQ(refreshed.size(), 2u);
  EXPECT_NE(refreshed[1].body().find("<basic>open</basic>"), std::string::npos);
}

TEST(NotifyTest, StrayAnswersChangeNothing) {
  ShardBench bench;
  const auto created = bench.send(subscribe());
  Sent forged = created[1];
  forged.text.replace(forged.text.find("z9hG4bKv") + 28, 1,
                      forged.text[forged.text.find("z9hG4bKv") + 28] == '0' ? "1" : "0");
  bench.answer(forged, "481 Gone");
  EXPECT_EQ(bench.subscriptions(), 1u);
  EXPECT_EQ(bench.count(Reason::kStrayResponse), 1u);
  // Twice the same answer: the second is a stray.
  bench.answer(created[1]);
  bench.answer(created[1]);
  EXPECT_EQ(bench.count(Reason::kStrayResponse), 2u);
}

// RFC 3903 §4, §6: the life of a publication.
TEST(PublishTest, CreatesRefreshesModifiesAndRemoves) {
  ShardBench bench;
  bench.answer(bench.send(subscribe())[1]);
  const auto created = bench.send(publish(pidf("open")), "192.0.2.7");
  ASSERT_EQ(created.size(), 2u);
  EXPECT_EQ(created[0].first_line(), "SIP/2.0 200 OK");
  EXPECT_EQ(created[0].header("Expires"), "600");
  bench.answer(created[1]);
  // Expect: a refresh changes the entity tag and tells nobody.
  const auto refreshed = bench.send(publish("", 2, created[0].header("SIP-ETag")), "192.0.2.7");
  ASSERT_EQ(refreshed.size(), 1u);
  EXPECT_NE(refreshed[0].header("SIP-ETag"), created[0].header("SIP-ETag"));
  // Expect: the old tag is of no use any more (412), and its state is untouched.
  EXPECT_EQ(status_of(bench.send(publish("", 3, created[0].header("SIP-ETag")), "192.0.2.7")).substr(0, 3), "412");
  const auto modified = bench.send(publish(pidf("closed"), 4, refreshed[0].header("SIP-ETag")), "192.0.2.7");
  ASSERT_EQ(modified.size(), 2u);
  EXPECT_NE(modified[1].body().find("<basic>closed</basic>"), std::string::npos);
  bench.answer(modified[1]);
  const auto removed = bench.send(publish("", 5, modified[0].header("SIP-ETag"), 0), "192.0.2.7");
  ASSERT_EQ(removed.size(), 2u);
  EXPECT_EQ(removed[0].header("Expires"), "0");
  EXPECT_EQ(removed[1].body().find("id=\"t1\""), std::string::npos);
}

TEST(PublishTest, RetransmissionGetsTheSameEntityTag) {
  ShardBench bench;
  const auto first = bench.send(publish(pidf("open")), "192.0.2.7");
  const auto again = bench.send(publish(pidf("open")), "192.0.2.7");
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].text, first[0].text);
  EXPECT_EQ(bench.count(Counter::kPublicationsCreated), 1u);
}

TEST(PublishTest, ADeviceThatExpiresTakesOnlyItsOwnTuple) {
  ShardBench bench;
  bench.send(publish(pidf("open", "desk"), 1, {}, 600), "192.0.2.7");
  bench.send(publish(pidf("open", "mobile"), 2, {}, 60), "192.0.2.8");
  auto sent = bench.send(subscribe());
  // Expect: both, the newest first.
  const std::string body = sent[1].body();
  EXPECT_LT(body.find("id=\"mobile\""), body.find("id=\"desk\""));
  bench.answer(sent[1]);
  sent = bench.advance(Duration::milliseconds(60'200));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].body().find("mobile"), std::string::npos);
  EXPECT_NE(sent[0].body().find("id=\"desk\""), std::string::npos);
}

TEST(PublishTest, RefusesWithTheStatusThatHelps) {
  ShardBench bench;
  const auto status = [&](std::string text, std::string_view from, std::string_view to) {
    if (!from.empty()) text.replace(text.find(from), from.size(), to);
    static int n = 0;
    text.replace(text.find("z9hG4bKp1"), 9, "z9hG4bKx" + std::to_string(++n));
    const auto sent = bench.send(text, "192.0.2.7");
    return sent.empty() ? std::string("silence") : sent[0].first_line().substr(8, 3);
  };
  EXPECT_EQ(status(publish(pidf("open"), 1, {}, 5), "", ""), "423");
  EXPECT_EQ(status(publish(pidf("open")), "Event: presence\n", ""), "489");
  EXPECT_EQ(status(publish(pidf("open")), "Event: presence", "Event: reg"), "489");
  EXPECT_EQ(status(publish(pidf("open")), "application/pidf+xml", "text/plain"), "415");
  EXPECT_EQ(status(publish(pidf("open")), "Content-Type", "Content-Encoding: deflate\nContent-Type"), "415");
  EXPECT_EQ(status(publish("<presence/>"), "", ""), "400");
  EXPECT_EQ(status(publish(""), "", ""), "400");
  EXPECT_EQ(status(publish(pidf("open"), 1, "deadbeefdeadbeef"), "", ""), "412");
  EXPECT_EQ(status(publish(pidf("open")), "PUBLISH sip:alice@example.com", "PUBLISH sip:alice@example.net"), "404");
  EXPECT_EQ(status(publish(std::string(11'000, ' ')), "", ""), "413");
  EXPECT_EQ(bench.count(Counter::kPublicationsCreated), 0u);
}

TEST(PublishTest, ForgetfulPublisherDoesNotLockItsUserOut) {
  EngineConfig config = support::bench_config();
  config.limits.publications_per_presentity_max = 3;
  ShardBench bench(config);
  for (int i = 1; i <= 10; ++i) {
    EXPECT_EQ(status_of(bench.send(publish(pidf("open", "t" + std::to_string(i)), i), "192.0.2.7")), "200 OK");
  }
  const std::string body = bench.send(subscribe())[1].body();
  EXPECT_NE(body.find("id=\"t10\""), std::string::npos);
  EXPECT_NE(body.find("id=\"t8\""), std::string::npos);
  EXPECT_EQ(body.find("id=\"t7\""), std::string::npos);
  EXPECT_EQ(bench.count(Counter::kPublicationsReplaced), 7u);
}

// baresip 1.0 publishes twice when it starts, without waiting for the first entity tag.
TEST(PublishTest, ADeviceThatPublishesAnewTakesItsOwnPlace) {
  ShardBench bench;
  const auto first = bench.send(publish(pidf("open"), 1), "192.0.2.7");
  const auto second = bench.send(publish(pidf("open"), 2), "192.0.2.7");
  EXPECT_EQ(bench.count(Counter::kPublicationsReplaced), 1u);
  // Expect: the first tag is of no use any more, and the second removes all there is.
  EXPECT_EQ(status_of(bench.send(publish("", 3, first[0].header("SIP-ETag")), "192.0.2.7")).substr(0, 3), "412");
  EXPECT_EQ(status_of(bench.send(publish("", 4, second[0].header("SIP-ETag"), 0), "192.0.2.7")), "200 OK");
  EXPECT_EQ(bench.send(subscribe())[1].body().find("id=\"t1\""), std::string::npos);
  // Expect: another address with the same tuple, and another tuple from the same address, are other devices.
  bench.send(publish(pidf("open"), 5), "192.0.2.7");
  bench.send(publish(pidf("open"), 6), "192.0.2.8");
  bench.send(publish(pidf("open", "t2"), 7), "192.0.2.7");
  EXPECT_EQ(bench.count(Counter::kPublicationsReplaced), 1u);
  EXPECT_EQ(bench.count(Counter::kPublicationsCreated), 5u);
}

TEST(FanOutTest, ReachesEveryoneThoughItTakesManyTurns) {
  ShardBench bench;
  constexpr int kWatchers = 500;
  for (int i = 0; i < kWatchers; ++i) {
    for (const Sent& sent : bench.send(subscribe("", 1, {}, 600, "w" + std::to_string(i)))) {
      if (sent.text.starts_with("NOTIFY")) bench.answer(sent);
    }
  }
  const auto sent = bench.send(publish(pidf("open")), "192.0.2.7");
  EXPECT_EQ(sent.size(), kWatchers + 1u);
  EXPECT_EQ(bench.count(Counter::kDocumentsComposed), 2u);  // "Nobody there" and this one: rendered once each.
}

TEST(LimitsTest, FullPoolsAreAnswered503WithRetryAfter) {
  EngineConfig config = support::bench_config();
  config.limits.subscriptions_max = 2;
  ShardBench bench(config);
  bench.send(subscribe("", 1, {}, 600, "a"));
  bench.send(subscribe("", 1, {}, 600, "b"));
  const auto sent = bench.send(subscribe("", 1, {}, 600, "c"));
  EXPECT_EQ(status_of(sent).substr(0, 3), "503");
  EXPECT_EQ(sent[0].header("Retry-After"), "30");
  EXPECT_EQ(bench.count(Reason::kSubscriptionsFull), 1u);
}

TEST(OtherMethodsTest, EachHasItsAnswer) {
  const auto request = [](std::string method) {
    return method +
           " sip:example.com SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;rport;branch=z9hG4bK1\nFrom: "
           "<sip:a@example.com>;tag=1"
           "\nTo: <sip:example.com>\nCall-ID: 1\nCSeq: 1 " +
           method + "\n\n";
  };
  ShardBench bench;
  const auto options = bench.send(request("OPTIONS"));
  EXPECT_EQ(status_of(options), "200 OK");
  EXPECT_EQ(options[0].header("Allow-Events"), "presence, dialog, message-summary, reg");
  EXPECT_EQ(options[0].header("Via"), "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1;received=192.0.2.1;rport=5060");
  EXPECT_EQ(status_of(bench.send(request("INVITE"))), "405 Method Not Allowed");
  EXPECT_EQ(bench.send(request("MESSAGE"))[0].header("Allow"), "OPTIONS, PUBLISH, REGISTER, SUBSCRIBE");
  EXPECT_EQ(status_of(bench.send(request("DANCE"))), "501 Not Implemented");
  EXPECT_EQ(status_of(bench.send(request("CANCEL"))).substr(0, 3), "481");
  EXPECT_EQ(status_of(bench.send(request("ACK"))), "silence");
  std::string tel = request("OPTIONS");
  tel.replace(tel.find("sip:example.com"), 15, "http://example.com");
  EXPECT_EQ(status_of(bench.send(tel)).substr(0, 3), "416");
}

TEST(HandOffTest, ThreeShardsBehaveAsOne) {
  ShardBench bench(support::bench_config(), 3);
  unsigned at = 0;
  const auto anywhere = [&] { return at = (at + 1) % 3; };
  std::vector<Sent> notifies;
  std::string tag;
  for (int i = 0; i < 3; ++i) {
    const auto sent = bench.send(subscribe("", 1, {}, 600, "w" + std::to_string(i)), "192.0.2.1", anywhere());
    ASSERT_EQ(sent.size(), 2u);
    tag = tag_of(sent[0]);
    bench.answer(sent[1]);  // Arrives at shard 0, whoever owns it.
  }
  EXPECT_EQ(bench.send(publish(pidf("open")), "192.0.2.7", anywhere()).size(), 4u);
  EXPECT_EQ(status_of(bench.send(subscribe("", 2, tag, 600, "w2"), "192.0.2.1", anywhere())), "200 OK");
  EXPECT_EQ(bench.shard(bench.owner_of("alice@example.com")).subscription_count(), 3u);
  EXPECT_GT(bench.count(Counter::kHandedOff), 0u);
}

// Every state answers every event: with a step, or by name as impossible.
TEST(SubscriptionMachineTest, TableIsWholeAndNeverLosesTheEnd) {
  for (size_t s = 0; s < static_cast<size_t>(SubscriptionState::kGone); ++s) {
    const auto state = static_cast<SubscriptionState>(s);
    for (size_t e = 0; e < static_cast<size_t>(SubscriptionEvent::kCount); ++e) {
      const SubscriptionStep step = step_of(state, static_cast<SubscriptionEvent>(e));
      if (step.action == SubscriptionAction::kImpossible) continue;
      EXPECT_EQ(step.action == SubscriptionAction::kRelease, step.next == SubscriptionState::kGone);
      // What is ending never comes back to life.
      EXPECT_TRUE(!is_ending(state) || step.next == SubscriptionState::kGone || is_ending(step.next));
      // Whoever joins the queue waits for a turn.
      EXPECT_TRUE(step.action != SubscriptionAction::kEnqueue || is_waiting_for_turn(step.next));
    }
    // A change and an end can come at any time.
    EXPECT_NE(step_of(state, SubscriptionEvent::kChanged).action, SubscriptionAction::kImpossible);
    EXPECT_NE(step_of(state, SubscriptionEvent::kEnded).action, SubscriptionAction::kImpossible);
    EXPECT_TRUE(is_ending(step_of(state, SubscriptionEvent::kEnded).next));
    // What answers a SUBSCRIBE, and the end, wait for no pace.
    EXPECT_NE(step_of(state, SubscriptionEvent::kSubscribed).next, SubscriptionState::kPaced);
    // Whoever waits for the pace goes on when it is over.
    const SubscriptionStep changed = step_of(state, SubscriptionEvent::kChanged);
    EXPECT_TRUE(changed.action != SubscriptionAction::kPace || changed.next == SubscriptionState::kPaced);
  }
}

}  // namespace
}  // namespace vedette::engine
