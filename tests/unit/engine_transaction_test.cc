// Requests whose Vias are malformed: whom the answer goes to, what it echoes, and that no more than one
// answer can be made of a request.
#include <gtest/gtest.h>

#include "tests/support/shard_bench.h"

namespace vedette::engine {
namespace {

using support::Sent;
using support::ShardBench;

constexpr uint16_t kSourcePort = 40000;

std::string options_with(const std::string& vias, const std::string& method = "OPTIONS") {
  return method + " sip:example.com SIP/2.0\r\n" + vias +
         "From: <sip:a@example.com>;tag=1\r\nTo: <sip:example.com>\r\nCall-ID: c\r\nCSeq: 1 " + method +
         "\r\nContent-Length: 0\r\n\r\n";
}

std::vector<Sent> send(ShardBench& bench, const std::string& bytes, unsigned at = 0) {
  return bench.send_raw(bytes, support::bench_flow("192.0.2.1", kSourcePort), at);
}

// The Via lines of a message, in order.
std::string vias_of(const Sent& sent) {
  std::string vias;
  for (size_t at = 0; (at = sent.text.find("\r\nVia: ", at)) != std::string::npos; ++at) {
    const size_t end = sent.text.find("\r\n", at + 2);
    vias += sent.text.substr(at + 2, end - at);
  }
  return vias;
}

struct Case {
  const char* vias;
  const char* echoed;
  uint16_t port;
};

// RFC 3261 §8.2.6.2, §18.2.1, §18.2.2; RFC 3581 §4.
TEST(MalformedVia, IsAnsweredAndEchoedAsItStands) {
  for (const Case& wanted : {
           Case{"Via: SIP/2.0/UDP 192.0.2.15;;,;,,\r\n",
                "Via: SIP/2.0/UDP 192.0.2.15;received=192.0.2.1;;,;,,\r\n", 5060},
           Case{"Via: SIP/2.0/UDP 192.0.2.1:5070;;\r\n", "Via: SIP/2.0/UDP 192.0.2.1:5070;;\r\n", 5070},
           Case{
               "v: SIP/2.0/UDP h:5070;rport;branch=b;;x\r\nv: SIP/2.0/TCP i\r\n",
               "Via: SIP/2.0/UDP h:5070;branch=b;received=192.0.2.1;rport=40000;;x\r\nVia: SIP/2.0/TCP i\r\n",
               kSourcePort},
           Case{"Via: SIP/2.0/UDP h;received=9.9.9.9;branch=b;branch=c;rport\r\n",
                "Via: SIP/2.0/UDP h;branch=b;received=192.0.2.1;branch=c;rport\r\n", 5060},
           Case{"Via: SIP/2.0/UDP h;a b;rport\r\n", "Via: SIP/2.0/UDP h;a;received=192.0.2.1 b;rport\r\n",
                5060},
           Case{"Via: SIP/2.0/UDP h,\r\n", "Via: SIP/2.0/UDP h;received=192.0.2.1\r\n", 5060},
           Case{"Via: SIP/2.0/UDP h, ;;\r\n", "Via: SIP/2.0/UDP h;received=192.0.2.1\r\nVia: ;;\r\n", 5060},
           Case{"Via: SIP/2.0/UDP h\r\nVia: SIP/2.0/UDP\r\n",
                "Via: SIP/2.0/UDP h;received=192.0.2.1\r\nVia: SIP/2.0/UDP\r\n", 5060},
           Case{"Via: SIP/2.0/UDP h\r\nVia: SIP/2.0/UDP i\r\nVia: SIP/2.0/UDP j, k\r\n",
                "Via: SIP/2.0/UDP h;received=192.0.2.1\r\nVia: SIP/2.0/UDP i\r\nVia: SIP/2.0/UDP j, k\r\n",
                5060},
           Case{"Via: SIP/2.0/UDP h\r\nVia:\r\nVia: SIP/2.0/UDP i\r\n",
                "Via: SIP/2.0/UDP h;received=192.0.2.1\r\nVia: SIP/2.0/UDP i\r\n", 5060},
       }) {
    ShardBench bench;
    const auto sent = send(bench, options_with(wanted.vias));
    ASSERT_EQ(sent.size(), 1u) << wanted.vias;
    EXPECT_EQ(sent[0].first_line(), "SIP/2.0 400 Bad Via") << wanted.vias;
    EXPECT_EQ(vias_of(sent[0]), wanted.echoed);
    EXPECT_EQ(sent[0].flow.remote, (Endpoint{support::bench_flow("192.0.2.1").remote.address, wanted.port}))
        << wanted.vias;
    EXPECT_EQ(bench.count(Reason::kBadVia), 1u);
  }
}

TEST(MalformedVia, WithoutASentByIsDroppedAndCounted) {
  for (const char* vias :
       {"", "Via:\r\n", "Via: \r\nVia: SIP/2.0/UDP h\r\n", "Via: SIP/2.0/UDP\r\n", "Via: SIP/2.0/UDP ;;\r\n",
        "Via: SIP/2.0/UDP h:0\r\n", "Via: SIP/2.0/UDP h:65536;rport\r\n", "Via: SIP/2.0/UDP h(i);rport\r\n",
        "Via: SIP/2.0/UDP h i\r\n", "Via: SIP/2.0/UDP [::1;rport\r\n", "Via: SIP/2.0 h;rport\r\n",
        "Via: ,SIP/2.0/UDP h\r\n"}) {
    ShardBench bench;
    EXPECT_TRUE(send(bench, options_with(vias)).empty()) << vias;
    EXPECT_EQ(bench.count(Reason::kUnanswerable), 1u) << vias;
  }
}

// RFC 3261 §8.2.7: a stateless server says the same again, to-tag included, and keeps nothing.
TEST(MalformedVia, IsAnsweredTheSameWhenItComesAgain) {
  ShardBench bench;
  const std::string request = options_with("Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bK1;;\r\n");
  const auto first = send(bench, request);
  const auto second = send(bench, request);
  ASSERT_EQ(first.size(), 1u);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(first[0].text, second[0].text);
  EXPECT_NE(first[0].header("To").find(";tag="), std::string::npos);
  EXPECT_EQ(bench.count(Counter::kRetransmissionsIn), 0u);
  EXPECT_TRUE(bench.advance(Duration::seconds(60)).empty());
}

// RFC 3261 §26.1.5: what it causes is one datagram, hardly longer than itself, that causes none.
TEST(MalformedVia, CausesNoMoreThanItIsWorth) {
  for (const unsigned shards : {1u, 3u}) {
    for (unsigned at = 0; at < shards; ++at) {
      ShardBench bench(support::bench_config(), shards);
      for (const size_t length : {size_t{1}, size_t{100}, size_t{10'000}}) {
        const std::string faults(length, ';');
        const std::string request =
            options_with("Via: SIP/2.0/UDP 192.0.2.15" + faults + ",\r\n", "REGISTER");
        const auto sent = send(bench, request, at);
        ASSERT_EQ(sent.size(), 1u);
        EXPECT_EQ(sent[0].first_line(), "SIP/2.0 400 Bad Via");
        EXPECT_LE(sent[0].text.size(), request.size() + 100);
        EXPECT_TRUE(send(bench, sent[0].text, at).empty());
      }
      // RFC 3261 §17.1.1.3.
      EXPECT_TRUE(send(bench, options_with("Via: SIP/2.0/UDP 192.0.2.15;;\r\n", "ACK"), at).empty());
      EXPECT_EQ(bench.count(Reason::kStrayAck), 1u);
    }
  }
}

// What is wrong with the message as a whole comes first.
TEST(MalformedVia, IsToldAfterTheMessagesOwnFaults) {
  ShardBench bench;
  std::string request = options_with("Via: SIP/2.0/UDP 192.0.2.15;;\r\n");
  request.replace(request.find("SIP/2.0\r\n"), 9, "SIP/3.0\r\n");
  EXPECT_EQ(send(bench, request)[0].first_line(), "SIP/2.0 505 Version Not Supported");
}

}  // namespace
}  // namespace vedette::engine
