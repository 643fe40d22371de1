// How many sources of a network have proved themselves, found in pieces.
#include "engine/admission/proven_sources.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "engine/shard.h"
#include "tests/support/shard_bench.h"

namespace vedette::engine {
namespace {

constexpr Instant kNow = Instant::from_unix_seconds(1'000'000);

class ProvenSourcesTest : public testing::Test {
 protected:
  void prove(uint32_t address, int64_t seconds = 60) {
    table_.obtain(kNow, sources_.of(IpAddress::v4(address))).proven_until =
        static_cast<uint32_t>(kNow.unix_seconds() + seconds);
  }
  uint32_t count(uint32_t network, const SourceKeys& sources) {
    ProvenSources proven;
    const std::array<PrefixVerdict, 2> asked = {PrefixVerdict{networks_.of(IpAddress::v4(0xcb007100))},
                                                PrefixVerdict{networks_.of(IpAddress::v4(network))}};
    proven.begin(asked);
    steps_ = 1;
    while (!proven.step(kNow, {table_, sources, networks_})) ++steps_;
    EXPECT_EQ(proven.networks()[0].proven, 0u);
    return proven.networks()[1].proven;
  }

  KeyedHash hash_{{1, 2}};
  SourceTable table_{8'192, hash_, {}};
  SourceKeys sources_{32, 64}, networks_{24, 48};
  uint64_t steps_ = 0;
};

TEST_F(ProvenSourcesTest, CountsThoseOfTheNetworkThatAreStillBelieved) {
  prove(0xc0000201);
  prove(0xc00002fe);
  prove(0xc0000302);                    // Another network.
  prove(0xc0000207, -1);                // A while ago.
  table_.obtain(kNow, sources_.of(IpAddress::v4(0xc0000209)));
  EXPECT_EQ(count(0xc0000200, sources_), 2u);
  EXPECT_EQ(count(0xc0000400, sources_), 0u);
  EXPECT_EQ(steps_, 8u) << "8,192 places, 1,024 at a time";
}

// A source of 16 bits holds the network of 24.
TEST_F(ProvenSourcesTest, ASourceMayBeWiderThanTheNetwork) {
  sources_ = SourceKeys(16, 64);
  prove(0xc0005555);
  EXPECT_EQ(count(0xc0000200, sources_), 1u);
  EXPECT_EQ(count(0xc0010200, sources_), 0u);
}

// What the shard says of a network, row by row, over as many turns as it takes.
std::vector<std::string> ask(support::ShardBench& bench, const char* network) {
  AddressPrefix prefix;
  EXPECT_TRUE(AddressPrefix::parse(network, prefix));
  const PrefixVerdict asked = {SourceKeys(32, 64).of(prefix.address)};
  ControlMessage message;
  message.kind = ControlMessage::Kind::kCountProven;
  message.verdicts = {reinterpret_cast<const char*>(&asked), 1};
  std::vector<char> buffer(32 * 4'096);
  std::vector<OutSlot> slots(32);
  for (size_t i = 0; i < slots.size(); ++i) {
    slots[i].bytes = buffer.data() + 4'096 * i;
    slots[i].capacity = 4'096;
  }
  std::vector<std::string> rows;
  for (int turn = 0; turn < 1'000; ++turn) {
    Outbox out(slots);
    turn == 0 ? bench.shard().on_control(bench.now(), message, out) : bench.shard().on_time(bench.now(), out);
    for (const OutSlot& slot : out.committed()) {
      ControlReplyHeader header;
      std::memcpy(&header, slot.bytes, sizeof header);
      if (header.kind == ControlReplyHeader::Kind::kEnd) {
        EXPECT_GT(turn, 10) << "it is no hurry";
        return rows;
      }
      rows.emplace_back(slot.bytes + sizeof header, slot.length - sizeof header);
    }
  }
  ADD_FAILURE() << "no end";
  return rows;
}

// Expect: who has answered a NOTIFY has proved himself; who has only asked has not.
TEST(ProvenSources, AShardSaysThem) {
  support::ShardBench bench;
  const std::string subscribe =
      "SUBSCRIBE sip:alice@example.com SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKa\nMax-Forwards: 70\n"
      "From: <sip:bob@example.com>;tag=b\nTo: <sip:alice@example.com>\nCall-ID: a\nCSeq: 1 SUBSCRIBE\n"
      "Contact: <sip:bob@192.0.2.7>\nEvent: presence\nExpires: 600\n\n";
  const std::vector<support::Sent> sent = bench.send(subscribe, "192.0.2.7");
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(ask(bench, "192.0.2.0/24"), std::vector<std::string>{"192.0.2.0/24\t0"});
  bench.answer(sent[1]);
  EXPECT_EQ(ask(bench, "192.0.2.0/24"), std::vector<std::string>{"192.0.2.0/24\t1"});
  EXPECT_EQ(ask(bench, "192.0.3.0/24"), std::vector<std::string>{"192.0.3.0/24\t0"});
}

}  // namespace
}  // namespace vedette::engine
