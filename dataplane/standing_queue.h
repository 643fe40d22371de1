// How long what a worker receives next has waited, about: no driver tells how old a frame is. A queue stands as long as
// every receive burst comes back full; what is taken then has waited no longer than that, and no longer than the
// longest queue there is takes at the speed at which it is worked off. That the worker was kept from running for a
// while is no queue that stands: what has come meanwhile may be gone with the next burst. Its worker's.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/time.h"

namespace vedette::dataplane {

class StandingQueue {
 public:
  // Once a turn. `is_drained`: some burst was not full.
  void on_received(engine::Instant now, size_t frames, bool is_drained) {
    if (is_drained) {
      since_ = engine::Instant::never();
      return;
    }
    if (since_ > now) {
      since_ = now;
      frames_ = 0;
    }
    frames_ += frames;
    // The speed of the moment: what is long ago counts for little.
    if (frames_ < 8 * kFramesMax) return;
    frames_ /= 2;
    since_ = now - engine::Duration::nanoseconds((now - since_).to_nanoseconds() / 2);
  }
  engine::Duration delay(engine::Instant now) const {
    if (since_ > now) return {};
    const engine::Duration stands = now - since_;
    if (frames_ <= kFramesMax) return stands;
    return engine::Duration::nanoseconds(stands.to_nanoseconds() / static_cast<int64_t>(frames_ / kFramesMax));
  }

 private:
  static constexpr uint64_t kFramesMax = 4'096;   // Receive queues are seldom longer.

  engine::Instant since_ = engine::Instant::never();
  uint64_t frames_ = 0;          // Since then.
};

}  // namespace vedette::dataplane
