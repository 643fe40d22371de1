// Scenarios that the simulator found: each was a failing seed once, and is here the shortest ladder of messages
// that shows the same. What a scenario is about stands above it.
#include <gtest/gtest.h>

#include "tests/support/shard_bench.h"

namespace vedette::engine {
namespace {

using support::Sent;
using support::ShardBench;

std::string subscribe(std::string_view watcher, std::string_view presentity) {
  return "SUBSCRIBE sip:" + std::string(presentity) +
         " SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKs1\nFrom: <sip:" + std::string(watcher) +
         ">;tag=w\nTo: <sip:" + std::string(presentity) +
         ">\nCall-ID: s@192.0.2.1\nCSeq: 1 SUBSCRIBE\nContact: <sip:w@192.0.2.1>\nEvent: presence\nExpires: "
         "600\n\n";
}

// A watch policy of authenticated users does not take the word of users whose own domain proves nothing.
TEST(Scenarios, AWatcherOfABelievingDomainIsNotAuthenticated) {
  EngineConfig config = support::bench_config();
  config.domains = {{.name = "careful.com", .watch_policy = WatchPolicy::kAuthenticated},
                    {.name = "example.com", .authenticate = false}};
  config.users = {{.aor = "alice@careful.com"}};
  ShardBench bench(config);
  const auto sent = bench.send(subscribe("anybody@example.com", "alice@careful.com"));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_TRUE(sent[0].first_line().starts_with("SIP/2.0 403 ")) << sent[0].first_line();
  EXPECT_EQ(bench.subscriptions(), 0u);
}

// RFC 3261 §12.2.2: the whole To tag names the dialog, its partition as well.
TEST(Scenarios, ARefreshWithAnotherPartitionInItsTagFindsNoDialog) {
  ShardBench bench;
  const auto sent = bench.send(subscribe("bob@example.com", "alice@example.com"));
  ASSERT_EQ(sent.size(), 2u);
  std::string to = sent[0].header("To");
  const auto refresh = [&](int cseq) {
    std::string text = subscribe("bob@example.com", "alice@example.com");
    text.replace(text.find("\nTo: <sip:alice@example.com>"), 28, "\nTo: " + to);
    text.replace(text.find("CSeq: 1"), 7, "CSeq: " + std::to_string(cseq));
    text.replace(text.find("z9hG4bKs1"), 9, "z9hG4bKs" + std::to_string(cseq));
    return bench.send(text)[0].first_line();
  };
  EXPECT_EQ(refresh(2), "SIP/2.0 200 OK");
  const size_t at = to.find("tag=") + 4;
  to[at] = to[at] == '0' ? '1' : '0';
  EXPECT_TRUE(refresh(3).starts_with("SIP/2.0 481 "));
}

// RFC 3261 §17.1.3: a response with a damaged branch answers nothing, wherever in the branch the damage is.
TEST(Scenarios, AnAnswerWithAnotherPartitionInItsBranchIsNone) {
  ShardBench bench;
  const auto sent = bench.send(subscribe("bob@example.com", "alice@example.com"));
  ASSERT_EQ(sent.size(), 2u);
  Sent damaged = sent[1];
  const size_t at = damaged.text.find(";branch=") + 8 + kBranchPrefix.size();
  damaged.text[at] = damaged.text[at] == '0' ? '1' : '0';
  bench.answer(damaged);
  EXPECT_EQ(bench.count(Counter::kNotifiesAcknowledged), 0u);
  EXPECT_EQ(bench.count(Reason::kStrayResponse), 1u);
  bench.answer(sent[1]);
  EXPECT_EQ(bench.count(Counter::kNotifiesAcknowledged), 1u);
}

}  // namespace
}  // namespace vedette::engine
