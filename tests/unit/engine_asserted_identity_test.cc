// P-Asserted-Identity (RFC 3325): of whom it is believed, for whom, and what it is good for; whom a
// domain refuses.
#include "engine/auth/asserted_identity.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "engine/control/crypto.h"
#include "tests/support/digest_client.h"
#include "tests/support/shard_bench.h"

namespace vedette::engine {
namespace {

using support::Sent;
using support::ShardBench;

// Peers are places 1 (edge.example.com), 2 (example.net) and 3 (example.org).
class AssertedIdentityTest : public testing::Test {
 protected:
  AssertedIdentityTest() : config_(support::bench_config()) {
    config_.domains = {Domain{.name = "example.com", .watch_policy = WatchPolicy::kEveryone}};
    config_.users = {support::make_user("alice", "example.com", "secret"),
                     support::make_user("bob", "example.com", "secret")};
    AddressPrefix lan;
    EXPECT_TRUE(AddressPrefix::parse("192.0.2.16/28", lan));
    config_.peers = {Peer{.domain = "edge.example.com", .asserts = {"example.com", "example.net"}, .sources = {lan}},
                     Peer{.domain = "example.net", .asserts = {"example.net"}},
                     Peer{.domain = "example.org"}};
  }

  static Flow proved(uint16_t peer) {
    Flow flow = support::bench_flow("192.0.2.9", 40'000);
    flow.transport = Transport::kTls;
    flow.connection = 7;
    flow.peer = peer & kPeersMax;
    return flow;
  }
  std::string request(const std::string& headers) {
    const std::string number = std::to_string(++cseq_);
    const std::string expires = method_ == "REGISTER" ? "Expires: 600\n" : "Event: presence\nExpires: 600\n";
    return method_ + " sip:alice@example.com SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK" + number +
           "\nFrom: <sip:" + from_ + ">;tag=w\nTo: <sip:alice@example.com>" + to_tag_ +
           "\nCall-ID: c@192.0.2.1\nCSeq: " + number + " " + method_ + "\nContact: <sip:w@192.0.2.1>\n" + expires +
           headers + "Content-Length: 0\n\n";
  }
  // The status of the answer.
  int ask(const std::string& headers, const Flow& flow) {
    std::string bytes;
    for (const char c : request(headers)) bytes += c == '\n' ? "\r\n" : std::string(1, c);
    sent_ = bench().send_raw(bytes, flow);
    return sent_.empty() ? 0 : std::stoi(sent_.front().first_line().substr(8, 3));
  }
  ShardBench& bench() {
    if (bench_ == nullptr) bench_ = std::make_unique<ShardBench>(config_, 1, control::openssl_hashes());
    return *bench_;
  }
  uint64_t count(Counter counter) { return bench().shard(0).counters().get(counter); }

  EngineConfig config_;
  std::string method_ = "SUBSCRIBE", from_ = "carol@example.net", to_tag_;
  std::vector<Sent> sent_;

 private:
  std::unique_ptr<ShardBench> bench_;
  int cseq_ = 0;
};

const std::string kCarol = "P-Asserted-Identity: \"Carol\" <sip:carol@Example.NET>\n";
const std::string kBob = "P-Asserted-Identity: <sip:bob@example.com>\n";

TEST_F(AssertedIdentityTest, WhoIsSaidToHaveSentItByHisPeerIsNotChallenged) {
  EXPECT_EQ(ask(kCarol, proved(2)), 200);
  EXPECT_EQ(bench().shard(0).subscription_count(), 1U);
  EXPECT_EQ(count(Counter::kIdentitiesAsserted), 1U);
  EXPECT_EQ(count(Counter::kAssertionsIgnored), 0U);
  // In the dialog, too: a refresh of carol's is carol's, and dave's is not.
  ASSERT_EQ(sent_.size(), 2U);
  const std::string to = sent_[0].header("To");
  to_tag_ = to.substr(to.find(";tag="));
  EXPECT_EQ(ask(kCarol, proved(2)), 200);
  EXPECT_EQ(ask("P-Asserted-Identity: <sip:dave@example.net>\n", proved(2)), 403);
  EXPECT_EQ(bench().shard(0).subscription_count(), 1U);
}

// RFC 3325 §9.1: beside a number; the From may say nothing (§8: anonymous).
TEST_F(AssertedIdentityTest, TheAssertedOneIsItWhateverTheFromSays) {
  from_ = "anonymous@anonymous.invalid";
  EXPECT_EQ(ask("P-Asserted-Identity: <tel:+12015550123>\n" + kCarol, proved(2)), 200);
  EXPECT_EQ(ask("P-Asserted-Identity: tel:+12015550123, <sip:bob@example.com>\n", proved(1)), 200);
}

TEST_F(AssertedIdentityTest, FromAnybodyElseItIsAsIfItWereNotThere) {
  for (const Flow& flow : {proved(kNoPeer), support::bench_flow("192.0.2.9", 5'060)}) EXPECT_EQ(ask(kCarol, flow), 401);
  EXPECT_EQ(ask(kCarol, proved(3)), 401) << "a peer that may say nothing";
  EXPECT_EQ(ask(kBob, proved(2)), 401) << "of somebody else's user";
  EXPECT_EQ(count(Counter::kAssertionsIgnored), 4U);
  EXPECT_EQ(count(Counter::kIdentitiesAsserted), 0U);
  EXPECT_EQ(bench().shard(0).subscription_count(), 0U);
}

TEST_F(AssertedIdentityTest, WhatIsMalformedOrAmbiguousIsIgnored) {
  for (const std::string value :
       {"<sip:carol@example.net", "<sip:carol@example.net>, <sip:dave@example.net>", "*", "<sip:example.net>",
        "<tel:+12015550123>", "<http://example.net/carol>", "<sip:carol@example.net>, tel:+1, tel:+2", ""}) {
    EXPECT_EQ(ask("P-Asserted-Identity: " + value + "\n", proved(2)), 401) << value;
  }
  EXPECT_EQ(count(Counter::kIdentitiesAsserted), 0U);
}

TEST_F(AssertedIdentityTest, APlaceIsBelievedIfItIsThePeers) {
  EXPECT_EQ(ask(kBob, support::bench_flow("192.0.2.17", 5'060)), 200);
  EXPECT_EQ(ask(kBob, support::bench_flow("192.0.2.33", 5'060)), 401);
}

TEST_F(AssertedIdentityTest, APublicationIsOnesOwn) {
  method_ = "PUBLISH";
  EXPECT_EQ(ask(kBob, proved(1)), 403);
  // What is wrong with it is told to who may publish it: it has neither a body nor a tag.
  EXPECT_EQ(ask("P-Asserted-Identity: <sip:alice@example.com>\n", proved(1)), 400);
}

// RFC 3325 §9.1 has none in a REGISTER.
TEST_F(AssertedIdentityTest, WhoRegistersProvesHimself) {
  method_ = "REGISTER";
  from_ = "alice@example.com";
  EXPECT_EQ(ask("P-Asserted-Identity: <sip:alice@example.com>\n", proved(1)), 401);
}

// RFC 3323 §4.2: what is asserted is not for those who are watched.
TEST_F(AssertedIdentityTest, WhoWantsNoIdentityToldIsAnonymous) {
  EXPECT_EQ(ask(kCarol + "Privacy: header;id\n", proved(2)), 403);
  EXPECT_EQ(ask(kCarol + "Privacy: none\n", proved(2)), 200);
}

TEST_F(AssertedIdentityTest, OrNobodyWhereThatMayWatch) {
  config_.domains[0].serves_anonymous = true;
  EXPECT_EQ(ask(kCarol + "Privacy: ID\n", proved(2)), 200);
  method_ = "PUBLISH";
  EXPECT_EQ(ask(kCarol, proved(2)), 403);
}

TEST_F(AssertedIdentityTest, ADomainRefusesPeers) {
  config_.domains[0].refused_peers = {false, false, true, false};
  EXPECT_EQ(ask(kCarol, proved(2)), 403);
  EXPECT_EQ(ask("", proved(2)), 403);
  EXPECT_EQ(bench().shard(0).counters().get(Reason::kPeerRefused), 2U);
  EXPECT_EQ(ask("", proved(3)), 401);
  EXPECT_EQ(ask("", proved(kNoPeer)), 401);
  EXPECT_EQ(ask(kBob, proved(1)), 200);
}

}  // namespace
}  // namespace vedette::engine
