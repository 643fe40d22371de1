// Virtual time: events in the order of their instants, and of their making where those are equal. Time
// stands still while an event runs and then jumps to the next one. Single-threaded, like the whole world.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "engine/base/time.h"

namespace vedette::sim {

class EventQueue {
 public:
  using Action = std::function<void()>;

  explicit EventQueue(engine::Instant start) : now_(start) {}

  engine::Instant now() const { return now_; }
  // What lies in the past happens now.
  void at(engine::Instant when, Action action);
  void after(engine::Duration delay, Action action) { at(now_ + delay, std::move(action)); }
  // Runs what is due up to and including `end`; then it is `end`. Returns early after stop().
  void run_until(engine::Instant end);
  // Time leaps ahead: what was due meanwhile runs now, late, in its order. The end of a run_until() under way leaps as
  // far.
  void leap(engine::Duration duration);
  // No event runs any more.
  void stop() { stopped_ = true; }
  bool stopped() const { return stopped_; }
  uint64_t events_run() const { return events_run_; }

 private:
  struct Event {
    engine::Instant when;
    uint64_t order = 0;
    Action action;
  };
  static bool later(const Event& a, const Event& b) {
    return a.when != b.when ? a.when > b.when : a.order > b.order;
  }

  engine::Instant now_;
  engine::Duration leapt_;      // In all.
  uint64_t next_order_ = 0;
  uint64_t events_run_ = 0;
  bool stopped_ = false;
  std::vector<Event> heap_;     // The earliest event first (std::push_heap with later()).
};

}  // namespace vedette::sim
