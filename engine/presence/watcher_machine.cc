#include "engine/presence/watcher_machine.h"

namespace vedette::engine {
namespace {

using S = WatcherStatus;

constexpr S kNo = S::kCount;
constexpr size_t kStatuses = static_cast<size_t>(S::kCount);
constexpr size_t kEvents = static_cast<size_t>(WatcherEvent::kCount);

// Rows: statuses in order. Columns: kSubscribe, kApproved, kDeactivated, kProbation, kRejected, kTimeout, kGiveup,
// kNoResource. A subscription begins with kSubscribe. Figure 1 has no giveup of one that is active, but an operator may
// end it for that reason (RFC 6665 §4.1.3).
constexpr std::array<std::array<S, kEvents>, kStatuses> kTable = {{
    // kPending: "If a pending subscription suffers a timeout, it moves into the waiting state."
    {{kNo, S::kActive, S::kTerminated, S::kTerminated, S::kTerminated, S::kWaiting, S::kTerminated,
      S::kTerminated}},
    // kActive
    {{kNo, kNo, S::kTerminated, S::kTerminated, S::kTerminated, S::kTerminated, S::kTerminated,
      S::kTerminated}},
    // kWaiting: "if the subscription is approved or denied, the FSM enters the terminated state, and is
    // destroyed." There
    // is no subscription left that might be deactivated or time out.
    {{kNo, S::kTerminated, kNo, kNo, S::kTerminated, kNo, S::kTerminated, S::kTerminated}},
    // kTerminated
    {{kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo}},
}};

}  // namespace

WatcherStatus status_after(WatcherStatus status, WatcherEvent event) {
  return kTable[static_cast<size_t>(status)][static_cast<size_t>(event)];
}

}  // namespace vedette::engine
