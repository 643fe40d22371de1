// The two ways to the answer to a NOTIFY do the same: what comes as nearly all answers come is read at once,
// and with a line end before it (RFC 3261 §7.5) the same answer is parsed.
#include "engine/presence/notify_response.h"

#include <gtest/gtest.h>

#include <memory>

#include "tests/support/shard_bench.h"

namespace vedette::engine {
namespace {

using support::Sent;
using support::ShardBench;

std::string subscribe(int cseq = 1, std::string_view to = "<sip:alice@example.com>") {
  const std::string number = std::to_string(cseq);
  return "SUBSCRIBE sip:alice@example.com SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKs" + number +
         "\nFrom: <sip:bob@example.com>;tag=w\nTo: " + std::string(to) + "\nCall-ID: s@192.0.2.1\nCSeq: " + number +
         " SUBSCRIBE\nContact: <sip:bob@192.0.2.1>\nEvent: presence\nExpires: 600\n\n";
}

std::string answer_to(const Sent& notify, std::string_view extra = {}) {
  std::string text = "SIP/2.0 200 OK\r\n";
  for (const char* name : {"Via", "From", "To", "Call-ID", "CSeq"}) {
    text += std::string(name) + ": " + notify.header(name) + "\r\n";
  }
  return text + std::string(extra) + "Content-Length: 0\r\n\r\n";
}

bool is_read_at_once(std::string_view datagram) {
  NotifyResponse response;
  return read_plain_notify_response(datagram, response);
}

// Two shards to which the same happens, but that one is shown only what has to be parsed. A NOTIFY is in flight.
class Twins {
 public:
  Twins() {
    const auto sent = at_once_.send(subscribe());
    const auto twin = parsing_.send(subscribe());
    EXPECT_EQ(sent.size(), 2u);
    EXPECT_EQ(sent[1].text, twin[1].text);
    to_ = sent[0].header("To");
    notify_ = sent[1];
  }

  const Sent& notify() const { return notify_; }
  uint64_t count(Counter counter) const { return at_once_.count(counter); }

  // Whether both do the same.
  bool agree_about(const std::string& datagram) {
    const auto sent = at_once_.send_raw(datagram, notify_.flow);
    const auto twin = parsing_.send_raw("\r\n" + datagram, notify_.flow);
    bool same = sent.size() == twin.size() && at_once_.subscriptions() == parsing_.subscriptions() &&
                at_once_.shard().next_deadline() == parsing_.shard().next_deadline();
    for (size_t i = 0; i < sent.size() && i < twin.size(); ++i) same = same && sent[i].text == twin[i].text;
    const Counters& counted = at_once_.shard().counters();
    return same && counted.values == parsing_.shard().counters().values &&
           counted.refusals == parsing_.shard().counters().refusals;
  }

  // After an answer the next one.
  void refresh() {
    const auto sent = at_once_.send(subscribe(++cseq_, to_));
    const auto twin = parsing_.send(subscribe(cseq_, to_));
    ASSERT_EQ(sent.size(), 2u);
    ASSERT_EQ(sent[1].text, twin[1].text);
    notify_ = sent[1];
  }

