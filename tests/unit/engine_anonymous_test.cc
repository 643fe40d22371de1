// RFC 3261 §22.1: who watches as "anonymous", with a shard's own challenge, and what he may not do so.
#include <gtest/gtest.h>

#include "engine/control/crypto.h"
#include "tests/support/digest_client.h"
#include "tests/support/shard_bench.h"

namespace vedette::engine {
namespace {

using support::Sent;
using support::ShardBench;

class AnonymousTest : public testing::Test {
 protected:
  static EngineConfig config_with(WatchPolicy policy) {
    EngineConfig config = support::bench_config();
    config.domains = {Domain{.name = "example.com", .watch_policy = policy, .serves_anonymous = true}};
    User nobody = support::make_user("anonymous", "example.com", "");
    nobody.is_anonymous = true;
    config.users = {support::make_user("alice", "example.com", "secret"), nobody};
    return config;
  }

  std::string request(const std::string& headers) {
    const std::string number = std::to_string(++cseq_);
    return method_ + " " + target_ + " SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK" + number +
           "\nFrom: <sip:" + from_ + ">;tag=w\nTo: " + to_ + "\nCall-ID: c@192.0.2.1\nCSeq: " + number + " " + method_ +
           "\nContact: <sip:w@192.0.2.1>\nEvent: presence\nExpires: 600\n" + headers + "\n";
  }
  // Sends it, answers the challenge, gives what came then.
  std::vector<Sent> ask(ShardBench& bench, const std::string& password = "") {
    const Sent challenge = bench.send(request("")).at(0);
    EXPECT_EQ(challenge.first_line(), "SIP/2.0 401 Unauthorized");
    const std::string header = challenge.header("WWW-Authenticate");
    const size_t at = header.find("nonce=\"") + 7;
    const support::DigestAnswer answer{.username = "anonymous",
                                       .password = password,
                                       .nonce = header.substr(at, header.find('"', at) - at),
                                       .uri = target_,
                                       .method = method_,
                                       .algorithm = header.find("SHA-256") != std::string::npos
                                                        ? DigestAlgorithm::kSha256
                                                        : DigestAlgorithm::kMd5};
    return bench.send(request("Authorization: " + answer.header() + "\n"));
  }

  std::string method_ = "SUBSCRIBE";
  std::string target_ = "sip:alice@example.com";
  std::string to_ = "<sip:alice@example.com>";
  std::string from_ = "anonymous@anonymous.invalid";
  int cseq_ = 0;
};

TEST_F(AnonymousTest, WatchesWhereEverybodyMay) {
  ShardBench bench(config_with(WatchPolicy::kEveryone), 1, control::openssl_hashes());
  std::vector<Sent> sent = ask(bench);
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0].first_line(), "SIP/2.0 200 OK");
  bench.answer(sent[1]);
  EXPECT_NE(bench.ask(ControlMessage::Kind::kListWatchers).at(0).find("anonymous@anonymous.invalid"),
            std::string::npos);
  // In the dialog, too.
  to_ = sent[0].header("To");
  target_ = sent[0].header("Contact");
  target_ = target_.substr(1, target_.find('>') - 1);
  EXPECT_EQ(ask(bench).at(0).first_line(), "SIP/2.0 200 OK");
  EXPECT_EQ(bench.subscriptions(), 1u);
  EXPECT_EQ(bench.count(Counter::kSubscriptionsRefreshed), 1u);
}

// Everybody who is anonymous is the same user, so what one user may ask for is no limit of his.
TEST_F(AnonymousTest, IsNotLimitedAsOneUserIs) {
  EngineConfig config = config_with(WatchPolicy::kEveryone);
  config.limits.user_requests_per_second = config.limits.user_requests_burst = 1;
  ShardBench bench(config, 1, control::openssl_hashes());
  const std::vector<Sent> sent = ask(bench);
  ASSERT_EQ(sent.size(), 2u);
  to_ = sent[0].header("To");
  target_ = sent[0].header("Contact");
  target_ = target_.substr(1, target_.find('>') - 1);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(bench).at(0).first_line(), "SIP/2.0 200 OK") << i;
  EXPECT_EQ(bench.count(Reason::kUserTooFast), 0u);
}

TEST_F(AnonymousTest, IsNobodyWhereOnlyUsersMayWatch) {
  for (const WatchPolicy policy : {WatchPolicy::kDomain, WatchPolicy::kAuthenticated, WatchPolicy::kOwner}) {
    ShardBench bench(config_with(policy), 1, control::openssl_hashes());
    EXPECT_TRUE(ask(bench).at(0).first_line().starts_with("SIP/2.0 403 "));
    EXPECT_EQ(bench.subscriptions(), 0u);
  }
}

TEST_F(AnonymousTest, MustKnowThatThePasswordIsEmpty) {
  ShardBench bench(config_with(WatchPolicy::kEveryone), 1, control::openssl_hashes());
  EXPECT_EQ(ask(bench, "x").at(0).first_line(), "SIP/2.0 401 Unauthorized");
}

// What would be somebody's own: nobody has any.
TEST_F(AnonymousTest, NeitherPublishesNorRegistersNorTakesAName) {
  ShardBench bench(config_with(WatchPolicy::kEveryone), 1, control::openssl_hashes());
  from_ = "alice@example.com";
  EXPECT_TRUE(ask(bench).at(0).first_line().starts_with("SIP/2.0 403 "));
  from_ = "anonymous@example.com";
  EXPECT_TRUE(ask(bench).at(0).first_line().starts_with("SIP/2.0 403 "));
  for (const char* method : {"PUBLISH", "REGISTER"}) {
    for (const char* name : {"alice", "anonymous"}) {
      for (const char* from : {"anonymous@anonymous.invalid", "anonymous@example.com"}) {
        method_ = method;
        from_ = from;
        target_ = "sip:" + std::string(name) + "@example.com";
        to_ = "<" + target_ + ">";
        EXPECT_TRUE(ask(bench).at(0).first_line().starts_with("SIP/2.0 403 ")) << method << " " << name << " " << from;
      }
    }
  }
  EXPECT_EQ(bench.count(Counter::kRegistersAccepted) + bench.count(Counter::kPublishesAccepted), 0u);
}

}  // namespace
}  // namespace vedette::engine
