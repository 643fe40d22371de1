// The publications of a shard as records: whose they are, in which order, until when, and how many of them there may
// be. What comes by PUBLISH is publish's, what operators set (hard state) hard_states'.
//
// A presentity's list has the newest first. Its hard state, of which there is one at most, stands last: RFC 3903 §2 has
// it as "the steady-state or default event state", so everything else is news beside it.
#pragma once

#include <cstdint>

#include "engine/core.h"
#include "engine/presence/composition.h"

namespace vedette::engine {

class Publications {
 public:
  explicit Publications(Core& core) : core_(core) {}

  // A record that holds `state` from now on, in its place of the presentity's list. kNoIndex: there are as many as may
  // be.
  uint32_t try_make(uint32_t presentity, const PublishedState& state);
  uint32_t try_make_hard(uint32_t presentity, const PublishedState& state);
  // What it says is news.
  void make_newest(uint32_t publication);
  // What was said before is given back.
  void replace_state(uint32_t publication, const PublishedState& state);
  // Instant::never(): it stays.
  void expire_at(uint32_t publication, Instant end);
  // The presentity stays, even if it is idle afterwards.
  void release(uint32_t publication);

  // Its hard state, or kNoIndex.
  uint32_t find_hard(uint32_t presentity) const;
  // Whether the presentity's NOTIFY still fits a datagram when `joining` joins it in the place of `replaced`, which may
  // be kNoIndex: kNone, kBodyTooLong (it does not even alone) or kDocumentTooLong. What registrations say gives way.
  Reason check_fit(uint32_t presentity, uint32_t replaced, const PublishedFragments& joining) const;

  uint32_t published_count() const { return core_.publications.size() - hard_count_; }
  uint32_t hard_count() const { return hard_count_; }
  uint64_t hard_bytes() const { return hard_bytes_; }

  void check_invariants() const;

 private:
  uint32_t make(uint32_t presentity, const PublishedState& state);
  void unlink(uint32_t publication);
  void check_list(uint32_t presentity) const;

  Core& core_;
  uint32_t hard_count_ = 0;
  uint64_t hard_bytes_ = 0;   // Text of all hard state.
};

}  // namespace vedette::engine
