// The life of one subscription as a table: (state, event) → (state, action). Pure; a test walks every row. It
// holds the three rules that everything else follows from: one NOTIFY in flight per subscription; the final NOTIFY
// goes out after the answer to the one before it (both stricter than RFC 6665 §4.2.2); and changes wait for the end of
// the pace's interval (RFC 3856 §6.10), but what answers a SUBSCRIBE, or ends the subscription, never does.
#pragma once

#include <cstdint>

namespace vedette::engine {

enum class SubscriptionState : uint8_t {
  kQuiet,           // The watcher has acknowledged the latest state.
  kReady,           // A NOTIFY waits for its turn.
  kPaced,           // The state has changed; the NOTIFY waits until it may follow the one before it.
  kInFlight,        // A NOTIFY waits for its answer; nothing newer than it.
  kInFlightStale,   // The same, and the state has changed since.
  kInFlightAsked,   // The same, and a SUBSCRIBE has been accepted since.
  kBackoff,         // An attempt failed for now (RFC 6665 §4.2.2); to be tried again later.
  kFinalReady,      // The final NOTIFY waits for its turn.
  kFinalAfter,      // A NOTIFY waits for its answer; the final one comes after it.
  kFinalInFlight,   // The final NOTIFY waits for its answer.
  kConcluded,       // It is over; its watcher knows (RFC 5839 §5.7), or is gone. It only has to leave the queue.
  kGone,            // Released. No record has this state.
  kCount
};

enum class SubscriptionEvent : uint8_t {
  kChanged,         // What the watcher may see has changed.
  kSubscribed,      // A SUBSCRIBE was accepted: the state is told at once (RFC 6665 §4.2.1.2).
  kEnded,           // It expired or was ended by the watcher or by us.
  kTurn,            // Its turn to send.
  kAccepted,        // 2xx to the NOTIFY in flight.
  kFailedForGood,   // The NOTIFY timed out or got an answer that ends the subscription.
  kFailedForNow,    // Any other failure: only this attempt.
  kResendDue,       // RFC 3261 §17.1.2.2 Timer E.
  kRetryDue,        // The back-off is over.
  kPaceOver,        // The pace's interval is over.
  kUnchangedDue,    // Nothing has changed for so long that the watcher wants to be told so (RFC 6446 §6).
  kKept,            // A SUBSCRIBE was accepted by a watcher who has the state (RFC 5839 §6.3: 204).
  kConcluded,       // The same, and it was the last one: no NOTIFY follows.
  kHeldBack,        // Its turn to send what the watcher has (RFC 5839 §6.3).
  kLost,            // The connection is gone that was the one way to the watcher.
  kCount
};

enum class SubscriptionAction : uint8_t {
  kNone,
  kEnqueue,         // Join the queue of those who wait for their turn.
  kPace,            // Go on when the interval is over: perhaps at once.
  kCoalesce,        // The newer state will be told with what waits already: count it.
  kSend,
  kSendFinal,
  kResend,
  kWait,            // Arm the back-off.
  kRelease,
  kImpossible,      // This event cannot happen in this state: a programmer's error.
};

struct SubscriptionStep {
  SubscriptionState next;
  SubscriptionAction action;
};

SubscriptionStep step_of(SubscriptionState state, SubscriptionEvent event);

// Whether a NOTIFY of ours waits for its answer.
constexpr bool is_in_flight(SubscriptionState s) {
  return s == SubscriptionState::kInFlight || s == SubscriptionState::kInFlightStale ||
         s == SubscriptionState::kInFlightAsked ||
         s == SubscriptionState::kFinalAfter || s == SubscriptionState::kFinalInFlight;
}
// Whether the subscription is over but for its last NOTIFYs.
constexpr bool is_ending(SubscriptionState s) {
  return s == SubscriptionState::kFinalReady || s == SubscriptionState::kFinalAfter ||
         s == SubscriptionState::kFinalInFlight || s == SubscriptionState::kConcluded;
}
constexpr bool is_waiting_for_turn(SubscriptionState s) {
  return s == SubscriptionState::kReady || s == SubscriptionState::kFinalReady || s == SubscriptionState::kConcluded;
}

}  // namespace vedette::engine
