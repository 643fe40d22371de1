// Frames in, fake shard, frames out, on one worker: byte for byte against frames made by hand.
#include "tests/loop/loop_fixture.h"

namespace vedette::tests {
namespace {

using dataplane::Fate;

class DatagramsTest : public LoopTest {
 protected:
  DatagramsTest() { begin({1, 1}); }
};

TEST_F(DatagramsTest, AnEchoIsTheFrameMadeByHand) {
  for (const bool v4 : {true, false}) {
    for (const size_t length : {size_t{4}, size_t{5}, size_t{700}, size_t{1440}}) {
      const std::string payload = "echo" + std::string(length - 4, 'e');
      loop_->put(udp_frame(way(v4), payload));
      EXPECT_EQ(take_plain(), udp_frame(back(way(v4)), payload)) << v4 << " " << length;
    }
  }
  EXPECT_EQ(count(Fate::kRxToShard), 8U);
  EXPECT_EQ(count(Fate::kTxDatagrams), 8U);
}

TEST_F(DatagramsTest, AnswersGoOnInLaterTurnsAndStayInOrder) {
  loop_->put(udp_frame(way(true), "many 500"));
  for (int i = 1; i <= 500; ++i) {
    ASSERT_EQ(take_plain(), udp_frame(back(way(true)), std::to_string(i))) << i;
  }
}

// A poll thread takes all of a CPU: how much of that is work is told apart.
TEST_F(DatagramsTest, TimeIsBusyInTurnsWithWorkAlone) {
  const auto quiet = [&] {
    const uint64_t turns = count(Fate::kTurns);
    while (count(Fate::kTurns) < turns + 10) std::this_thread::yield();
    return count(Fate::kBusyNanoseconds);
  };
  const uint64_t before = quiet();
  EXPECT_EQ(quiet(), before);
  const auto began = std::chrono::steady_clock::now();
  loop_->put(udp_frame(way(true), "many 500"));
  for (int i = 1; i <= 500; ++i) ASSERT_TRUE(take_plain());
  const uint64_t busy = quiet() - before;
  const std::chrono::nanoseconds passed = std::chrono::steady_clock::now() - began;
  EXPECT_GT(busy, 500U);
  EXPECT_LT(busy, static_cast<uint64_t>(passed.count()));
}

TEST_F(DatagramsTest, EveryCutAndGarbledFrameIsCountedAndNoneIsAnswered) {
  const std::string whole = udp_frame(way(true), "echo");
  for (size_t length = 1; length < whole.size(); ++length) loop_->put(whole.substr(0, length));
  for (unsigned seed = 1; seed <= 300; ++seed) {
    std::string garbage = whole.substr(0, 14);
    for (unsigned i = 0, word = seed; i < seed; ++i)
      garbage += static_cast<char>((word = word * 1103515245 + 12345) >> 16);
    loop_->put(garbage);
  }
  expect_count(Fate::kRxFrames, whole.size() - 1 + 300);
  loop_->put(udp_frame(way(true), "echo"));
  EXPECT_EQ(take_plain(), udp_frame(back(way(true)), "echo"));
  EXPECT_EQ(count(Fate::kRxToShard), 1U);
  EXPECT_GE(count(Fate::kRxTruncated), whole.size() - 1);
}

TEST_F(DatagramsTest, ChecksumFailuresAreCounted) {
  loop_->put(udp_frame(way(true), "echo", UdpChecksum::kWrong));
  loop_->put(udp_frame(way(false), "echo", UdpChecksum::kNone));
  expect_count(Fate::kRxBadUdpChecksum, 2);
  std::string frame = udp_frame(way(true), "echo");
  ++frame[14 + 8];
  loop_->put(frame);
  expect_count(Fate::kRxBadIpChecksum, 1);
  EXPECT_EQ(count(Fate::kRxToShard), 0U);
}

TEST_F(DatagramsTest, WhatIsNotSipIsForTheKernel) {
  Addressing dns = way(true);
  dns.to.port = 53;
  loop_->put(udp_frame(dns, "echo"));
  loop_->put(ethernet(way(true), 0x0806) + std::string(28, '\0'));
  expect_count(Fate::kRxToKernel, 2);
  dataplane_->service();  // There is no TAP: counted and dropped.
  EXPECT_EQ(dataplane_->service_fates()[static_cast<size_t>(Fate::kTapWriteFailed)], 2U);
}

TEST_F(DatagramsTest, ADestinationWithoutARouteIsCounted) {
  loop_->put(udp_frame(way(true), "away 192.0.2.77"));
  Addressing away = back(way(true));
  away.to.address = ip("192.0.2.77");
  // A port with one peer is its own default route.
  EXPECT_EQ(take_plain(), udp_frame(away, "gone"));
  // A flow whose two ends are of different families cannot be sent.
  loop_->put(udp_frame(way(true), "away fd00::2"));
  expect_count(Fate::kTxNoPort, 1);
}

TEST_F(DatagramsTest, RecordsReachTheControlThreadAndMessagesTheShard) {
  loop_->put(udp_frame(way(true), "record alice\tbob"));
  expect_count(Fate::kControlRecordsOut, 1);
  dataplane::ControlRecord record;
  ASSERT_TRUE(dataplane_->mailbox(0).try_receive(record));
  EXPECT_EQ(record.text(), "alice\tbob");
  EXPECT_EQ(record.header.query, 7U);
  EXPECT_FALSE(dataplane_->mailbox(0).try_receive(record));

  engine::ControlMessage message;
  message.query = 99;
  ASSERT_TRUE(dataplane_->mailbox(0).try_send(message));
  expect_count(Fate::kControlRecordsOut, 2);
  ASSERT_TRUE(dataplane_->mailbox(0).try_receive(record));
  EXPECT_EQ(record.header.query, 99U);
  EXPECT_EQ(record.header.kind, engine::ControlReplyHeader::Kind::kEnd);
}

TEST_F(DatagramsTest, ARecordThatIsTooLongIsCounted) {
  loop_->put(udp_frame(way(true), "record " + std::string(dataplane::kControlTextBytesMax + 1, 'x')));
  expect_count(Fate::kControlRecordTooLong, 1);
}

class SmallMailboxTest : public LoopTest {
 protected:
  SmallMailboxTest() {
    config_.control_records_max = 3;
    config_.control_messages_max = 2;
    begin({1, 1});
  }
};

TEST_F(SmallMailboxTest, AFullMailboxIsACountedRefusal) {
  for (int i = 0; i < 5; ++i) loop_->put(udp_frame(way(true), "record x"));
  expect_count(Fate::kControlRecordsFull, 2);
  EXPECT_EQ(count(Fate::kControlRecordsOut), 3U);
  dataplane_->stop();
  dataplane::Mailbox& mailbox = dataplane_->mailbox(0);
  EXPECT_TRUE(mailbox.try_send({}));
  EXPECT_TRUE(mailbox.try_send({}));
  EXPECT_FALSE(mailbox.try_send({}));
  EXPECT_EQ(mailbox.messages_refused(), 1U);
}

TEST_F(SmallMailboxTest, AListingWaitsForItsReader) {
  loop_->put(udp_frame(way(true), "list 5000"));
  dataplane::ControlRecord record;
  unsigned expected = 5000;
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (expected > 0 && std::chrono::steady_clock::now() < patience) {
    for (; dataplane_->mailbox(0).try_receive(record); --expected) {
      ASSERT_EQ(record.text(), std::to_string(expected));
    }
    std::this_thread::sleep_for(std::chrono::microseconds(10));
  }
  EXPECT_EQ(expected, 0U);
  EXPECT_EQ(count(Fate::kControlRecordsFull), 0U);
}

}  // namespace
}  // namespace vedette::tests
