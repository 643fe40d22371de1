// The first law that was broken in a run, if any. Whoever sees it reports it here; the world then stops.
#pragma once

#include <string>

#include "tests/sim/event_queue.h"

namespace vedette::sim {

struct BrokenLaw {
  std::string law;        // As a sentence: what must hold.
  std::string seen;       // What was there instead.
  std::string call_id;    // Whose messages to show; empty: the last ones of all.
};

class Verdict {
 public:
  explicit Verdict(EventQueue& clock) : clock_(clock) {}

  void broken(BrokenLaw law) {
    if (broken_) return;
    broken_ = true;
    first_ = std::move(law);
    clock_.stop();
  }
  bool is_broken() const { return broken_; }
  const BrokenLaw& first() const { return first_; }

 private:
  EventQueue& clock_;
  bool broken_ = false;
  BrokenLaw first_;
};

}  // namespace vedette::sim
