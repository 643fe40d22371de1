// The generator's accounts: each datagram that was sent or came is in one of these, and latencies from the intended
// time. Copied and subtracted, so that each phase has its own.
#pragma once

#include <array>
#include <cstdint>

#include "tools/storm/histogram.h"
#include "tools/storm/requests.h"

namespace vedette::storm {

struct AskCounts {
  uint64_t sent = 0;             // First copies; a challenged request counts again when it goes with credentials.
  uint64_t resent = 0;
  uint64_t accepted = 0;         // 2xx.
  uint64_t challenged = 0;       // 401, and sent again.
  uint64_t refused = 0;          // Any other final response.
  uint64_t lost = 0;             // No final response within 64 * T1.
  uint64_t late = 0;             // Answered, but after T1: who waits has sent it again by then.
  Histogram latency;             // Of final responses that are no challenge, from the intended time.

  uint64_t waiting() const { return sent - accepted - challenged - refused - lost; }
};

struct Counts {
  std::array<AskCounts, static_cast<size_t>(Ask::kCount)> asks;

  uint64_t notifies = 0;         // All NOTIFYs that came; each is one of the five below.
  uint64_t notifies_answered = 0;
  uint64_t notifies_repeated = 0;      // Answered again.
  uint64_t notifies_unanswered = 0;    // Of dead watchers.
  uint64_t notifies_of_polls = 0;      // Answered; no dialog is kept.
  uint64_t notifies_stray = 0;         // Of a dialog that is not ours.
  uint64_t notifies_out_of_order = 0;  // Of those answered: a CSeq below one that was seen,
  uint64_t notifies_skipped = 0;       // ...or NOTIFYs that must have been between.
  uint64_t notify_bytes = 0;

  uint64_t fan_outs = 0;               // Changes that all their watchers were told.
  uint64_t fan_outs_overtaken = 0;     // The next change came first.
  Histogram to_each;             // Intended time of a PUBLISH to each NOTIFY with its state,
  Histogram to_last;             // ...and to the last one;
  Histogram crowd_to_last;       // the crowd's are apart.

  uint64_t responses_stray = 0;  // To nothing that waits: answers to both copies of a request, too.
  uint64_t unreadable = 0;
  uint64_t requests_other = 0;   // Requests that are no NOTIFY.

  AskCounts& of(Ask ask) { return asks[static_cast<size_t>(ask)]; }
  const AskCounts& of(Ask ask) const { return asks[static_cast<size_t>(ask)]; }
};

}  // namespace vedette::storm
