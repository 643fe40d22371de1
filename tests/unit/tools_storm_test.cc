// The load generator's parts: what it computes from numbers, writes, reads and counts. How it behaves with a
// server is in tools_storm_session_test.cc.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "engine/control/crypto.h"
#include "parsers/message.h"
#include "parsers/pidf.h"
#include "tests/support/digest_client.h"
#include "tools/storm/histogram.h"
#include "tools/storm/pacer.h"
#include "tools/storm/population.h"
#include "tools/storm/requests.h"
#include "tools/storm/sip_view.h"
#include "tools/storm/transactions.h"
#include "tools/storm/workload.h"

namespace vedette::storm {
namespace {

TEST(StormHistogramTest, SharesAreWithinASixtyFourthOfTheTruth) {
  Histogram histogram;
  for (int64_t value = 1; value <= 1'000'000; ++value) histogram.record(value);
  EXPECT_EQ(histogram.count(), 1'000'000U);
  EXPECT_EQ(histogram.max(), 1'000'000);
  EXPECT_NEAR(histogram.mean(), 500'000.5, 1);
  for (const double share : {0.001, 0.01, 0.5, 0.9, 0.99, 0.999}) {
    const double truth = share * 1e6;
    EXPECT_GE(static_cast<double>(histogram.at_share(share)), truth - 1) << share;
    EXPECT_LE(static_cast<double>(histogram.at_share(share)), truth * 65 / 64 + 1) << share;
  }
  EXPECT_EQ(histogram.at_share(1), 1'000'000);
  EXPECT_NEAR(static_cast<double>(histogram.count_above(500'000)), 500'000, 500'000.0 / 64);
}

TEST(StormHistogramTest, SmallValuesAreExactAndExtremesAreKept) {
  Histogram histogram;
  EXPECT_EQ(histogram.at_share(0.5), 0);
  for (int64_t value = 0; value < 128; ++value) histogram.record(value);
  EXPECT_EQ(histogram.at_share(0.5), 63);
  histogram.record(-5);
  EXPECT_EQ(histogram.at_share(0.001), 0);
  histogram.record(INT64_MAX);
  EXPECT_EQ(histogram.max(), INT64_MAX);
  EXPECT_EQ(histogram.at_share(0.5), 63);
}

TEST(StormHistogramTest, SumsAreWhatRecordingAllInOneGives) {
  Histogram one, two, both;
  for (int64_t i = 1; i < 5'000; ++i) {
    (i % 3 == 0 ? one : two).record(i * i);
    both.record(i * i);
  }
  one.add(two);
  EXPECT_EQ(one.count(), both.count());
  EXPECT_EQ(one.max(), both.max());
  for (const double share : {0.1, 0.5, 0.99}) EXPECT_EQ(one.at_share(share), both.at_share(share));
}

// The table of the workload model, per million users: subscriptions, transactions and NOTIFYs a second.
TEST(StormWorkloadTest, RatesAreTheModels) {
  struct Row {
    const char* name;
    double subscriptions, transactions, notifies;
  };
  for (const Row& row : {Row{"A", 4e6, 6.9e3, 4.4e3},
                         {"B", 10e6, 24e3, 19e3},
                         {"C", 25e6, 43e3, 35e3},
                         {"D", 75e6, 127e3, 104e3},
                         {"E", 120e6, 202e3, 167e3},
                         {"F", 152e6, 340e3, 296e3}}) {
    const WorkloadRates rates = rates_of(*find_workload(row.name), 1e6);
    EXPECT_NEAR(rates.subscriptions, row.subscriptions, row.subscriptions * 0.01) << row.name;
    EXPECT_NEAR(rates.transactions_per_second, row.transactions, row.transactions * 0.03) << row.name;
    EXPECT_NEAR(rates.notifies_per_second, row.notifies, row.notifies * 0.03) << row.name;
  }
  for (const char* name : {"restart", "polls", "crowd", "hammer", "dead"})
    EXPECT_NE(find_workload(name), nullptr);
  EXPECT_EQ(find_workload("G"), nullptr);
}

TEST(StormPopulationTest, EachUserWatchesOthersAndEachIsWatchedAlike) {
  const Population population({.users = 1'000, .presentities = 100, .contacts = 10});
  std::map<uint32_t, std::set<uint32_t>> watched, watchers;
  for (uint32_t number = 0; number < population.numbers(); ++number) {
    ASSERT_TRUE(population.exists(number));
    const SubscriptionIdentity who = population.identity(number);
    watched[who.watcher].insert(who.presentity);
    watchers[who.presentity].insert(who.watcher);
  }
  EXPECT_EQ(watched.size(), 1'000U);
  for (const auto& [watcher, all] : watched) EXPECT_EQ(all.size(), 10U) << watcher;
  EXPECT_EQ(watchers.size(), 100U);
  for (const auto& [presentity, all] : watchers) EXPECT_EQ(all.size(), 100U) << presentity;
}

// It is computed without divisions.
TEST(StormPopulationTest, IdentitiesAreWhatDivisionsGive) {
  for (const uint32_t contacts : {1U, 2U, 7U, 10U, 25U, 100U}) {
    for (const uint32_t presentities : {100U, 101U, 7'919U, 1'000'000U}) {
      const uint32_t stride = scattered(1, presentities), devices = contacts > 50 ? 1 : 2;
      const Population population({.users = 10'000'000,
                                   .presentities = presentities,
                                   .contacts = contacts,
                                   .devices = devices == 1 ? 1 : 1.5});
      for (uint64_t number = 0; number < population.numbers(); number = number * 3 / 2 + 1) {
        const SubscriptionIdentity who = population.identity(static_cast<uint32_t>(number));
        const uint64_t endpoint = number / contacts;
        ASSERT_EQ(who.watcher, endpoint / devices);
        ASSERT_EQ(who.device, endpoint % devices);
        ASSERT_EQ(who.presentity, (who.watcher + 1 + number % contacts * stride) % presentities);
        ASSERT_EQ(population.presentity_of(static_cast<uint32_t>(number)), who.presentity);
      }
    }
  }
}

TEST(StormPopulationTest, DevicesAreAsManyAsTheShareSays) {
  const Population population({.users = 1'003, .presentities = 1'003, .contacts = 7, .devices = 1.5});
  uint32_t subscriptions = 0, devices = 0;
  for (uint32_t number = 0; number < population.numbers(); ++number)
    subscriptions += population.exists(number);
  for (uint32_t user = 0; user < 1'003; ++user) devices += population.devices_of(user);
  EXPECT_EQ(devices, population.endpoints());
  EXPECT_EQ(subscriptions, devices * 7);
  EXPECT_NEAR(devices, 1'003 * 1.5, 5);
}

TEST(StormPopulationTest, TheCrowdHasIdentitiesOfItsOwn) {
  const Population population({.users = 10, .presentities = 10, .contacts = 2, .crowd = 95});
  EXPECT_EQ(population.numbers(), 20U + 95);
  EXPECT_EQ(population.presentities(), 11U);
  std::set<std::pair<uint32_t, unsigned>> who;
  for (uint32_t number = 20; number < population.numbers(); ++number) {
    EXPECT_TRUE(population.is_crowd(number) && population.exists(number));
    EXPECT_EQ(population.identity(number).presentity, 10U);
    who.insert({population.identity(number).watcher, population.identity(number).device});
  }
  EXPECT_EQ(who.size(), 95U);
  EXPECT_FALSE(population.exists(population.numbers()));
}

TEST(StormPopulationTest, ImpossibleShapesAreRefused) {
  EXPECT_THROW(Population({.users = 10, .presentities = 5, .contacts = 6}), std::invalid_argument);
  EXPECT_THROW(Population({.users = 0, .presentities = 0, .contacts = 0}), std::invalid_argument);
  EXPECT_THROW(Population({.users = 4'000'000'000, .presentities = 4'000'000'000}), std::invalid_argument);
  EXPECT_THROW(Population({.users = 10, .presentities = 10, .contacts = 1, .devices = 3}),
               std::invalid_argument);
  EXPECT_THROW(Population({.users = 10, .presentities = 10, .contacts = 1, .crowd = 2'501}),
               std::invalid_argument);
}

TEST(StormPopulationTest, TokensGiveTheirNumberBackToTheirOwnKindAlone) {
  for (const uint32_t number : {0U, 1U, 77'777U, UINT32_MAX}) {
    char text[16];
    parsers::Writer writer(text, sizeof text);
    write_token(writer, number, 3);
    uint32_t read = 1;
    EXPECT_TRUE(read_token(writer.text(), 3, read));
    EXPECT_EQ(read, number);
    EXPECT_FALSE(read_token(writer.text(), 4, read));
    EXPECT_FALSE(read_token(writer.text().substr(1), 3, read));
  }
  // No token at all is of no kind.
  for (const uint32_t salt : {kBranchSalt, kDialogSalt, kTagSalt, kPollSalt, kOtherSalt}) {
    EXPECT_FALSE(Token().is_of(salt));
  }
}

TEST(StormPopulationTest, NamesAreNumbersOfEightDigits) {
  const auto name_of = [](uint32_t user) {
    char text[16];
    parsers::Writer writer(text, sizeof text);
    write_user(writer, user);
    return std::string(writer.text());
  };
  const auto expected = [](uint32_t user) {
    char text[16];
    snprintf(text, sizeof text, "u%08u", user % 100'000'000);
    return std::string(text);
  };
  for (uint32_t user = 0; user < 20'000; ++user) ASSERT_EQ(name_of(user), expected(user));
  for (uint64_t user = 20'000; user <= UINT32_MAX; user += 999'983) {
    ASSERT_EQ(name_of(static_cast<uint32_t>(user)), expected(static_cast<uint32_t>(user)));
  }
  ASSERT_EQ(name_of(99'999'999), "u99999999");
}

TEST(StormPopulationTest, ScatteredStepsMeetEachOnce) {
  for (const uint32_t count : {1U, 100U, 7'919U, 10'000U, 7'919U * 3}) {
    std::set<uint32_t> met;
    for (uint64_t step = 0; step < count; ++step) met.insert(scattered(step, count));
    EXPECT_EQ(met.size(), count);
    EXPECT_LT(*met.rbegin(), count);
  }
}

RequestParts parts_of(Ask ask) {
  RequestParts parts;
  parts.ask = ask;
  parts.transaction = 9;
  parts.subject = 4;
  parts.user = 5;
  parts.presentity = 6;
  EXPECT_TRUE(engine::IpAddress::parse("10.0.1.5", parts.from.address));
  parts.from.port = 5061;
  parts.remote_target = "sip:10.255.255.254:5060;gr";
  parts.remote_tag = "00a1234567890abcdef";
  return parts;
}

std::string written(const RequestParts& parts) {
  const RequestWriter writer("example.com", control::openssl_hashes());
  std::string bytes(8'192, '\0');
  parsers::Writer out(bytes.data(), bytes.size());
  writer.write(parts, out);
  EXPECT_FALSE(out.overflowed());
  return std::string(out.text());
}

TEST(StormRequestsTest, EachParsesAndSaysItsLength) {
  for (size_t i = 0; i < static_cast<size_t>(Ask::kCount); ++i) {
    const std::string bytes = written(parts_of(static_cast<Ask>(i)));
    parsers::Message message;
    ASSERT_EQ(parsers::parse_message(bytes, message), parsers::ParseError::kOk) << bytes;
    EXPECT_EQ(message.value(parsers::HeaderId::kContentLength),
              std::to_string(bytes.size() - bytes.find("\r\n\r\n") - 4));
    EXPECT_EQ(bytes, written(parts_of(static_cast<Ask>(i))));
  }
}

TEST(StormRequestsTest, ARefreshIsInItsDialog) {
  const std::string first = written(parts_of(Ask::kSubscribe)), again = written(parts_of(Ask::kRefresh));
  EXPECT_TRUE(first.starts_with("SUBSCRIBE sip:u00000006@example.com SIP/2.0\r\n"));
  EXPECT_TRUE(again.starts_with("SUBSCRIBE sip:10.255.255.254:5060;gr SIP/2.0\r\n"));
  EXPECT_NE(again.find("To: <sip:u00000006@example.com>;tag=00a1234567890abcdef\r\n"), std::string::npos);
  SipView one, two;
  ASSERT_TRUE(read_sip(first, one) && read_sip(again, two));
  EXPECT_EQ(one.call_id, two.call_id);
  EXPECT_EQ(one.from_tag(), two.from_tag());
}

TEST(StormRequestsTest, CredentialsAreWhatAnotherClientComputes) {
  RequestParts parts = parts_of(Ask::kSubscribe);
  const RequestWriter writer("example.com", control::openssl_hashes());
  const HexDigest ha1 = writer.ha1(parts.user, "example.com");
  parts.digest = {.realm = "example.com", .nonce = "abcdef0123", .nonce_count = 17, .ha1 = {ha1.data(), ha1.size()}};
  const std::string bytes = written(parts);
  const size_t at = bytes.find("Authorization: ");
  ASSERT_NE(at, std::string::npos);
  const std::string_view line = std::string_view(bytes).substr(at, bytes.find("\r\n", at) - at);
  support::DigestAnswer expected;
  expected.username = "u00000005";
  expected.password = RequestWriter::kPassword;
  expected.nonce = "abcdef0123";
  expected.uri = "sip:u00000006@example.com";
  expected.method = "SUBSCRIBE";
  expected.nc = "00000011";
  expected.cnonce = std::string(parameter(line, "cnonce"));
  EXPECT_EQ(parameter(line, "response"), expected.response());
  EXPECT_EQ(parameter(line, "uri"), expected.uri);
  EXPECT_EQ(parameter(line, "nc"), "00000011");
  EXPECT_EQ(parameter(line, "algorithm"), "SHA-256");
}

TEST(StormRequestsTest, DocumentsHaveTheirLengthAndSayTheirVersion) {
  VersionReader reader;
  for (const uint32_t bytes : {640U, 1'000U, 4'096U}) {
    for (const uint32_t version : {1U, 2U, 0xfedcba98U}) {
      char text[8'192];
      parsers::Writer writer(text, sizeof text);
      write_document(version, bytes, "sip:u00000006@example.com", writer);
      EXPECT_EQ(writer.length(), bytes);
      uint32_t read = 0;
      EXPECT_TRUE(reader.read(writer.text(), read));
      EXPECT_EQ(read, version);
    }
  }
  uint32_t read = 0;
  EXPECT_FALSE(reader.read("", read));
  EXPECT_FALSE(reader.read("<presence/>", read));
  EXPECT_FALSE(reader.read("storm-12", read));
}

constexpr std::string_view kNotify =
    "NOTIFY sip:u1@10.0.1.1 SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nv: SIP/2.0/UDP "
    "b;branch=z9hG4bK2\r\n"
    "f: <sip:p@d>;tag=ft;x=y\r\nTo: <sip:w@d>;tag=tt\r\ni: call\r\nCSeq: 12 NOTIFY\r\nm: \"x\" "
    "<sip:s:5060;gr>\r\n"
    "Subscription-State: active;expires=7\r\nContent-Length: 4\r\n\r\nbody";

TEST(StormSipViewTest, ReadsWhatMatters) {
  SipView view;
  ASSERT_TRUE(read_sip(kNotify, view));
  EXPECT_EQ(view.status, 0);
  EXPECT_EQ(view.method, "NOTIFY");
  EXPECT_EQ(view.via, "Via: SIP/2.0/UDP a;branch=z9hG4bK1\r\nv: SIP/2.0/UDP b;branch=z9hG4bK2\r\n");
  EXPECT_EQ(view.branch(), "z9hG4bK1");
  EXPECT_EQ(view.from_tag(), "ft");
  EXPECT_EQ(view.to_tag(), "tt");
  EXPECT_EQ(view.call_id, "call");
  EXPECT_EQ(view.cseq, 12U);
  EXPECT_EQ(view.contact_uri(), "sip:s:5060;gr");
  EXPECT_EQ(view.subscription_state, "active;expires=7");
  EXPECT_EQ(view.body, "body");
}

TEST(StormSipViewTest, EveryPrefixOfAHeadIsRefused) {
  SipView view;
  for (size_t length = 0; length < kNotify.size() - 4; ++length) {
    EXPECT_FALSE(read_sip(kNotify.substr(0, length), view)) << length;
  }
}

TEST(StormSipViewTest, AnAnswerToANotifyParsesAndEchoesIt) {
  SipView view;
  ASSERT_TRUE(read_sip(kNotify, view));
  char text[1'024];
  parsers::Writer writer(text, sizeof text);
  write_answer(view, writer);
  SipView answer;
  ASSERT_TRUE(read_sip(writer.text(), answer));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.via, view.via);
  EXPECT_EQ(answer.call_id, view.call_id);
  EXPECT_EQ(answer.cseq, view.cseq);
  EXPECT_EQ(answer.method, "NOTIFY");
}

TEST(StormSipViewTest, OfSeveralChallengesTakesSha256) {
  SipView view;
  ASSERT_TRUE(read_sip(
      "SIP/2.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"d\", nonce=\"1\", algorithm=MD5\r\n"
      "WWW-Authenticate: Digest realm=\"d\", nonce=\"2\", qop=\"auth\", algorithm=SHA-256\r\n\r\n",
      view));
  EXPECT_EQ(view.status, 401);
  EXPECT_EQ(parameter(view.challenge, "nonce"), "2");
  EXPECT_EQ(parameter(view.challenge, "realm"), "d");
  EXPECT_EQ(parameter(view.challenge, "stale"), "");
}

TEST(StormTransactionsTest, PlacesAreFoundByTheirNumberUntilClosed) {
  Transactions table(8);
  std::set<uint32_t> ids;
  while (OpenTransaction* transaction = table.try_open()) ids.insert(transaction->id);
  EXPECT_EQ(ids.size(), 8U);
  EXPECT_EQ(table.open(), 8U);
  const uint32_t one = *ids.begin();
  ASSERT_NE(table.find(one), nullptr);
  table.close(*table.find(one));
  EXPECT_EQ(table.find(one), nullptr);
  OpenTransaction* const next = table.try_open();
  ASSERT_NE(next, nullptr);
  EXPECT_FALSE(ids.contains(next->id));
  EXPECT_EQ(table.find(0), nullptr);
}

// However often it is asked: who has to share a processor may come by seldom.
TEST(StormTransactionsTest, WhatIsDueIsGivenWithinOneWalk) {
  for (const Nanoseconds each : {Nanoseconds{50}, kMillisecond / 10, kMillisecond, 10 * kMillisecond, kSecond}) {
    Transactions table(256);
    Nanoseconds now = kSecond;
    EXPECT_EQ(table.next_due(now), nullptr);
    for (int i = 0; i < 200; ++i) table.try_open()->resend_at = i < 100 ? now : 100 * kSecond;
    std::set<uint32_t> due;
    for (const Nanoseconds end = now + kWalk; now < end;) {
      now += each;
      while (OpenTransaction* transaction = table.next_due(now)) {
        due.insert(transaction->id);
        transaction->resend_at = 100 * kSecond;
      }
    }
    EXPECT_EQ(due.size(), 100U) << each;
  }
}

TEST(StormPacerTest, ArrivalsKeepTheRateAndTheirTimes) {
  Pacer pacer(1'000, 5 * kSecond, 7);
  EXPECT_FALSE(pacer.is_due(5 * kSecond));
  int arrivals = 0;
  Nanoseconds last = 0;
  for (; pacer.is_due(105 * kSecond); pacer.advance(), ++arrivals) {
    EXPECT_GE(pacer.due(), last);
    last = pacer.due();
  }
  EXPECT_NEAR(arrivals, 100'000, 1'500);  // 4.7 standard deviations.
  EXPECT_FALSE(Pacer(0, 0, 1).is_due(INT64_MAX));
  EXPECT_FALSE(Pacer().is_due(INT64_MAX));
}

}  // namespace
}  // namespace vedette::storm
