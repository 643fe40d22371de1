// Requests that wait for their final response: a fixed table, found by the number that their branch carries. From what
// it keeps a request can be written again, so retransmissions (RFC 3261 §17.1.2.2) cost no memory.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/storm/requests.h"

namespace vedette::storm {

using Nanoseconds = int64_t;     // Of the steady clock.

inline constexpr Nanoseconds kMillisecond = 1'000'000;
inline constexpr Nanoseconds kSecond = 1'000 * kMillisecond;
inline constexpr Nanoseconds kWalk = 50 * kMillisecond;  // A retransmission is at most as late.
inline constexpr Nanoseconds kT1 = 500 * kMillisecond, kT2 = 4 * kSecond, kTimerF = 64 * kT1;

struct OpenTransaction {
  uint32_t id = 0;               // 0: the place is free.
  Ask ask = Ask::kSubscribe;
  uint8_t device = 0;
  uint8_t attempts = 1;          // 1 more for each challenge that was answered.
  bool digested = false;         // Sent with credentials.
  uint32_t subject = 0;
  uint32_t cseq = 0;
  uint32_t nonce_count = 0;
  Nanoseconds intended = 0;      // When it should have been sent: latencies count from here.
  Nanoseconds sent = 0;          // First.
  Nanoseconds resend_at = 0;
  Nanoseconds interval = kT1;    // Until the next retransmission.
};

class Transactions {
 public:
  explicit Transactions(uint32_t places);  // Rounded up to a power of two.

  OpenTransaction* try_open();   // Null: all places are taken.
  OpenTransaction* find(uint32_t id);
  void close(OpenTransaction& transaction);
  uint32_t open() const { return open_; }
  // One whose timer is due, or null. Looks at as much of the table as time has passed: at all of it within kWalk.
  OpenTransaction* next_due(Nanoseconds now);

 private:
  std::vector<OpenTransaction> places_;
  uint32_t last_id_ = 0;
  uint32_t open_ = 0;
  uint32_t cursor_ = 0;
  Nanoseconds looked_at_ = 0;
  Nanoseconds unlooked_ = 0;     // Passed, and not yet looked for.
};

}  // namespace vedette::storm
