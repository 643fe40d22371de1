// The laws about watchers who ask for rates (RFC 6446) notice what they are there for (see laws_test.cc).
#include "tests/sim/laws_fixture.h"

namespace vedette::sim {
namespace {

class RateLawsTest : public LawsTest {
 protected:
  RateLawsTest() { config_.pace.interval.fill(Duration::seconds(5)); }
  static std::string asking(std::string message, const std::string& rates) {
    const size_t end = message.find("\r\n", message.find("Event: "));
    return message.insert(end, rates);
  }
  // A subscription with these rates, that gets those, and one NOTIFY.
  void establish_paced(const std::string& asked, const std::string& given) {
    take(asking(subscribe(), asked));
    put_out(accepted());
    put_out_unasked(notify(1, "active;expires=60" + given));
    take(notify_answer(1));
  }
};

TEST_F(RateLawsTest, AMaximumRateIsKept) {
  establish_paced(";max-rate=0.05", ";max-rate=0.05");
  pass(Duration::seconds(20));
  put_out_unasked(notify(2, "active;expires=40;max-rate=0.05"));
  take(notify_answer(2));
  expect_fine();
  pass(Duration::seconds(19));
  put_out_unasked(notify(3, "active;expires=21;max-rate=0.05"));
  expect_broken("no two NOTIFYs of a subscription are closer than its pace");
}

TEST_F(RateLawsTest, WhatThePolicyForbidsIsNotToBeHad) {
  establish_paced(";max-rate=2", ";max-rate=0.2");
  expect_fine();
  pass(Duration::seconds(4));
  put_out_unasked(notify(2, "active;expires=56;max-rate=0.2"));
  expect_broken("no two NOTIFYs of a subscription are closer than its pace");
}

TEST_F(RateLawsTest, TheNextSubscribeHasOthers) {
  establish_paced(";max-rate=0.05", ";max-rate=0.05");
  take(subscribe("server"));
  put_out(accepted());
  put_out_unasked(notify(2, "active;expires=60"));
  take(notify_answer(2));
  pass(Duration::seconds(5));
  put_out_unasked(notify(3, "active;expires=55"));
  expect_fine();
}

TEST_F(RateLawsTest, AMinimumRateIsKept) {
  establish_paced(";min-rate=0.02", ";min-rate=0.02");
  pass(Duration::seconds(51));
  laws_.on_tick();
  expect_fine();
  pass(Duration::seconds(2));
  laws_.on_tick();
  expect_broken("who asked for a minimum rate is told so often (RFC 6446 §6.2)");
}

TEST_F(RateLawsTest, WhichRatesThereAreIsSaid) {
  establish_paced(";min-rate=0.6;adaptive-min-rate=0.5", ";adaptive-min-rate=0.0333333333");
  expect_fine();       // A minimum above what the average may be does not count (RFC 6446 §8).
  call_ = "other";
  establish_paced(";max-rate=0.05", "");
  expect_broken("Subscription-State says which rates there are (RFC 6446 §5.2)");
}

}  // namespace
}  // namespace vedette::sim
