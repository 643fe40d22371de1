// What is ours in dialogs, kept once for all that have the same.
#include "engine/presence/local_ends.h"

#include <gtest/gtest.h>

#include <memory_resource>

namespace vedette::engine {
namespace {

constexpr std::string_view kLines = "\r\nContact: <sip:192.0.2.1:5060;gr>\r\nEvent: presence";

Flow flow_of(Transport transport, uint32_t address) {
  return {.transport = transport, .local = {IpAddress::v4(address), 5060}, .remote = {IpAddress::v4(0xc0000209), 5061}};
}

class LocalEndsTest : public testing::Test {
 protected:
  std::pmr::unsynchronized_pool_resource memory_;
  TextStore texts_{&memory_, nullptr, 4096};
  LocalEnds ends_{texts_, 3};
};

TEST_F(LocalEndsTest, AreKeptOnceForAllThatHaveTheSame) {
  const Flow udp = flow_of(Transport::kUdp, 0xc0000201);
  Flow elsewhere = udp;
  elsewhere.remote.port = 5099;
  elsewhere.connection = 7;
  uint32_t first = kNoIndex, second = kNoIndex;
  ASSERT_EQ(ends_.try_enter(udp, kLines, first), Reason::kNone);
  ASSERT_EQ(ends_.try_enter(elsewhere, kLines, second), Reason::kNone);
  EXPECT_EQ(first, second);
  EXPECT_EQ(ends_.size(), 1u);
  EXPECT_EQ(ends_[first].via(), " SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=");
  EXPECT_EQ(ends_[first].lines(), kLines);
  ends_.leave(first);
  EXPECT_EQ(ends_[second].lines(), kLines);
  ends_.leave(second);
  EXPECT_EQ(ends_.size(), 0u);
  EXPECT_EQ(texts_.used(), 0u);
}

TEST_F(LocalEndsTest, AreOthersForAnotherTransportAddressPortOrLines) {
  const Flow udp = flow_of(Transport::kUdp, 0xc0000201);
  Flow port = udp;
  port.local.port = 5070;
  uint32_t ends[4];
  ASSERT_EQ(ends_.try_enter(udp, kLines, ends[0]), Reason::kNone);
  ASSERT_EQ(ends_.try_enter(flow_of(Transport::kTls, 0xc0000201), kLines, ends[1]), Reason::kNone);
  ends_.leave(ends[1]);
  ASSERT_EQ(ends_.try_enter(flow_of(Transport::kUdp, 0xc0000202), kLines, ends[2]), Reason::kNone);
  ASSERT_EQ(ends_.try_enter(port, kLines, ends[3]), Reason::kNone);
  EXPECT_NE(ends[0], ends[2]);
  EXPECT_NE(ends[2], ends[3]);
  ends_.leave(ends[3]);
  ASSERT_EQ(ends_.try_enter(udp, "\r\nEvent: dialog", ends[3]), Reason::kNone);
  EXPECT_NE(ends[0], ends[3]);
  // An older one is found though another was entered since.
  ASSERT_EQ(ends_.try_enter(udp, kLines, ends[1]), Reason::kNone);
  EXPECT_EQ(ends[0], ends[1]);
}

TEST_F(LocalEndsTest, NoRoomIsAnAnswerAndTakesNothing) {
  uint32_t end = kNoIndex;
  for (uint32_t i = 1; i <= 3; ++i) ASSERT_EQ(ends_.try_enter(flow_of(Transport::kUdp, i), kLines, end), Reason::kNone);
  const uint64_t used = texts_.used();
  EXPECT_EQ(ends_.try_enter(flow_of(Transport::kUdp, 4), kLines, end), Reason::kLocalEndsFull);
  EXPECT_EQ(texts_.used(), used);
  EXPECT_EQ(ends_.try_enter(flow_of(Transport::kUdp, 3), kLines, end), Reason::kNone);
  EXPECT_EQ(ends_.try_enter(flow_of(Transport::kUdp, 5), std::string(5000, 'x'), end), Reason::kDocumentsFull);
  EXPECT_EQ(end, kNoIndex);
}

}  // namespace
}  // namespace vedette::engine
