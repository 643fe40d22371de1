// Frames in and headers out, against frames made by hand: what is for the shard, for the kernel or for nobody, and that
// each that is dropped has the fate it should.
#include "dataplane/headers.h"

#include <gtest/gtest.h>

#include "tests/support/frames.h"

namespace vedette::dataplane {
namespace {

using tests::Addressing;
using tests::UdpChecksum;

engine::IpAddress ip(const char* text) {
  engine::IpAddress address;
  EXPECT_TRUE(engine::IpAddress::parse(text, address)) << text;
  return address;
}

class HeadersTest : public testing::TestWithParam<bool> {
 protected:
  HeadersTest() : table_(contents()) {
    filter_.table = &table_;
    filter_.mac = kOurs;
    filter_.sip_port = 5060;
    way_ = {kOurs,
            kTheirs,
            {ip(GetParam() ? "10.1.0.1" : "fd00::1"), 5060},
            {ip(GetParam() ? "10.1.0.2" : "fd00::2"), 6000}};
  }
  static ForwardingTable::Contents contents() {
    ForwardingTable::Contents contents;
    contents.addresses = {{0, ip("10.1.0.1")}, {0, ip("fd00::1")}};
    return contents;
  }
  FrameView parse(const std::string& frame, ChecksumVerdict verdict = ChecksumVerdict::kUnknown) {
    return parse_frame(frame, filter_, verdict);
  }
  void expect_dropped(const std::string& frame, Fate fate) {
    const FrameView view = parse(frame);
    EXPECT_EQ(view.kind, FrameView::Kind::kDrop);
    EXPECT_EQ(view.fate, fate) << to_string(view.fate);
  }
  size_t ip_bytes() const { return GetParam() ? 20 : 40; }

