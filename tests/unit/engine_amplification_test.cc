// Somebody with an account sends us after a victim: SUBSCRIBEs to many, with the victim's address for a Contact. Bytes
// are counted: the victim gets no more than we got for it, and soon nothing. Who is there and answers is served.
#include <gtest/gtest.h>

#include "engine/control/crypto.h"
#include "tests/support/digest_client.h"
#include "tests/support/shard_bench.h"

namespace vedette::engine {
namespace {

using support::Sent;
using support::ShardBench;

constexpr int kPresentities = 100;
constexpr std::string_view kVictim = "203.0.113.9";
constexpr std::string_view kAttacker = "192.0.2.66";

std::string name_of(int number) { return "p" + std::to_string(number); }

std::string document(const std::string& aor, const std::string& note) {
  return "<?xml version=\"1.0\"?><presence xmlns=\"urn:ietf:params:xml:ns:pidf\" entity=\"sip:" + aor +
         "\"><tuple id=\"t\"><status><basic>open</basic></status><note>" + note + "</note></tuple></presence>";
}

class AmplificationTest : public testing::Test {
 protected:
  static EngineConfig config(bool authenticate) {
    EngineConfig config = support::bench_config();
    config.domains = {
        Domain{.name = "example.com", .watch_policy = WatchPolicy::kDomain, .authenticate = authenticate}};
    for (int i = 0; i < kPresentities; ++i) config.users.push_back(support::make_user(name_of(i), "example.com", "pw"));
    config.users.push_back(support::make_user("mallory", "example.com", "pw"));
    std::sort(config.users.begin(), config.users.end(), [](auto& a, auto& b) { return a.aor < b.aor; });
    return config;
  }
  explicit AmplificationTest(bool authenticate = true) : bench(config(authenticate), 1, control::openssl_hashes()) {}

  void count(const std::vector<Sent>& sent) {
    for (const Sent& one : sent) {
      if (one.flow.remote.address != victim_) continue;
      to_victim += one.text.size();
      ++datagrams_to_victim;
    }
  }
  std::vector<Sent> deliver(const std::string& bytes, std::string_view from) {
    if (from == kAttacker) from_attacker += bytes.size();
    std::vector<Sent> sent = bench.send_raw(bytes, support::bench_flow(from));
    count(sent);
    return sent;
  }
  // Sends it as short as it can be, and answers the challenge.
  std::vector<Sent> ask(const std::string& method, const std::string& user, const std::string& uri,
                        const std::string& to, const std::string& headers, const std::string& body = "",
                        std::string_view from = kAttacker) {
    std::string credentials;
    for (int attempt = 0;; ++attempt) {
      const std::string n = std::to_string(++number_);
      const std::string bytes = method + " " + uri + " SIP/2.0\r\nv:SIP/2.0/UDP " + std::string(from) +
                                ";branch=z9hG4bK" + n + "\r\nf:<sip:" + user + "@example.com>;tag=1\r\nt:" + to +
                                "\r\ni:" + call_id_ + "\r\nCSeq:" + n + " " + method + "\r\no:presence\r\n" +
                                headers + credentials + "l:" + std::to_string(body.size()) + "\r\n\r\n" + body;
      const std::vector<Sent> sent = deliver(bytes, from);
      if (attempt == 1 || sent.empty() || sent[0].first_line() != "SIP/2.0 401 Unauthorized") return sent;
      const std::string header = sent[0].header("WWW-Authenticate");
      const size_t at = header.find("nonce=\"") + 7;
      const support::DigestAnswer answer{.username = user,
                                         .password = "pw",
                                         .nonce = header.substr(at, header.find('"', at) - at),
                                         .uri = uri,
                                         .method = method,
                                         .cnonce = "1",
                                         .algorithm = DigestAlgorithm::kMd5};
      credentials = "Authorization:" + answer.header() + "\r\n";
    }
  }
  std::vector<Sent> subscribe(int number, std::string_view contact, const std::string& expires = "600") {
    call_id_ = std::to_string(number);
    const std::string uri = "sip:" + name_of(number) + "@example.com";
    return ask("SUBSCRIBE", "mallory", uri, "<" + uri + ">",
               "m:<sip:" + std::string(contact) + ">\r\nExpires:" + expires + "\r\n");
  }
  void publish(int number, const std::string& note) {
    call_id_ = "p" + std::to_string(number);
    const std::string uri = "sip:" + name_of(number) + "@example.com";
    const std::vector<Sent> sent = ask("PUBLISH", name_of(number), uri, "<" + uri + ">", "c:application/pidf+xml\r\n",
                                       document(name_of(number) + "@example.com", note), "192.0.2.7");
    ASSERT_EQ(sent.at(0).first_line(), "SIP/2.0 200 OK");
  }
  void pass(Duration time) { count(bench.advance(time)); }

