#include "engine/presence/subscription_machine.h"

#include <array>
#include <cstddef>

namespace vedette::engine {
namespace {

using S = SubscriptionState;
using A = SubscriptionAction;

constexpr SubscriptionStep kNo{S::kGone, A::kImpossible};
constexpr size_t kStates = static_cast<size_t>(S::kCount);
constexpr size_t kEvents = static_cast<size_t>(SubscriptionEvent::kCount);

// Rows: states in order. Columns: kChanged, kSubscribed, kEnded, kTurn, kAccepted, kFailedForGood,
// kFailedForNow, kResendDue, kRetryDue, kPaceOver, kUnchangedDue, kKept, kConcluded, kHeldBack, kLost.
constexpr std::array<std::array<SubscriptionStep, kEvents>, kStates> kTable = {{
    // kQuiet
    {{{S::kPaced, A::kPace}, {S::kReady, A::kEnqueue}, {S::kFinalReady, A::kEnqueue}, kNo, kNo, kNo, kNo,
      kNo, kNo, kNo, {S::kReady, A::kEnqueue}, {S::kQuiet, A::kNone}, {S::kGone, A::kRelease}, kNo,
      {S::kGone, A::kRelease}}},
    // kReady
    {{{S::kReady, A::kNone}, {S::kReady, A::kNone}, {S::kFinalReady, A::kNone}, {S::kInFlight, A::kSend}, kNo,
      kNo, kNo, kNo, kNo, kNo, kNo, {S::kReady, A::kNone}, {S::kConcluded, A::kNone}, {S::kQuiet, A::kNone},
      {S::kConcluded, A::kNone}}},
    // kPaced
    {{{S::kPaced, A::kCoalesce}, {S::kReady, A::kEnqueue}, {S::kFinalReady, A::kEnqueue}, kNo, kNo, kNo, kNo,
      kNo, kNo, {S::kReady, A::kEnqueue}, kNo, {S::kPaced, A::kNone}, {S::kGone, A::kRelease}, kNo,
      {S::kGone, A::kRelease}}},
    // kInFlight
    {{{S::kInFlightStale, A::kCoalesce}, {S::kInFlightAsked, A::kNone}, {S::kFinalAfter, A::kNone}, kNo,
      {S::kQuiet, A::kNone}, {S::kGone, A::kRelease}, {S::kBackoff, A::kWait}, {S::kInFlight, A::kResend},
      kNo, kNo, kNo, {S::kInFlight, A::kNone}, {S::kGone, A::kRelease}, kNo,
      {S::kGone, A::kRelease}}},
    // kInFlightStale
    {{{S::kInFlightStale, A::kCoalesce}, {S::kInFlightAsked, A::kNone}, {S::kFinalAfter, A::kNone}, kNo,
      {S::kPaced, A::kPace}, {S::kGone, A::kRelease}, {S::kBackoff, A::kWait},
      {S::kInFlightStale, A::kResend}, kNo, kNo, kNo, {S::kInFlightStale, A::kNone}, {S::kGone, A::kRelease}, kNo,
      {S::kGone, A::kRelease}}},
    // kInFlightAsked
    {{{S::kInFlightAsked, A::kCoalesce}, {S::kInFlightAsked, A::kNone}, {S::kFinalAfter, A::kNone}, kNo,
      {S::kReady, A::kEnqueue}, {S::kGone, A::kRelease}, {S::kBackoff, A::kWait},
      {S::kInFlightAsked, A::kResend}, kNo, kNo, kNo, {S::kInFlightAsked, A::kNone}, {S::kGone, A::kRelease}, kNo,
      {S::kGone, A::kRelease}}},
    // kBackoff: only time, the watcher's own word or the end brings it back: an overloaded watcher is
    // left alone.
    {{{S::kBackoff, A::kNone}, {S::kReady, A::kEnqueue}, {S::kFinalReady, A::kEnqueue}, kNo, kNo, kNo, kNo,
      kNo, {S::kPaced, A::kPace}, kNo, kNo, {S::kBackoff, A::kNone}, {S::kGone, A::kRelease}, kNo,
      {S::kGone, A::kRelease}}},
    // kFinalReady
    {{{S::kFinalReady, A::kNone}, {S::kFinalReady, A::kNone}, {S::kFinalReady, A::kNone},
      {S::kFinalInFlight, A::kSendFinal}, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo,
      {S::kConcluded, A::kNone}}},
    // kFinalAfter
    {{{S::kFinalAfter, A::kNone}, {S::kFinalAfter, A::kNone}, {S::kFinalAfter, A::kNone}, kNo,
      {S::kFinalReady, A::kEnqueue}, {S::kGone, A::kRelease}, {S::kFinalReady, A::kEnqueue},
      {S::kFinalAfter, A::kResend}, kNo, kNo, kNo, kNo, kNo, kNo,
      {S::kGone, A::kRelease}}},
    // kFinalInFlight
    {{{S::kFinalInFlight, A::kNone}, {S::kFinalInFlight, A::kNone}, {S::kFinalInFlight, A::kNone}, kNo,
      {S::kGone, A::kRelease}, {S::kGone, A::kRelease}, {S::kGone, A::kRelease},
      {S::kFinalInFlight, A::kResend}, kNo, kNo, kNo, kNo, kNo, kNo,
      {S::kGone, A::kRelease}}},
    // kConcluded
    {{{S::kConcluded, A::kNone}, {S::kConcluded, A::kNone}, {S::kConcluded, A::kNone}, {S::kGone, A::kRelease}, kNo,
      kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo,
      {S::kConcluded, A::kNone}}},
    // kGone
    {{kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo}},
}};

}  // namespace

SubscriptionStep step_of(SubscriptionState state, SubscriptionEvent event) {
  return kTable[static_cast<size_t>(state)][static_cast<size_t>(event)];
}

}  // namespace vedette::engine