  static constexpr MacAddress kOurs{{2, 0, 0, 0, 0, 1}};
  static constexpr MacAddress kTheirs{{2, 0, 0, 0, 0, 2}};
  ForwardingTable table_;
  FrameFilter filter_;
  Addressing way_;
};

TEST_P(HeadersTest, ADatagramForTheSipPortIsOurs) {
  const std::string frame = tests::udp_frame(way_, "OPTIONS");
  const FrameView view = parse(frame);
  ASSERT_EQ(view.kind, FrameView::Kind::kSip) << to_string(view.fate);
  EXPECT_EQ(view.local, way_.to);
  EXPECT_EQ(view.remote, way_.from);
  EXPECT_EQ(frame.substr(view.payload_at, view.payload_length), "OPTIONS");
  EXPECT_FALSE(view.unfinished_checksum);
}

TEST_P(HeadersTest, PaddingBehindTheDatagramIsNotPartOfIt) {
  const FrameView view = parse(tests::udp_frame(way_, "x") + std::string(20, '\0'));
  ASSERT_EQ(view.kind, FrameView::Kind::kSip);
  EXPECT_EQ(view.payload_length, 1U);
}

TEST_P(HeadersTest, EveryCutFrameIsDroppedAndNoneIsTakenForSip) {
  const std::string whole = tests::udp_frame(way_, "OPTIONS sip:a SIP/2.0");
  for (size_t length = 0; length < whole.size(); ++length) {
    const std::string frame = whole.substr(0, length);
    EXPECT_EQ(parse(frame).kind, FrameView::Kind::kDrop) << length;
  }
}

TEST_P(HeadersTest, EveryFlippedBitIsSeenOrHarmless) {
  const std::string whole = tests::udp_frame(way_, "OPTIONS sip:a SIP/2.0");
  for (size_t bit = 14 * 8; bit < whole.size() * 8; ++bit) {
    std::string frame = whole;
    frame[bit / 8] = static_cast<char>(frame[bit / 8] ^ 1 << bit % 8);
    const FrameView view = parse(frame);
    // IPv6 has no header checksum: traffic class, flow label and hop limit are covered by nothing.
    const size_t at = bit / 8 - 14;
    const bool uncovered = !GetParam() && (at < 4 || at == 7);
    EXPECT_TRUE(uncovered || view.kind != FrameView::Kind::kSip) << "byte " << at;
  }
}

TEST_P(HeadersTest, ChecksumsAreLookedAt) {
  expect_dropped(tests::udp_frame(way_, "OPTIONS", UdpChecksum::kWrong), Fate::kRxBadUdpChecksum);
  expect_dropped(tests::udp_frame(way_, "OPTIONS", UdpChecksum::kUnfinished), Fate::kRxBadUdpChecksum);
  // RFC 768 allows a datagram without a checksum, RFC 8200 does not.
  const FrameView without = parse(tests::udp_frame(way_, "OPTIONS", UdpChecksum::kNone));
  EXPECT_EQ(without.kind, GetParam() ? FrameView::Kind::kSip : FrameView::Kind::kDrop);
}

TEST_P(HeadersTest, WhatThePortFoundOutCounts) {
  EXPECT_EQ(parse(tests::udp_frame(way_, "x", UdpChecksum::kWrong), ChecksumVerdict::kGood).kind,
            FrameView::Kind::kSip);
  EXPECT_EQ(parse(tests::udp_frame(way_, "x"), ChecksumVerdict::kBad).fate, Fate::kRxBadUdpChecksum);
}

TEST_P(HeadersTest, APeerOnThisMachineMayLeaveTheChecksumUnfinished) {
  filter_.unfinished_checksums = true;
  const FrameView view = parse(tests::udp_frame(way_, "OPTIONS", UdpChecksum::kUnfinished));
  EXPECT_EQ(view.kind, FrameView::Kind::kSip);
  EXPECT_TRUE(view.unfinished_checksum);
  expect_dropped(tests::udp_frame(way_, "OPTIONS", UdpChecksum::kWrong), Fate::kRxBadUdpChecksum);
}

TEST_P(HeadersTest, NobodySendsFromWhereNobodyIs) {
  const std::vector<const char*> v4 = {"0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.251", "240.0.0.1", "255.255.255.255",
                                       "10.1.0.1"};
  const std::vector<const char*> v6 = {"::", "::1", "::ffff:10.1.0.2", "::10.1.0.2", "ff02::1", "fd00::1"};
  for (const char* source : GetParam() ? v4 : v6) {
    SCOPED_TRACE(source);
    const engine::IpAddress from = ip(source);
    Addressing way = way_;
    if (GetParam()) way.from.address = from;
    std::string frame = tests::udp_frame(way, "OPTIONS");
    // By hand, because one of them would make an IPv4 frame.
    if (!GetParam()) frame.replace(14 + 8, 16, reinterpret_cast<const char*>(from.bytes.data()), 16);
    expect_dropped(frame, Fate::kRxBadSource);
  }
  Addressing no_port = way_;
  no_port.from.port = 0;
  expect_dropped(tests::udp_frame(no_port, "OPTIONS"), Fate::kRxBadSource);
  for (const char* source : {"1.0.0.1", "223.255.255.254", "2001:db8::1", "64:ff9b::a01:2"}) {
    Addressing way = way_;
    way.from.address = ip(source);
    if (way.from.address.is_v4() != GetParam()) continue;
    EXPECT_EQ(parse(tests::udp_frame(way, "x")).kind, FrameView::Kind::kSip) << source;
  }
}

TEST_P(HeadersTest, TheRestIsTheKernels) {
  Addressing other_port = way_;
  other_port.to.port = 53;
  EXPECT_EQ(parse(tests::udp_frame(other_port, "x")).kind, FrameView::Kind::kKernel);
  Addressing other_address = way_;
  other_address.to.address = ip(GetParam() ? "10.1.0.9" : "fd00::9");
  EXPECT_EQ(parse(tests::udp_frame(other_address, "x")).kind, FrameView::Kind::kKernel);
  Addressing broadcast = way_;
  broadcast.to_mac = {{255, 255, 255, 255, 255, 255}};
  EXPECT_EQ(parse(tests::udp_frame(broadcast, "x")).kind, FrameView::Kind::kKernel);
  EXPECT_EQ(parse(tests::ethernet(way_, 0x0806) + std::string(28, '\0')).kind, FrameView::Kind::kKernel);
  std::string tcp = tests::udp_frame(way_, "x");
  tcp[GetParam() ? 14 + 9 : 14 + 6] = 6;
  EXPECT_EQ(parse(tcp).kind, FrameView::Kind::kKernel);
  filter_.port = 1;  // The address is another port's.
  EXPECT_EQ(parse(tests::udp_frame(way_, "x")).kind, FrameView::Kind::kKernel);
}

TEST_P(HeadersTest, AFrameForAnotherStationIsNobodysHere) {
  Addressing other = way_;
  other.to_mac = {{2, 0, 0, 0, 0, 9}};
  expect_dropped(tests::udp_frame(other, "x"), Fate::kRxForOthers);
}

TEST_P(HeadersTest, AUdpLengthThatDisagreesIsDropped) {
  std::string frame = tests::udp_frame(way_, "OPTIONS");
  ++frame[14 + ip_bytes() + 5];
  expect_dropped(frame, Fate::kRxBadUdpLength);
}

TEST_P(HeadersTest, FragmentsAreSeenAsSuch) {
  const std::vector<std::string> frames = tests::fragment_frames(way_, std::string(100, 'x'), 64, 0x1234);
  ASSERT_EQ(frames.size(), 2U);
  const FrameView first = parse(frames[0]);
  ASSERT_EQ(first.kind, FrameView::Kind::kFragment) << to_string(first.fate);
  EXPECT_EQ(first.fragment.id, 0x1234U);
  EXPECT_EQ(first.fragment.offset, 0U);
  EXPECT_EQ(first.fragment.length, 64U);
  EXPECT_EQ(first.fragment.header_bytes, 14 + ip_bytes());
  EXPECT_TRUE(first.fragment.more);
  const FrameView second = parse(frames[1]);
  ASSERT_EQ(second.kind, FrameView::Kind::kFragment);
  EXPECT_EQ(second.fragment.offset, 64U);
  EXPECT_EQ(second.fragment.length, 44U);
  EXPECT_FALSE(second.fragment.more);
  // RFC 8200 §4.5: only the last piece may have a length that is no multiple of eight.
  expect_dropped(tests::fragment_frame(way_, std::string(100, 'x'), {0, 50, true}, 1), Fate::kRxBadFragment);
}

TEST_P(HeadersTest, WrittenFramesAreTheOnesMadeByHand) {
  for (const size_t length : {size_t{0}, size_t{1}, size_t{2}, size_t{800}, size_t{1400}}) {
    std::string payload(length, '\0');
    for (size_t i = 0; i < length; ++i) payload[i] = static_cast<char>(i * 31);
    std::string room(128, '\0');
    room += payload;
    const Envelope envelope{way_.from, way_.to, kTheirs, kOurs, 7, false};
    write_headers(room.data() + 128, length, envelope);
    EXPECT_EQ(room.substr(128 - header_bytes(envelope)), tests::udp_frame(way_, payload)) << length;
  }
}

TEST_P(HeadersTest, APortThatFinishesChecksumsGetsThePseudoHeadersSum) {
  std::string room(128, '\0');
  room += "OPTIONS";
  const Envelope envelope{way_.from, way_.to, kTheirs, kOurs, 7, true};
  write_headers(room.data() + 128, 7, envelope);
  EXPECT_EQ(room.substr(128 - header_bytes(envelope)),
            tests::udp_frame(way_, "OPTIONS", UdpChecksum::kUnfinished));
}

INSTANTIATE_TEST_SUITE_P(Families, HeadersTest, testing::Bool(),
                         [](const auto& family) { return family.param ? "IPv4" : "IPv6"; });

}  // namespace
}  // namespace vedette::dataplane
