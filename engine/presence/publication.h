// One publication (RFC 3903 §6): what one device last said, normalised into fragments, under an entity tag. Or hard
// state (§2): what an operator has set for the presentity, under none.
#pragma once

#include <cstdint>

#include "engine/base/handle.h"
#include "engine/base/time.h"
#include "engine/presence/published_state.h"

namespace vedette::engine {

struct Publication {
  uint32_t presentity = kNoIndex;
  uint32_t next = kNoIndex;          // The next older one of this presentity.
  uint32_t number = 0;               // Never changes while the publication lives; counts up per presentity.
  bool is_hard = false;
  uint64_t entity_tag = 0;           // Changes with every PUBLISH (RFC 3903 §6, step 6).
  Instant expires_at;                // Hard state may stay: Instant::never().
  uint64_t device = 0;               // Hash of where its last PUBLISH with a body came from, see device.h.
  PublishedState state;
};

}  // namespace vedette::engine