 private:
  ShardBench at_once_, parsing_;
  std::string to_;
  Sent notify_;
  int cseq_ = 1;
};

TEST(NotifyResponseTest, IsReadAtOnceAsClientsSendIt) {
  ShardBench bench;
  const Sent notify = bench.send(subscribe())[1];
  NotifyResponse response;
  ASSERT_TRUE(read_plain_notify_response(answer_to(notify), response));
  EXPECT_EQ(response.status, 200u);
  EXPECT_EQ(response.cseq, 1u);
  EXPECT_EQ(response.retry_after, 0u);
  NotifyBranch branch;
  const std::string via = notify.header("Via");
  ASSERT_TRUE(NotifyBranch::parse(via.substr(via.find("branch=") + 7), branch));
  EXPECT_EQ(response.branch.partition, branch.partition);
  EXPECT_EQ(response.branch.index, branch.index);
  EXPECT_EQ(response.branch.generation, branch.generation);
  EXPECT_EQ(response.branch.token, branch.token);
  // Expect: what has a branch of somebody else's, or another status, is parsed and counted as before.
  Sent other = notify;
  other.text.replace(other.text.find("z9hG4bKv"), 8, "z9hG4bKw");
  EXPECT_FALSE(read_plain_notify_response(answer_to(other), response));
  EXPECT_FALSE(read_plain_notify_response("\r\n" + answer_to(notify), response));
}

// Both ways, on the shard that it belongs to and by way of every other one.
TEST(NotifyResponseTest, FindsItsShardFromWhereverItArrives) {
  constexpr unsigned kShards = 4;
  for (const std::string_view before : {"", "\r\n"}) {
    for (unsigned at = 0; at < kShards; ++at) {
      ShardBench bench(support::bench_config(), kShards);
      const Sent notify = bench.send(subscribe())[1];
      const uint64_t handed_over = bench.count(Counter::kPeerMessagesIn);
      bench.send_raw(std::string(before) + answer_to(notify), notify.flow, at);
      EXPECT_EQ(bench.count(Counter::kNotifiesAcknowledged), 1u) << at;
      EXPECT_EQ(bench.count(Counter::kResponsesIn), 1u) << at;
      EXPECT_EQ(bench.count(Reason::kStrayResponse), 0u) << at;
      const unsigned owner = bench.owner_of("alice@example.com");
      EXPECT_EQ(bench.shard(owner).counters().get(Counter::kResponsesIn), 1u) << at;
      EXPECT_EQ(bench.count(Counter::kPeerMessagesIn) - handed_over, at == owner ? 0u : 1u) << at;
    }
  }
}

// RFC 3261 §18.3: a datagram ends its body; on a stream a message says how long it is, so that not even the plainest
// one is read as if it came in a datagram.
TEST(NotifyResponseTest, SaysHowLongItIsOnAStream) {
  ShardBench bench;
  const Sent notify = bench.send(subscribe())[1];
  std::string answer = answer_to(notify);
  const std::string length = "Content-Length: 0\r\n";
  answer.erase(answer.find(length), length.size());
  ASSERT_TRUE(is_read_at_once(answer));
  Flow stream = notify.flow;
  stream.transport = Transport::kTcp;
  bench.send_raw(answer, stream);
  EXPECT_EQ(bench.count(Reason::kResponseMalformed), 1u);
  EXPECT_EQ(bench.count(Counter::kNotifiesAcknowledged), 0u);
  bench.send_raw(answer, notify.flow);
  EXPECT_EQ(bench.count(Counter::kNotifiesAcknowledged), 1u);
}

// A datagram that another shard handed over by mistake goes no further.
TEST(NotifyResponseTest, IsAStrayOnAShardThatItDoesNotBelongTo) {
  ShardBench bench(support::bench_config(), 2);
  const Sent notify = bench.send(subscribe())[1];
  const unsigned wrong = 1 - bench.owner_of("alice@example.com");
  const std::string answer = answer_to(notify);
  Outbox none(std::span<OutSlot>{});
  bench.shard(wrong).on_peer(bench.now(), {PeerKind::kDatagram, answer, notify.flow}, none);
  EXPECT_EQ(bench.count(Reason::kStrayResponse), 1u);
  EXPECT_EQ(bench.count(Counter::kNotifiesAcknowledged), 0u);
}

TEST(NotifyResponseTest, DoesTheSameBothWaysWhateverByteIsExchanged) {
  auto twins = std::make_unique<Twins>();
  size_t at_once = 0;
  uint64_t acknowledged = 0;
  const size_t length = answer_to(twins->notify()).size();
  for (size_t i = 0; i < length; ++i) {
    for (const char c : {'\0', '\t', '\n', '\r', ' ', ',', ':', ';', '0', '4', 'a', 'A', '\xff'}) {
      std::string answer = answer_to(twins->notify());
      if (i >= answer.size()) continue;
      answer[i] = c;
      at_once += is_read_at_once(answer);
      ASSERT_TRUE(twins->agree_about(answer)) << answer;
      if (twins->count(Counter::kNotifiesRefused) > 0) {
        twins = std::make_unique<Twins>();
        acknowledged = 0;
      } else if (twins->count(Counter::kNotifiesAcknowledged) > acknowledged) {
        ++acknowledged;
        twins->refresh();
      }
    }
  }
  // Most that have a byte of a passed-over value exchanged are read, and some are not.
  EXPECT_GT(at_once, length * 4);
  EXPECT_LT(at_once, length * 10);
}

TEST(NotifyResponseTest, DoesTheSameBothWaysWhateverElseItSays) {
  for (const std::string_view extra :
       {"Retry-After: 5\r\n", "Content-Length: 0\r\n", "Content-Length: 5\r\n",
        "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1\r\n", "v: SIP/2.0/UDP 192.0.2.9\r\n",
        "CSeq: 1 NOTIFY\r\n", "From: <sip:x@y>\r\n", "f: <sip:x@y>\r\n", "X\r\n", "X : y\r\n", " folded\r\n",
        "Record-Route: <sip:a>\r\nRecord-Route: <sip:b>\r\n", "\r\n"}) {
    Twins twins;
    EXPECT_TRUE(twins.agree_about(answer_to(twins.notify(), extra))) << extra;
    // Expect: the same again is a stray to both.
    EXPECT_TRUE(twins.agree_about(answer_to(twins.notify(), extra))) << extra;
  }
}

}  // namespace
}  // namespace vedette::engine
