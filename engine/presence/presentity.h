// Everything that one address of record has in one event package: watchers, publications and the latest document; and,
// in that of presence, its bindings and rules. It exists as long as it has any of them.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/handle.h"
#include "engine/base/time.h"
#include "engine/partition.h"
#include "engine/presence/document.h"
#include "engine/presence/packages/package.h"
#include "engine/text_store.h"

namespace vedette::engine {

struct Presentity {
  Text aor;                              // Canonical.
  PackageId package = PackageId::kPresence;
  bool in_turn_queue : 1 = false;
  bool spared : 1 = false;               // The fan-out let those who wait go first, the last time.
  bool tells_of_ended : 1 = false;       // Of kReg: `document` has contacts that are over.
  Partition partition;                   // Of `aor`: every branch of a NOTIFY has it.
  uint32_t watchers = kNoIndex;          // Some member of the ring of subscriptions, in order of arrival.
  uint32_t watcher_count = 0;
  uint32_t publications = kNoIndex;      // Newest first; hard state last (publications.h).
  uint32_t publication_count = 0;        // Without hard state.
  uint32_t publication_numbers = 0;      // The last number given.
  uint32_t bindings = kNoIndex;          // The registrar's list; of kReg those that end while it is told so.
  uint32_t version = 0;                  // Counts changes of what watchers may see.
  uint32_t authorization = kNoIndex;     // Rules and views, in presence alone; none: the domain's policy holds.
  // In presence.winfo alone: what its watchers have not all acknowledged, oldest first (watcher_lists.h); and the
  // version below which the log does not reach.
  uint32_t changes = kNoIndex;
  DocumentRef document;                  // Of `version`; null until somebody needs it.
  DocumentRef document_before;           // The one before, while `document` is null: see partial_presence.h.

  // See turns.h. The fan-out under way: who is visited next, and how many are left; and those who wait for their turn.
  uint32_t fanout_cursor = kNoIndex;
  uint32_t fanout_left = 0;
  uint32_t waiting_head = kNoIndex, waiting_tail = kNoIndex;
  uint32_t turn_next = kNoIndex;         // The queue of presentities with something to tell; see in_turn_queue.
  uint32_t changes_floor = 0;

  bool is_idle() const {
    return watcher_count == 0 && publications == kNoIndex && bindings == kNoIndex && authorization == kNoIndex &&
           !in_turn_queue;
  }
};

}  // namespace vedette::engine
