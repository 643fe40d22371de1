// Networks that strangers flood from: which are seen, by how much they may be wrong, and what a verdict does to whom.
#include "engine/admission/heavy_prefixes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "engine/admission/admission.h"
#include "tests/support/shard_bench.h"

namespace vedette::engine {
namespace {

using support::ShardBench;

const Instant kNow = Instant::from_unix_seconds(1'800'000'000);
const KeyedHash kHash({1, 2});

Flow from(uint32_t address) { return {.remote = {IpAddress::v4(address), 5060}}; }

TEST(HeavyPrefixes, AHeavyOneIsSeenAmongVeryMany) {
  HeavyPrefixes heavy(kHash);
  heavy.take(kNow);
  uint64_t state = 7, sent = 0;
  constexpr uint64_t kAll = 4'000'000;
  for (uint64_t i = 0; i < kAll; ++i) {
    state = state * 6364136223846793005 + 1442695040888963407;
    const bool is_heavy = state >> 32 < (uint64_t{1} << 32) / 50;   // Two of a hundred.
    sent += is_heavy ? 1 : 0;
    if (heavy.takes_sample()) heavy.add_sample({is_heavy ? 77 : 1'000 + (state >> 20 & 0xffffff)});
  }
  const HeavyPrefixes::Report report = heavy.take(kNow + Duration::seconds(2));
  EXPECT_EQ(report.over, Duration::seconds(2));
  ASSERT_FALSE(report.prefixes.empty());
  EXPECT_EQ(report.prefixes[0].key.value, 77u);
  EXPECT_GT(report.prefixes[0].datagrams, sent * 9 / 10);
  EXPECT_LT(report.prefixes[0].datagrams, sent * 21 / 20) << "no more than there were, but for the sampling";
  for (size_t i = 1; i < report.prefixes.size(); ++i) {
    EXPECT_LT(report.prefixes[i].datagrams, kAll / 500) << "nobody is accused of what others sent";
  }
}

TEST(HeavyPrefixes, AreReportedHeaviestFirstAndCountedAnew) {
  HeavyPrefixes heavy(kHash);
  for (uint64_t key = 1; key <= 100; ++key) {
    for (uint64_t i = 0; i < key; ++i) heavy.add_sample({key});
  }
  const HeavyPrefixes::Report report = heavy.take(kNow);
  ASSERT_EQ(report.prefixes.size(), HeavyPrefixes::kReportedMax);
  EXPECT_EQ(report.over, Duration()) << "from when on is not known";
  for (size_t i = 0; i < report.prefixes.size(); ++i) {
    EXPECT_EQ(report.prefixes[i].key.value, 100 - i);
    EXPECT_EQ(report.prefixes[i].datagrams, (100 - i) * 16);
  }
  EXPECT_TRUE(heavy.take(kNow + Duration::seconds(1)).prefixes.empty());
}

TEST(HeavyPrefixes, OneOfSixteenIsASample) {
  HeavyPrefixes heavy(kHash);
  int samples = 0;
  for (int i = 0; i < 1'600'000; ++i) samples += heavy.takes_sample() ? 1 : 0;
  EXPECT_NEAR(samples, 100'000, 2'000);
}

TEST(PrefixVerdicts, LeaveSoManyOrNone) {
  PrefixVerdicts verdicts;
  EXPECT_TRUE(verdicts.empty());
  const std::array<PrefixVerdict, 2> given = {{{{9}, 20}, {{3}, 0}}};
  verdicts.set(given);
  const auto admitted = [&](uint64_t key, Instant now) {
    int count = 0;
    for (int i = 0; i < 100; ++i) count += verdicts.admits(now, {key}) ? 1 : 0;
    return count;
  };
  EXPECT_EQ(admitted(3, kNow), 0);
  EXPECT_EQ(admitted(9, kNow), 2) << "a tenth of a second's";
  EXPECT_EQ(admitted(9, kNow + Duration::seconds(1)), 2);
  EXPECT_EQ(admitted(4, kNow), 100);
  verdicts.set({});
  EXPECT_EQ(admitted(3, kNow), 100);
}

class VerdictTest : public testing::Test {
 protected:
  // As the control thread lends it.
  void condemn(const char* network, uint32_t per_second) {
    AddressPrefix prefix;
    ASSERT_TRUE(AddressPrefix::parse(network, prefix));
    const SourceKeys keys(config.limits.prefix_v4, config.limits.prefix_v6);
    const PrefixVerdict verdict = {keys.of(prefix.address), per_second};
    admission.take_verdicts({reinterpret_cast<const char*>(&verdict), 1});
  }
  Reason ask(uint32_t address, std::string_view bytes = "SUBSCRIBE") {
    return admission.on_datagram(kNow, bytes, from(address));
  }
  EngineConfig config;
  Admission admission{config, kHash};
};

// Expect: strangers of that network get silence; who proved himself, who answers and everybody else are not asked.
TEST_F(VerdictTest, IsForStrangersOfThatNetwork) {
  constexpr uint32_t kKnown = 0x0a000001, kStranger = 0x0a000002, kNeighbour = 0x0a000102;
  EXPECT_EQ(ask(kKnown), Reason::kNone);
  admission.on_proof(kNow);
  condemn("10.0.0.0/24", 0);
  EXPECT_EQ(ask(kStranger), Reason::kPrefixLimited);
  EXPECT_EQ(ask(kNeighbour), Reason::kNone);
  EXPECT_EQ(ask(kKnown), Reason::kNone);
  EXPECT_EQ(ask(kStranger, "SIP/2.0 200 OK"), Reason::kNone);
  Flow connection = from(kStranger);
  connection.transport = Transport::kTcp;
  EXPECT_EQ(admission.on_datagram(kNow, "SUBSCRIBE", connection), Reason::kNone);
  admission.take_verdicts({});
  EXPECT_EQ(ask(kStranger), Reason::kNone);
}

// What is turned away goes on being counted, else the verdict would end while the flood does not.
TEST_F(VerdictTest, WhoIsLimitedIsCountedStill) {
  condemn("10.0.0.0/24", 0);
  admission.report_prefixes(kNow);
  for (uint32_t i = 0; i < 10'000; ++i) ask(0x0a000000 + i % 256);
  const HeavyPrefixes::Report& report = admission.report_prefixes(kNow + Duration::seconds(1));
  ASSERT_EQ(report.prefixes.size(), 1u);
  EXPECT_NEAR(static_cast<double>(report.prefixes[0].datagrams), 10'000, 1'500);
  std::array<char, 64> text;
  parsers::Writer writer(text.data(), text.size());
  admission.network_of(report.prefixes[0].key).write(writer);
  EXPECT_EQ(writer.text(), "10.0.0.0/24");
}

// Expect: the shard says where strangers send from, once, and what it is told then holds.
TEST(HeavyPrefixes, AShardSaysThemAndTakesVerdicts) {
  ShardBench bench(support::bench_config());
  bench.ask(ControlMessage::Kind::kListPrefixes);
  for (int i = 0; i < 1'000; ++i) bench.send_raw("x", support::bench_flow("198.51.100." + std::to_string(i % 256)));
  bench.advance(Duration::seconds(1));
  const std::vector<std::string> rows = bench.ask(ControlMessage::Kind::kListPrefixes);
  ASSERT_GE(rows.size(), 1u);
  EXPECT_TRUE(rows[0].starts_with("198.51.100.0/24\t")) << rows[0];
  EXPECT_TRUE(rows[0].ends_with("\t1000")) << rows[0];
  EXPECT_EQ(bench.count(Reason::kPrefixLimited), 0u);
}

}  // namespace
}  // namespace vedette::engine
