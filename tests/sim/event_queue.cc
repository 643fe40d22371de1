#include "tests/sim/event_queue.h"

#include <algorithm>

namespace vedette::sim {

void EventQueue::at(engine::Instant when, Action action) {
  heap_.push_back({std::max(when, now_), next_order_++, std::move(action)});
  std::push_heap(heap_.begin(), heap_.end(), later);
}

void EventQueue::leap(engine::Duration duration) {
  now_ = now_ + duration;
  leapt_ = leapt_ + duration;
}

void EventQueue::run_until(engine::Instant end) {
  const engine::Duration leapt_before = leapt_;
  while (!stopped_ && !heap_.empty() && heap_.front().when <= end + (leapt_ - leapt_before)) {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const Event event = std::move(heap_.back());
    heap_.pop_back();
    now_ = std::max(now_, event.when);
    ++events_run_;
    event.action();
  }
  if (!stopped_) now_ = std::max(now_, end + (leapt_ - leapt_before));
}

}  // namespace vedette::sim
