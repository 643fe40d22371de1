// Nonce counts that were used (RFC 7616 §3.4, nc): one window per nonce and user, remembered only after the
// digest was right. Fixed memory. When it is full the oldest window is forgotten, and every nonce that is as
// old as the forgotten one and has no window counts as forgotten, too: a replay is never taken for a first
// use.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "engine/auth/nonce.h"
#include "engine/base/index_table.h"
#include "engine/base/time.h"

namespace vedette::engine {

// The highest nonce count there is: after it no count of that nonce is good any more but the 63 below it.
inline constexpr uint32_t kNonceCountMax = 0xffffffff;

// One successful use of a nonce. `user` numbers the users.
struct NonceUse {
  Nonce nonce;
  uint32_t user = 0;
  uint32_t count = 0;  // nc.
};

enum class ReplayVerdict : uint8_t {
  kFirstUse,
  kRepeated,   // This count was used before, or is too far below the highest one to tell.
  kForgotten,  // The nonce's window may have been forgotten: the client needs another nonce.
};

class ReplayWindows {
 public:
  // Counts may arrive out of order by this much.
  static constexpr uint32_t kWindowBits = 64;

  // At most `windows_max` (at least one) nonces are remembered, for `lifetime` they matter.
  ReplayWindows(uint32_t windows_max, Duration lifetime);

  ReplayVerdict use(Instant now, const NonceUse& use);
  // Windows that were given up while their nonces were still fresh.
  uint64_t forgotten() const { return forgotten_; }
  // Bytes that windows_max windows take.
  static uint64_t bytes(uint32_t windows_max);

 private:
  struct Window {
    std::array<uint8_t, 16> mac;
    Instant issued;
    uint64_t used;  // Bit i: the count `highest - i` was used.
    uint32_t highest;
    uint32_t user;
  };

  Window* find(const NonceUse& use);
  void remember(const NonceUse& use);
  void forget_oldest(Instant now);

  std::vector<Window> windows_;  // A ring in order of first use: slot `oldest_` is the next to be given up.
  IndexTable slots_by_mac_;
  uint32_t oldest_ = 0;
  uint32_t used_ = 0;
  Duration lifetime_;
  Instant forgotten_until_ = Instant::from_unix_nanoseconds(-1);  // The latest issue of a forgotten nonce.
  uint64_t forgotten_ = 0;
};

}  // namespace vedette::engine