  IpAddress victim_ = support::bench_flow(kVictim).remote.address;
  std::string call_id_;
  int number_ = 0;
  ShardBench bench;
  size_t from_attacker = 0, to_victim = 0, datagrams_to_victim = 0;
};

TEST_F(AmplificationTest, AVictimGetsNoMoreThanWeGot) {
  for (int i = 0; i < kPresentities; ++i) publish(i, std::string(2'000, 'x'));
  for (int i = 0; i < kPresentities; ++i) {
    ASSERT_EQ(subscribe(i, kVictim).at(0).first_line(), "SIP/2.0 200 OK");
    EXPECT_LE(to_victim, from_attacker);
  }
  EXPECT_GE(datagrams_to_victim, static_cast<size_t>(kPresentities)) << "each may be the watcher's, and is asked once";
  for (int i = 0; i < kPresentities; ++i) publish(i, std::string(3'000, 'y'));
  pass(Duration::seconds(40));
  EXPECT_LE(to_victim, from_attacker);
  EXPECT_EQ(bench.subscriptions(), 0u) << "who does not answer does not watch";
  const size_t before = to_victim;
  for (int i = 0; i < kPresentities; ++i) publish(i, std::string(2'500, 'z'));
  pass(Duration::seconds(600));
  EXPECT_EQ(to_victim, before);
  RecordProperty("bytes_received", static_cast<int>(from_attacker));
  RecordProperty("bytes_to_victim", static_cast<int>(to_victim));
  std::printf("%zu bytes received, %zu sent to the victim in %zu datagrams\n", from_attacker, to_victim,
              datagrams_to_victim);
}

// His own address of record is bound to the victim's address, and he watches as that.
TEST_F(AmplificationTest, ABindingLeadsNobodyToAVictim) {
  for (int i = 0; i < kPresentities; ++i) publish(i, std::string(2'000, 'x'));
  call_id_ = "r";
  const std::vector<Sent> registered =
      ask("REGISTER", "mallory", "sip:example.com", "<sip:mallory@example.com>",
          "m:<sip:m@" + std::string(kVictim) + ">\r\nExpires:600\r\n");
  ASSERT_EQ(registered.at(0).first_line(), "SIP/2.0 200 OK");
  size_t told = 0;
  for (int i = 0; i < kPresentities; ++i) told += subscribe(i, "mallory@example.com").size() - 1;
  pass(Duration::seconds(600));
  EXPECT_EQ(told, static_cast<size_t>(kPresentities)) << "he is told himself";
  EXPECT_EQ(to_victim, 0u);
}

// Whoever is challenged is where the request came from, or so it says: a forged source is sent a few times what it
// cost, and stranger_requests_per_second bounds how often.
TEST_F(AmplificationTest, AChallengeIsAFewTimesTheShortestRequest) {
  const std::string request = "SUBSCRIBE sip:p1@example.com SIP/2.0\r\nv:SIP/2.0/UDP " + std::string(kVictim) +
                              ";branch=z9hG4bK1\r\nf:<sip:m@example.com>;tag=1\r\nt:<sip:p1@example.com>\r\ni:1\r\n"
                              "CSeq:1 SUBSCRIBE\r\no:presence\r\nm:<sip:m@" + std::string(kVictim) + ">\r\nl:0\r\n\r\n";
  const std::vector<Sent> sent = deliver(request, kVictim);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].first_line(), "SIP/2.0 401 Unauthorized");
  std::printf("%zu bytes of 401 for %zu\n", sent[0].text.size(), request.size());
  EXPECT_LE(sent[0].text.size(), 3 * request.size());
}

TEST_F(AmplificationTest, AFetchTellsAVictimNothing) {
  for (int i = 0; i < kPresentities; ++i) publish(i, std::string(2'000, 'x'));
  for (int i = 0; i < kPresentities; ++i) subscribe(i, kVictim, "0");
  pass(Duration::seconds(600));
  EXPECT_LE(to_victim, from_attacker);
  EXPECT_EQ(bench.subscriptions(), 0u);
}

// First he watches himself, and then says that he is elsewhere.
TEST_F(AmplificationTest, AWatcherWhoMovesHasToProveItAnew) {
  for (int i = 0; i < kPresentities; ++i) publish(i, std::string(2'000, 'x'));
  for (int i = 0; i < kPresentities; ++i) {
    const std::vector<Sent> sent = subscribe(i, kAttacker);
    ASSERT_EQ(sent.size(), 2u);
    ASSERT_FALSE(sent[1].body().empty());
    bench.answer(sent[1]);
    std::string target = sent[0].header("Contact");
    target = target.substr(1, target.find('>') - 1);
    const size_t before = from_attacker;
    const std::vector<Sent> moved = ask("SUBSCRIBE", "mallory", target, sent[0].header("To"),
                                        "m:<sip:" + std::string(kVictim) + ">\r\nExpires:600\r\n");
    ASSERT_EQ(moved.at(0).first_line(), "SIP/2.0 200 OK");
    publish(i, "changed");
    EXPECT_GT(from_attacker, before);
  }
  pass(Duration::seconds(600));
  EXPECT_LE(to_victim, from_attacker);
  EXPECT_EQ(bench.subscriptions(), 0u);
}

// He moves while a NOTIFY waits for his answer: that one shows what it shows to nobody else, and its answer, which he
// can give from where he is, proves nothing.
TEST_F(AmplificationTest, AnAnswerFromBeforeTheMoveProvesNothing) {
  const auto without_body = [&](const std::vector<Sent>& sent) {
    for (const Sent& one : sent) {
      EXPECT_TRUE(one.flow.remote.address != victim_ || one.body().empty()) << one.text;
    }
  };
  for (const bool answers : {false, true}) {
    for (int i = 0; i < kPresentities; ++i) {
      publish(i, std::string(2'000, answers ? 'x' : 'y'));
      const std::vector<Sent> sent = subscribe(i, kAttacker);
      ASSERT_EQ(sent.size(), 2u);
      ASSERT_FALSE(sent[1].body().empty());
      std::string target = sent[0].header("Contact");
      target = target.substr(1, target.find('>') - 1);
      const std::vector<Sent> moved = ask("SUBSCRIBE", "mallory", target, sent[0].header("To"),
                                          "m:<sip:" + std::string(kVictim) + ">\r\nExpires:600\r\n");
      ASSERT_EQ(moved.at(0).first_line(), "SIP/2.0 200 OK");
      without_body(moved);
      if (!answers) continue;
      const std::vector<Sent> told = bench.answer(sent[1]);
      count(told);
      without_body(told);
    }
    for (int i = 0; i < 70; ++i) {
      const std::vector<Sent> told = bench.advance(Duration::milliseconds(500));
      count(told);
      without_body(told);
    }
    EXPECT_EQ(bench.count(Counter::kSubscriptionsProven), 0u);
    EXPECT_EQ(bench.subscriptions(), 0u);
    EXPECT_LE(to_victim, from_attacker);
    EXPECT_GT(datagrams_to_victim, 0u);
  }
}

// Nor does one from another place that had to prove itself.
TEST_F(AmplificationTest, AProofIsOfOnePlace) {
  publish(0, "hello");
  const std::vector<Sent> sent = subscribe(0, "192.0.2.67");
  ASSERT_EQ(sent.size(), 2u);
  ASSERT_TRUE(sent[1].body().empty());
  std::string target = sent[0].header("Contact");
  target = target.substr(1, target.find('>') - 1);
  ask("SUBSCRIBE", "mallory", target, sent[0].header("To"), "m:<sip:" + std::string(kVictim) + ">\r\nExpires:600\r\n");
  const std::vector<Sent> told = bench.answer(sent[1]);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].flow.remote.address, victim_);
  EXPECT_TRUE(told[0].body().empty());
  EXPECT_EQ(bench.count(Counter::kSubscriptionsProven), 0u);
}

TEST_F(AmplificationTest, WhoIsThereAndAnswersIsServed) {
  publish(0, "hello");
  const std::vector<Sent> sent = subscribe(0, kVictim);
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_TRUE(sent[1].header("Subscription-State").starts_with("active;"));
  EXPECT_TRUE(sent[1].body().empty());
  const std::vector<Sent> told = bench.answer(sent[1]);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_NE(told[0].body().find("hello"), std::string::npos);
  bench.answer(told[0]);
  EXPECT_EQ(bench.count(Counter::kSubscriptionsProven), 1u);
  EXPECT_EQ(bench.subscriptions(), 1u);
  EXPECT_TRUE(bench.advance(Duration::seconds(60)).empty());
}

}  // namespace
}  // namespace vedette::engine
