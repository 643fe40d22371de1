// How much work of which class is taken in, from how long datagrams wait. Pure; one thread, the shard's.
//
// As in CoDel (RFC 8289 §3.2) the signal is a queue that stands: the least delay that was measured within an interval.
// Above the target each interval takes a quarter off the share of the lowest class that is still served, below it
// gives a little back to the highest that is not served whole. Answers to our NOTIFYs are never turned away: they end
// work. Turning away takes time, too: a class that takes less than that does is left as it is, since with a flood that
// fills the port the queue stands whatever else is done.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/base/time.h"

namespace vedette::engine {

// Who goes first: a source that has shown that it is where it says it is (its refreshes are among its requests), then
// all others.
enum class WorkClass : uint8_t { kProven, kNew, kCount };

class Overload {
 public:
  static constexpr Duration kInterval = Duration::milliseconds(10);

  explicit Overload(Duration target) : target_(target) {}

  // How long the datagram that is taken next has waited, at most; once a turn.
  void on_delay(Instant now, Duration delay);
  // Takes one in, or turns it away: as many of a class as its share says, evenly.
  bool admits(WorkClass work) {
    const bool is_admitted = share(work) == kWhole || takes_turn(work);
    ++(is_admitted ? admitted_[static_cast<size_t>(work)] : turned_away_);
    return is_admitted;
  }
  // Somebody else has turned one away.
  void on_turned_away() { ++turned_away_; }
  // Of 100 requests of the class, how many should not be sent (RFC 7339 §5.4).
  uint32_t loss_percent(WorkClass work) const { return 100 - share(work) * 100 / kWhole; }

 private:
  static constexpr uint32_t kWhole = 65'536;
  // Somebody new gets through sooner or later, however long it lasts.
  static constexpr std::array<uint32_t, static_cast<size_t>(WorkClass::kCount)> kLeast = {kWhole / 8, kWhole / 256};

  // How many are turned away in the time that one is served: 150 ns and 5 us or so.
  static constexpr uint32_t kCostOfServing = 32;

  uint32_t share(WorkClass work) const { return shares_[static_cast<size_t>(work)]; }
  bool takes_turn(WorkClass work);
  void cut();
  void give_back();

  Duration target_;
  Duration least_;               // Of the interval that runs.
  Instant interval_end_;
  std::array<uint32_t, static_cast<size_t>(WorkClass::kCount)> shares_ = {kWhole, kWhole};
  std::array<uint32_t, static_cast<size_t>(WorkClass::kCount)> credits_{};
  // Of the interval that runs.
  std::array<uint32_t, static_cast<size_t>(WorkClass::kCount)> admitted_{};
  uint32_t turned_away_ = 0;
};

}  // namespace vedette::engine
