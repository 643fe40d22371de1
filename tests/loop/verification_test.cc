// Requests whose Identity has to be verified, through running workers: to the thread that verifies them and back to the
// shard that asked, and what happens when that thread does not keep up.
#include "tests/loop/loop_fixture.h"

namespace vedette::tests {
namespace {

using dataplane::Fate;
using engine::Reason;

std::string verdict(Reason reason) { return "verdict " + std::to_string(static_cast<unsigned>(reason)); }

class VerificationTest : public LoopTest {
 protected:
  VerificationTest() {
    engine_.domains = {engine::Domain{.name = "example.com"}};
    engine_.domains[0].identity = engine::IdentityPolicy::kVerify;
  }
  // Which worker has a request for us; none within a second.
  std::optional<unsigned> take_request(std::string& bytes, engine::Flow& flow) {
    for (int i = 0; i < 1'000; ++i) {
      for (unsigned worker = 0; worker < dataplane_->workers(); ++worker) {
        if (dataplane_->try_take_unverified(worker, bytes, flow)) return worker;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return {};
  }
};

TEST_F(VerificationTest, RequestsGoOutAndComeBackWithTheVerdict) {
  begin({1, 1});
  for (const Reason reason : {Reason::kNone, Reason::kInvalidIdentity}) {
    loop_->put(udp_frame(way(true), "verify me"));
    std::string bytes;
    engine::Flow flow;
    const auto worker = take_request(bytes, flow);
    ASSERT_TRUE(worker);
    EXPECT_EQ(bytes, "verify me");
    ASSERT_TRUE(dataplane_->try_give_verdict(*worker, {bytes, flow, engine::PeerKind::kVerified, reason}));
    EXPECT_EQ(take_plain(), udp_frame(back(way(true)), verdict(reason)));
  }
  expect_count(Fate::kVerificationsOut, 2);
  expect_count(Fate::kVerdictsIn, 2);
}

TEST_F(VerificationTest, WhatFindsNoRoomIsRefusedAtOnce) {
  config_.verification_ring_size = 1;
  begin({1, 1});
  loop_->put(udp_frame(way(true), "verify one"));
  expect_count(Fate::kVerificationsOut, 1);
  loop_->put(udp_frame(way(true), "verify two"));
  EXPECT_EQ(take_plain(), udp_frame(back(way(true)), verdict(Reason::kIdentitiesFull)));
  expect_count(Fate::kVerificationsFull, 1);
  // It goes on when there is room again.
  std::string bytes;
  engine::Flow flow;
  ASSERT_TRUE(take_request(bytes, flow));
  EXPECT_EQ(bytes, "verify one");
  loop_->put(udp_frame(way(true), "verify three"));
  ASSERT_TRUE(take_request(bytes, flow));
  EXPECT_EQ(bytes, "verify three");
}

TEST_F(VerificationTest, WhereNobodyAsksThereAreNoRings) {
  engine_.domains.clear();
  begin({1, 1});
  std::string bytes;
  engine::Flow flow;
  EXPECT_FALSE(dataplane_->try_take_unverified(0, bytes, flow));
  EXPECT_FALSE(dataplane_->try_give_verdict(0, {"x", flow, engine::PeerKind::kVerified}));
}

}  // namespace
}  // namespace vedette::tests
