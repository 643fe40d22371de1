// What is turned away before it is parsed: token buckets of sources and users, the share that overload leaves, and the
// ladder of a flood against one shard.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "engine/admission/admission.h"
#include "engine/control/crypto.h"
#include "tests/support/digest_client.h"
#include "tests/support/shard_bench.h"

namespace vedette::engine {
namespace {

using support::Sent;
using support::ShardBench;

const Instant kNow = Instant::from_unix_seconds(1'800'000'000);
const KeyedHash kHash({1, 2});

SourceTable table_of(uint32_t sources, uint32_t rate, uint32_t burst) {
  return SourceTable(sources, kHash, {.requests = {rate, burst}, .responses = {0, 0}});
}

IpAddress ip(std::string_view text) {
  IpAddress address;
  EXPECT_TRUE(IpAddress::parse(text, address)) << text;
  return address;
}
Flow from(const IpAddress& address) { return {.remote = {address, 5060}}; }

TEST(SourceTable, ABurstAndThenTheRate) {
  SourceTable table = table_of(64, 10, 3);
  const auto take = [&](Instant now) { return table.try_take_request(now, table.obtain(now, {7})); };
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(take(kNow)) << i;
  EXPECT_FALSE(take(kNow));
  EXPECT_FALSE(take(kNow + Duration::milliseconds(99)));
  EXPECT_TRUE(take(kNow + Duration::milliseconds(100)));
  EXPECT_FALSE(take(kNow + Duration::milliseconds(100)));
  // Expect: what was refused has cost nothing, and a long silence fills the bucket and no more.
  const Instant later = kNow + Duration::seconds(1'000);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(take(later)) << i;
  EXPECT_FALSE(take(later));
  EXPECT_TRUE(table.try_take_response(later, table.obtain(later, {7}))) << "a rate of 0 is no limit";
}

TEST(SourceTable, SourcesHaveBucketsOfTheirOwn) {
  SourceTable table = table_of(1'024, 10, 1);
  for (uint64_t key = 1; key <= 100; ++key) EXPECT_TRUE(table.try_take_request(kNow, table.obtain(kNow, {key})));
  for (uint64_t key = 1; key <= 100; ++key) EXPECT_FALSE(table.try_take_request(kNow, table.obtain(kNow, {key})));
}

// A set of four under a rain of new sources: who is over his rate and who has proved himself stay.
TEST(SourceTable, WhoIsLeastToBeFearedMakesRoom) {
  SourceTable table = table_of(4, 10, 100);
  for (int i = 0; i < 100; ++i) table.try_take_request(kNow, table.obtain(kNow, {1}));
  table.obtain(kNow, {2}).proven_until = static_cast<uint32_t>(kNow.unix_seconds() + 3'600);
  for (uint64_t key = 10; key < 1'010; ++key) table.try_take_request(kNow, table.obtain(kNow, {key}));
  EXPECT_FALSE(table.try_take_request(kNow, table.obtain(kNow, {1}))) << "the flood does not wash away what it was";
  ASSERT_NE(table.find({2}), nullptr);
  EXPECT_GT(table.find({2})->proven_until, 0u);
  EXPECT_GT(table.forgotten(), 900u);
  EXPECT_EQ(SourceTable::bytes(4), 4 * sizeof(SourceTable::Source));
}

class AdmissionTest : public testing::Test {
 protected:
  AdmissionTest() {
    config.limits.source_requests_per_second = 10;
    config.limits.source_requests_burst = 5;
    config.limits.source_responses_per_second = 100;
    config.limits.source_responses_burst = 20;
    config.limits.overload_answers_per_second = 10;
  }
  EngineConfig config;
};

TEST_F(AdmissionTest, AnAddressOrAPrefixIsASource) {
  config.limits.source_prefix_v4 = 24;
  config.limits.source_prefix_v6 = 48;
  const Admission admission(config, kHash);
  const auto same = [&](const char* a, const char* b) { return admission.key_of(ip(a)) == admission.key_of(ip(b)); };
  EXPECT_TRUE(same("192.0.2.1", "192.0.2.254"));
  EXPECT_FALSE(same("192.0.2.1", "192.0.3.1"));
  EXPECT_TRUE(same("2001:db8:1:2::1", "2001:db8:1:3::9"));
  EXPECT_FALSE(same("2001:db8:1::1", "2001:db8:2::1"));
  EXPECT_FALSE(same("192.0.2.1", "::1"));
  config.limits.source_prefix_v4 = 32;
  config.limits.source_prefix_v6 = 64;
  const Admission whole(config, kHash);
  EXPECT_FALSE(whole.key_of(ip("192.0.2.1")) == whole.key_of(ip("192.0.2.2")));
  EXPECT_TRUE(whole.key_of(ip("2001:db8::1")) == whole.key_of(ip("2001:db8::2")));
}

// Expect: the burst is taken, one is told, the rest is silence; answers and other sources have buckets of their own.
TEST_F(AdmissionTest, OneSourceDoesNotTakeAnothersShare) {
  Admission admission(config, kHash);
  const IpAddress flood = ip("192.0.2.66");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(admission.on_datagram(kNow, "SUBSCRIBE", from(flood)), Reason::kNone);
  EXPECT_EQ(admission.on_datagram(kNow, "SUBSCRIBE", from(flood)), Reason::kSourceTooFast);
  for (int i = 0; i < 9; ++i) EXPECT_EQ(admission.on_datagram(kNow, "x", from(flood)), Reason::kSourceSilenced);
  EXPECT_EQ(admission.on_datagram(kNow, "SUBSCRIBE", from(ip("192.0.2.1"))), Reason::kNone);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(admission.on_datagram(kNow, "SIP/2.0 200", from(flood)), Reason::kNone);
  EXPECT_EQ(admission.on_datagram(kNow, "SIP/2.0 200", from(flood)), Reason::kResponsesTooFast);
  EXPECT_EQ(admission.on_datagram(kNow + Duration::milliseconds(100), "SUBSCRIBE", from(flood)), Reason::kNone);
  EXPECT_EQ(admission.sources().find(admission.key_of(flood))->refused, 11u);
}

// Expect: from as many addresses as there are, so many are looked at and no more; who has proved himself, who is
// trusted and who answers is asked nothing.
TEST_F(AdmissionTest, StrangersTogetherHaveALimit) {
  config.limits.stranger_requests_per_second = 100;
  config.trusted_sources = {{ip("192.0.2.64"), 96 + 26}};
  Admission admission(config, kHash);
  const IpAddress known = ip("192.0.2.1");
  admission.on_datagram(kNow, "SUBSCRIBE", from(known));
  admission.on_proof(kNow);
  const Instant later = kNow + Duration::seconds(1);
  std::array<int, 3> fates{};    // Looked at, told, left alone.
  for (uint32_t i = 0; i < 1'000; ++i) {
    const Reason reason = admission.on_datagram(later, "SUBSCRIBE", from(IpAddress::v4(0x0a000000 + i)));
    ASSERT_TRUE(reason == Reason::kNone || reason == Reason::kStrangersTooMany || reason == Reason::kStrangersSilenced);
    ++fates[reason == Reason::kNone ? 0 : reason == Reason::kStrangersTooMany ? 1 : 2];
  }
  EXPECT_EQ(fates, (std::array<int, 3>{10, 1, 989})) << "a tenth of a second's at once";
  EXPECT_EQ(admission.on_datagram(later, "SUBSCRIBE", from(known)), Reason::kNone);
  EXPECT_EQ(admission.on_datagram(later, "SUBSCRIBE", from(ip("192.0.2.65"))), Reason::kNone);
  EXPECT_EQ(admission.on_datagram(later, "SIP/2.0 200", from(ip("192.0.2.9"))), Reason::kNone);
  const Instant much_later = later + Duration::milliseconds(10);
  EXPECT_EQ(admission.on_datagram(much_later, "SUBSCRIBE", from(ip("192.0.2.9"))), Reason::kNone);
  EXPECT_NE(admission.on_datagram(much_later, "SUBSCRIBE", from(ip("192.0.2.9"))), Reason::kNone);
  config.limits.stranger_requests_per_second = 0;
  Admission unlimited(config, kHash);
  for (uint32_t i = 0; i < 1'000; ++i) {
    EXPECT_EQ(unlimited.on_datagram(kNow, "SUBSCRIBE", from(IpAddress::v4(0x0a000000 + i))), Reason::kNone);
  }
}

TEST_F(AdmissionTest, TrustedSourcesHaveNoLimit) {
  config.trusted_sources = {{ip("192.0.2.64"), 96 + 26}, {ip("2001:db8:7::"), 48}};
  Admission admission(config, kHash);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(admission.on_datagram(kNow, "SUBSCRIBE", from(ip("192.0.2.127"))), Reason::kNone);
    EXPECT_EQ(admission.on_datagram(kNow, "SUBSCRIBE", from(ip("2001:db8:7:8::1"))), Reason::kNone);
  }
  EXPECT_EQ(admission.work_class(kNow), WorkClass::kProven);
  for (int i = 0; i < 5; ++i) admission.on_datagram(kNow, "SUBSCRIBE", from(ip("192.0.2.128")));
  EXPECT_NE(admission.on_datagram(kNow, "SUBSCRIBE", from(ip("192.0.2.128"))), Reason::kNone);
}

TEST_F(AdmissionTest, AUserHasABucketWhereverHeSendsFrom) {
  config.limits.user_requests_per_second = 10;
  config.limits.user_requests_burst = 3;
  Admission admission(config, kHash);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(admission.try_take_user(kNow, "alice@example.com"));
  EXPECT_FALSE(admission.try_take_user(kNow, "alice@example.com"));
  EXPECT_TRUE(admission.try_take_user(kNow, "bob@example.com"));
}

// Expect: one who has authenticated is told that he is too fast, and not served; his neighbour is.
TEST(Flood, AUserWhoIsTooFastIsTold) {
  EngineConfig config = support::bench_config();
  config.domains[0].authenticate = true;
  config.users = {support::make_user("alice", "example.com", "pw"), support::make_user("bob", "example.com", "pw"),
                  support::make_user("pbx", "example.com", "pw")};
  config.users[2].publishes_for_domain = 1;
  config.limits.user_requests_per_second = config.limits.user_requests_burst = 1;
  ShardBench bench(config, 1, control::openssl_hashes());
  int number = 0;
  std::string dialog;         // To go on in; empty: to begin one.
  const auto ask = [&](const std::string& user) {
    std::string credentials;
    for (int attempt = 0;; ++attempt) {
      const std::string n = std::to_string(++number);
      const std::vector<Sent> sent = bench.send(
          "SUBSCRIBE sip:alice@example.com SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK" + n + "\nFrom: <sip:" +
          user + "@example.com>;tag=" + n + "\nTo: <sip:alice@example.com>" + dialog + "\nCall-ID: " + n +
          "\nCSeq: 1 SUBSCRIBE\nContact: <sip:x@192.0.2.1>\nEvent: presence\nExpires: 600\n" + credentials + "\n");
      if (attempt == 1) return sent.at(0);
      const std::string challenge = sent.at(0).header("WWW-Authenticate");
      const size_t at = challenge.find("nonce=\"") + 7;
      const support::DigestAnswer answer{.username = user,
                                         .password = "pw",
                                         .nonce = challenge.substr(at, challenge.find('"', at) - at),
                                         .uri = "sip:alice@example.com",
                                         .method = "SUBSCRIBE",
                                         .algorithm = DigestAlgorithm::kMd5};
      credentials = "Authorization: " + answer.header() + "\n";
    }
  };
  const Sent served = ask("bob");
  EXPECT_EQ(served.first_line(), "SIP/2.0 200 OK");
  const Sent refused = ask("bob");
  EXPECT_EQ(refused.first_line(), "SIP/2.0 480 Too Many Requests");
  EXPECT_NE(refused.header("Retry-After"), "");
  EXPECT_EQ(bench.count(Reason::kUserTooFast), 1u);
  // RFC 6665 §4.1.2.2: 480 to a refresh would end what he has.
  dialog = served.header("To").substr(served.header("To").find(";tag="));
  const Sent refresh = ask("bob");
  EXPECT_EQ(refresh.first_line(), "SIP/2.0 500 Too Many Requests");
  EXPECT_NE(refresh.header("Retry-After"), "");
  EXPECT_EQ(bench.count(Reason::kUserTooFast), 2u);
  dialog.clear();
  EXPECT_EQ(ask("alice").first_line(), "SIP/2.0 200 OK");
  // Who publishes for all of the domain speaks for many.
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask("pbx").first_line(), "SIP/2.0 200 OK") << i;
}

// Lets `for_` pass with that delay, and gives what share of a class is admitted afterwards.
double share_after(Overload& overload, Instant& now, Duration for_, Duration delay, WorkClass work) {
  for (const Instant end = now + for_; now < end; now = now + Duration::milliseconds(1)) overload.on_delay(now, delay);
  int admitted = 0;
  for (int i = 0; i < 10'000; ++i) admitted += overload.admits(work) ? 1 : 0;
  return admitted / 10'000.0;
}

TEST(Overload, NewWorkGoesFirstAndComesBackLast) {
  Overload overload(Duration::milliseconds(10));
  Instant now = kNow;
  const Duration fine = Duration::milliseconds(9);
  const Duration late = Duration::milliseconds(11);
  EXPECT_EQ(share_after(overload, now, Duration::seconds(1), fine, WorkClass::kNew), 1.0);
  EXPECT_EQ(overload.loss_percent(WorkClass::kNew), 0u);
  // Expect: within a tenth of a second most that is new is turned away, and nobody else.
  EXPECT_LT(share_after(overload, now, Duration::milliseconds(100), late, WorkClass::kNew), 0.1);
  EXPECT_EQ(overload.loss_percent(WorkClass::kProven), 0u);
  EXPECT_GT(overload.loss_percent(WorkClass::kNew), 90u);
  // Expect: if that is not enough, the others follow; but never all.
  const double proven = share_after(overload, now, Duration::seconds(1), late, WorkClass::kProven);
  EXPECT_GT(proven, 0.1);
  EXPECT_LT(proven, 0.2);
  EXPECT_GT(share_after(overload, now, Duration::milliseconds(10), late, WorkClass::kNew), 0.0);
  // Expect: those who have proved themselves come back first.
  share_after(overload, now, Duration::milliseconds(300), fine, WorkClass::kNew);
  EXPECT_EQ(overload.loss_percent(WorkClass::kProven), 0u);
  EXPECT_GT(overload.loss_percent(WorkClass::kNew), 0u);
  share_after(overload, now, Duration::milliseconds(400), fine, WorkClass::kNew);
  EXPECT_EQ(overload.loss_percent(WorkClass::kNew), 0u);
}

// The queue stands whatever is turned away, since turning away is all that there is time for: that is no reason to turn
// away those who are not the flood.
TEST(Overload, AFloodThatFillsThePortIsNotTheFaultOfOthers) {
  Overload overload(Duration::milliseconds(10));
  Instant now = kNow;
  int strangers = 0;
  for (int i = 0; i < 3'000; ++i, now = now + Duration::milliseconds(1)) {
    overload.on_delay(now, Duration::milliseconds(50));
    for (int n = 0; n < 1'000; ++n) strangers += i >= 2'000 && overload.admits(WorkClass::kNew) ? 1 : 0;
    for (int n = 0; n < 5; ++n) EXPECT_TRUE(overload.admits(WorkClass::kProven));
    // What one source sends too much of is turned away before anybody asks for its class.
    for (int n = 0; i < 2'000 && n < 1'000; ++n) overload.on_turned_away();
    if (i < 2'000) {
      EXPECT_TRUE(overload.admits(WorkClass::kNew));
    }
  }
  // Expect: of strangers so many that serving them takes as long as turning the others away.
  EXPECT_GT(strangers, 1'000'000 / 32 / 2);
  EXPECT_LT(strangers, 1'000'000 / 32 * 2);
}

// A burst that is worked off within an interval is no queue that stands.
TEST(Overload, ABurstIsNoOverload) {
  Overload overload(Duration::milliseconds(10));
  for (int i = 0; i < 1'000; ++i) {
    overload.on_delay(kNow + Duration::milliseconds(i), Duration::milliseconds(i % 8 == 0 ? 0 : 100));
  }
  EXPECT_EQ(overload.loss_percent(WorkClass::kNew), 0u);
}

std::string subscribe(int number, const std::string& via = ";branch=z9hG4bK") {
  const std::string n = std::to_string(number);
  return "SUBSCRIBE sip:alice@example.com SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1" + via + (via.ends_with("K") ? n : "") +
         "\nFrom: <sip:bob@example.com>;tag=" + n + "\nTo: <sip:alice@example.com>\nCall-ID: " + n +
         "\nCSeq: 1 SUBSCRIBE\nContact: <sip:bob@192.0.2.1>\nEvent: presence\nExpires: 600\n\n";
}

TEST(Flood, OneSourceIsToldThenLeftAloneAndOthersAreServed) {
  EngineConfig config = support::bench_config();
  config.domains[0].authenticate = true;
  config.limits.source_requests_per_second = 10;
  config.limits.source_requests_burst = 5;
  config.limits.overload_answers_per_second = 20;
  ShardBench bench(config);
  int challenged = 0, refused = 0, silent = 0;
  for (int i = 0; i < 100; ++i) {
    const std::vector<Sent> sent = bench.send(subscribe(i), "192.0.2.66");
    if (sent.empty()) {
      ++silent;
    } else if (sent[0].first_line() == "SIP/2.0 503 Too Many Requests") {
      EXPECT_NE(sent[0].header("Retry-After"), "");
      ++refused;
    } else {
      EXPECT_EQ(sent[0].first_line(), "SIP/2.0 401 Unauthorized");
      ++challenged;
    }
  }
  EXPECT_EQ(challenged, 5);
  EXPECT_EQ(refused, 2) << "a tenth of a second's worth";
  EXPECT_EQ(silent, 93);
  EXPECT_EQ(bench.count(Reason::kSourceTooFast), 2u);
  EXPECT_EQ(bench.count(Reason::kSourceSilenced), 93u);
  EXPECT_EQ(bench.send(subscribe(1'000), "192.0.2.1").at(0).first_line(), "SIP/2.0 401 Unauthorized");
}

class OverloadedShardTest : public testing::Test {
 protected:
  static EngineConfig config() {
    EngineConfig config = support::bench_config();
    config.domains[0].authenticate = true;
    config.users = {support::make_user("alice", "example.com", "pw"), support::make_user("bob", "example.com", "pw")};
    config.limits.overload_answers_per_second = 1'000;
    return config;
  }
  void wait_in_line(Duration delay) {
    for (int i = 0; i < 1'000; ++i) {
      bench.advance(Duration::milliseconds(1));
      bench.shard().on_delay(bench.now(), delay);
    }
  }
  std::string answered(int number, const std::string& nonce, int count) {
    support::DigestAnswer answer{.username = "bob", .password = "pw", .nonce = nonce, .uri = "sip:alice@example.com",
                                 .method = "SUBSCRIBE", .nc = "0000000" + std::to_string(count),
                                 .algorithm = DigestAlgorithm::kMd5};
    std::string text = subscribe(number);
    return text.insert(text.size() - 1, "Authorization: " + answer.header() + "\n");
  }
  ShardBench bench{config(), 1, control::openssl_hashes()};
};

// Expect: who has authenticated is served nearly always while hardly anybody new is; all is well again when the queue
// is.
TEST_F(OverloadedShardTest, WhoHasProvedHimselfGoesFirst) {
  const std::string challenge = bench.send(subscribe(1)).at(0).header("WWW-Authenticate");
  const size_t at = challenge.find("nonce=\"") + 7;
  const std::string nonce = challenge.substr(at, challenge.find('"', at) - at);
  ASSERT_EQ(bench.send(answered(2, nonce, 1)).at(0).first_line(), "SIP/2.0 200 OK");
  for (int i = 0; i < 60; ++i) {
    bench.advance(Duration::milliseconds(1));
    bench.shard().on_delay(bench.now(), Duration::milliseconds(50));
  }
  int strangers = 0;
  for (int i = 0; i < 100; ++i) {
    const std::vector<Sent> sent = bench.send(subscribe(100 + i), "198.51.100." + std::to_string(i));
    ASSERT_EQ(sent.size(), 1u);
    if (sent[0].first_line() == "SIP/2.0 401 Unauthorized") ++strangers;
    const bool refused = sent[0].first_line() == "SIP/2.0 503 Server Overloaded";
    EXPECT_EQ(sent[0].header("Retry-After").empty(), !refused);
  }
  EXPECT_LT(strangers, 40);
  EXPECT_EQ(bench.count(Reason::kOverloaded), static_cast<uint64_t>(100 - strangers));
  EXPECT_EQ(bench.send(answered(3, nonce, 2)).at(0).first_line(), "SIP/2.0 200 OK");
  wait_in_line(Duration());
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(bench.send(subscribe(300 + i), "198.51.100.7").at(0).first_line(), "SIP/2.0 401 Unauthorized");
  }
}

// RFC 7339 §5.1, §5.2: the share that is turned away, in the Via of who asks for it, and of nobody else.
TEST_F(OverloadedShardTest, SaysInViaHowMuchIsTooMuch) {
  const std::string asks = ";oc;oc-algo=\"loss,rate\";branch=z9hG4bKx;oc-validity=9";
  std::string via = bench.send(subscribe(1, asks)).at(0).header("Via");
  EXPECT_NE(via.find(";oc=0;oc-algo=\"loss\";oc-validity=0;oc-seq="), std::string::npos) << via;
  EXPECT_EQ(via.find("rate"), std::string::npos) << via;
  EXPECT_EQ(via.find("oc-validity=9"), std::string::npos) << via;
  EXPECT_NE(via.find(";branch=z9hG4bKx"), std::string::npos) << via;
  EXPECT_EQ(bench.send(subscribe(2)).at(0).header("Via").find("oc"), std::string::npos);
  wait_in_line(Duration::seconds(1));
  via = bench.send(subscribe(3, asks)).at(0).header("Via");
  EXPECT_NE(via.find(";oc=100;oc-algo=\"loss\";oc-validity=500;oc-seq=1800000"), std::string::npos) << via;
}

}  // namespace
}  // namespace vedette::engine
