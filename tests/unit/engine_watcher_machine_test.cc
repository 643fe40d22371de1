// RFC 3857 §4.7.1, Figure 1: each status and each event.
#include "engine/presence/watcher_machine.h"

#include <gtest/gtest.h>

#include <map>
#include <string_view>
#include <utility>

namespace vedette::engine {
namespace {

using S = WatcherStatus;
using E = WatcherEvent;

// The figure's arrows. What it does not have cannot happen, but for the giveup of an active subscription by
// an operator.
TEST(WatcherMachineTest, IsTheFigure) {
  const std::map<std::pair<S, E>, S> arrows = {
      {{S::kPending, E::kApproved}, S::kActive},        {{S::kPending, E::kTimeout}, S::kWaiting},
      {{S::kPending, E::kNoResource}, S::kTerminated},  {{S::kPending, E::kRejected}, S::kTerminated},
      {{S::kPending, E::kDeactivated}, S::kTerminated}, {{S::kPending, E::kProbation}, S::kTerminated},
      {{S::kPending, E::kGiveup}, S::kTerminated},      {{S::kActive, E::kNoResource}, S::kTerminated},
      {{S::kActive, E::kRejected}, S::kTerminated},     {{S::kActive, E::kDeactivated}, S::kTerminated},
      {{S::kActive, E::kProbation}, S::kTerminated},    {{S::kActive, E::kTimeout}, S::kTerminated},
      {{S::kActive, E::kGiveup}, S::kTerminated},       {{S::kWaiting, E::kNoResource}, S::kTerminated},
      {{S::kWaiting, E::kRejected}, S::kTerminated},    {{S::kWaiting, E::kGiveup}, S::kTerminated},
      {{S::kWaiting, E::kApproved}, S::kTerminated}};
  for (size_t s = 0; s < static_cast<size_t>(S::kCount); ++s) {
    for (size_t e = 0; e < static_cast<size_t>(E::kCount); ++e) {
      const auto status = static_cast<S>(s);
      const auto event = static_cast<E>(e);
      const auto arrow = arrows.find({status, event});
      EXPECT_EQ(status_after(status, event), arrow == arrows.end() ? S::kCount : arrow->second)
          << to_string(status) << ", " << to_string(event);
    }
  }
}

// Whatever reason a subscription ends for (RFC 6665 §4.1.3), it is over, or waits.
TEST(WatcherMachineTest, EveryEndIsAnEvent) {
  for (size_t r = 0; r < static_cast<size_t>(EndReason::kCount); ++r) {
    const auto reason = static_cast<EndReason>(r);
    EXPECT_EQ(status_after(S::kActive, event_of(reason)), S::kTerminated);
    const bool waits = reason == EndReason::kTimeout;
    EXPECT_EQ(status_after(S::kPending, event_of(reason)), waits ? S::kWaiting : S::kTerminated);
  }
}

}  // namespace
}  // namespace vedette::engine
