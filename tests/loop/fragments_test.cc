// Datagrams in pieces, both ways and both families.
#include <random>

#include "tests/loop/loop_fixture.h"

namespace vedette::tests {
namespace {

using dataplane::Fate;

class FragmentsTest : public LoopTest {
 protected:
  FragmentsTest() {
    config_.reassembly_timeout_ms = 100;
    config_.reassemblies_max = 8;
    begin({1, 1});
  }
  static std::string text(size_t length) {
    std::string bytes = "echo";
    for (size_t i = 4; i < length; ++i) bytes += static_cast<char>('a' + i % 23);
    return bytes;
  }
  // Takes frames until they make up a whole datagram; gives its UDP payload.
  std::string take_whole(const Addressing& expected);
  void expect_echo(bool v4, const std::string& payload) { EXPECT_EQ(take_whole(back(way(v4))), payload); }
};

std::string FragmentsTest::take_whole(const Addressing& expected) {
  const bool v4 = expected.to.address.is_v4();
  const size_t ip_bytes = v4 ? 20 : 40;
  std::string datagram;
  std::string id;
  for (bool more = true; more;) {
    const std::optional<std::string> frame = loop_->take();
    if (!frame) return "nothing";
    EXPECT_LE(frame->size(), 14 + 1500U);
    EXPECT_EQ(frame->substr(0, 14), ethernet(expected, v4 ? 0x0800 : 0x86dd));
    const auto byte = [&](size_t at) { return static_cast<unsigned>(static_cast<uint8_t>((*frame)[at])); };
    size_t data_at = 14 + ip_bytes;
    unsigned marks = 0;
    if (v4) {
      EXPECT_EQ(ones_sum(frame->substr(14, 20)), 0xffff);
      EXPECT_EQ(frame->size() - 14, byte(16) << 8 | byte(17));
      marks = byte(20) << 8 | byte(21);
      more = (marks & 0x2000) != 0;
      marks = (marks & 0x1fff) * 8;
    } else {
      EXPECT_EQ(frame->size() - 54, byte(18) << 8 | byte(19));
      EXPECT_EQ(byte(20), 44U);
      EXPECT_EQ(byte(54), 17U);
      marks = byte(56) << 8 | byte(57);
      more = (marks & 1) != 0;
      marks &= 0xfff8;
      data_at += 8;
    }
    const std::string piece_id = v4 ? frame->substr(18, 2) : frame->substr(58, 4);
    EXPECT_TRUE(id.empty() || id == piece_id);
    id = piece_id;
    EXPECT_EQ(marks, datagram.size());
    datagram += frame->substr(data_at);
  }
  const std::string payload = datagram.size() > 8 ? datagram.substr(8) : "";
  EXPECT_EQ(datagram, udp_datagram(expected, payload, UdpChecksum::kRight));
  return payload;
}

TEST_F(FragmentsTest, SixThousandBytesInAndOut) {
  for (const bool v4 : {true, false}) {
    for (const std::string& frame : fragment_frames(way(v4), text(6000), 1448, 1)) loop_->put(frame);
    expect_echo(v4, text(6000));
  }
  EXPECT_EQ(count(Fate::kRxReassembled), 2U);
  EXPECT_EQ(count(Fate::kTxFragmented), 2U);
}

TEST_F(FragmentsTest, TheLongestDatagramInTwelvePieces) {
  for (const bool v4 : {true, false}) {
    for (const std::string& frame : fragment_frames(way(v4), text(16'384), 1448, 1)) loop_->put(frame);
    expect_echo(v4, text(16'384));
  }
}

TEST_F(FragmentsTest, EverySizeAroundTheEdges) {
  for (const bool v4 : {true, false}) {
    const size_t fits = 1500 - (v4 ? 20 : 40) - 8;
    for (size_t length = fits + 1; length <= fits + 24; ++length) {
      loop_->put(udp_frame(way(v4), "big " + std::to_string(length)));
      expect_echo(v4, std::string(length, 'b'));
    }
    loop_->put(udp_frame(way(v4), "big " + std::to_string(fits)));
    EXPECT_EQ(take_plain(), udp_frame(back(way(v4)), std::string(fits, 'b')));
  }
}

TEST_F(FragmentsTest, PiecesComeInAnyOrderAndTwice) {
  std::mt19937 random(5);
  for (uint32_t round = 0; round < 40; ++round) {
    const bool v4 = round % 2 == 0;
    std::vector<std::string> frames =
        fragment_frames(way(v4), text(6000 + round), 8 * (20 + random() % 100), round);
    // All pieces but one twice: with that one the datagram is whole, and what is left would begin another.
    const std::string last = frames.back();
    frames.pop_back();
    const std::vector<std::string> again = frames;
    frames.insert(frames.end(), again.begin(), again.end());
    std::shuffle(frames.begin(), frames.end(), random);
    frames.push_back(last);
    for (const std::string& frame : frames) loop_->put(frame);
    expect_echo(v4, text(6000 + round));
  }
  EXPECT_EQ(count(Fate::kRxReassembled), 40U);
  EXPECT_EQ(count(Fate::kRxReassemblyOverlap), 0U);
}

TEST_F(FragmentsTest, AMissingPieceIsGivenUpAfterItsTime) {
  std::vector<std::string> frames = fragment_frames(way(true), text(3000), 1448, 1);
  frames.erase(frames.begin() + 1);
  for (const std::string& frame : frames) loop_->put(frame);
  expect_count(Fate::kRxReassemblyTimeout, 1);
  EXPECT_EQ(count(Fate::kRxToShard), 0U);
}

TEST_F(FragmentsTest, OverlappingPiecesSpoilTheirDatagram) {
  // RFC 5722: a datagram with overlapping fragments is dropped, with the pieces that are still to come.
  for (const bool v4 : {true, false}) {
    const std::string datagram = udp_datagram(way(v4), text(3000), UdpChecksum::kRight);
    loop_->put(fragment_frame(way(v4), datagram, {0, 1600, true}, 3));
    loop_->put(fragment_frame(way(v4), datagram, {1592, 1000, true}, 3));
    loop_->put(fragment_frame(way(v4), datagram, {1600, 1408, false}, 3));
  }
  expect_count(Fate::kRxReassemblyOverlap, 2);
  expect_count(Fate::kRxFragments, 6);
  EXPECT_EQ(count(Fate::kRxReassembled), 0U);
}

TEST_F(FragmentsTest, APieceThatContradictsItsTwinSpoilsTheDatagram) {
  const std::string datagram = udp_datagram(way(true), text(3000), UdpChecksum::kRight);
  std::string other = datagram;
  other[1000] = '!';
  loop_->put(fragment_frame(way(true), datagram, {0, 1600, true}, 3));
  loop_->put(fragment_frame(way(true), other, {0, 1600, true}, 3));
  expect_count(Fate::kRxReassemblyOverlap, 1);
}

TEST_F(FragmentsTest, TwoEndsSpoilTheDatagram) {
  const std::string datagram = udp_datagram(way(true), text(3000), UdpChecksum::kRight);
  loop_->put(fragment_frame(way(true), datagram, {1600, 1408, false}, 3));
  loop_->put(fragment_frame(way(true), datagram, {800, 160, false}, 3));
  expect_count(Fate::kRxReassemblyOverlap, 1);
}

TEST_F(FragmentsTest, TooLongIsCounted) {
  const std::string datagram(65'000, 'x');
  loop_->put(fragment_frame(way(true), datagram, {0, 1400, true}, 3));
  loop_->put(fragment_frame(way(true), datagram, {60'000, 1400, true}, 3));
  expect_count(Fate::kRxReassemblyTooLong, 1);
}

TEST_F(FragmentsTest, AFloodOfFirstPiecesCostsOnlyItself) {
  const std::string datagram = udp_datagram(way(true), text(3000), UdpChecksum::kRight);
  for (uint32_t id = 100; id < 200; ++id)
    loop_->put(fragment_frame(way(true), datagram, {0, 1448, true}, id));
  for (const std::string& frame : fragment_frames(way(true), text(3000), 1448, 1)) loop_->put(frame);
  expect_echo(true, text(3000));
  EXPECT_EQ(count(Fate::kRxReassemblyEvicted), 93U);
  expect_count(Fate::kRxReassemblyTimeout, 7);
}

TEST_F(FragmentsTest, ADatagramInPiecesThatIsNotSipIsTheKernels) {
  Addressing dns = way(true);
  dns.to.port = 53;
  for (const std::string& frame : fragment_frames(dns, text(3000), 1448, 1)) loop_->put(frame);
  expect_count(Fate::kRxToKernel, 1);
}

}  // namespace
}  // namespace vedette::tests
