// Who is told next. Presentities with something to tell take turns, one NOTIFY each, so that nobody waits behind
// another's 200,000 watchers, whether those have to be told a change or have just answered and want the next one.
// Within a presentity there are the subscriptions that wait already, in their order, and the fan-out of a change, a
// cursor that walks the ring of watchers. Knows nothing of why anybody is told. Runs on the shard's worker.
#pragma once

#include <cstdint>

#include "engine/core.h"

namespace vedette::engine {

class Turns {
 public:
  explicit Turns(Core& core) : core_(core) {}

  bool has_work() const { return head_ != kNoIndex; }
  // This subscription waits for its turn. It does not yet.
  void add(uint32_t subscription);
  // All who watch this presentity now shall be visited. A fan-out that is under way starts its count anew from where
  // its cursor is, so nobody at the end of a long ring waits for ever.
  void begin_fanout(uint32_t presentity);
  // The presentity's watchers have one more, or have one less: before the ring is mended.
  void on_watcher_joins(Presentity& presentity);
  void on_watcher_leaves(Presentity& presentity, uint32_t subscription);

  // A turn, when there is work, is a take_visit() and a take_turn(). The watcher that is visited by the fan-out of the
  // presentity whose turn it is; kNoIndex when none is.
  uint32_t take_visit();
  // The first of those who wait there; kNoIndex when nobody does. The next turn is the next presentity's.
  uint32_t take_turn();

  void check_invariants() const;

 private:
  void join_queue(uint32_t presentity);
  void fetch_ahead(const Presentity& presentity) const;

  Core& core_;
  uint32_t head_ = kNoIndex, tail_ = kNoIndex;     // The queue of presentities.
};

}  // namespace vedette::engine
