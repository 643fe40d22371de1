// What the control thread and a shard say to each other. Plain, fixed-size records: they travel by ring.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "engine/config.h"
#include "engine/hashes.h"
#include "engine/partition.h"
#include "engine/presence/end_reason.h"
#include "engine/presence/published_state.h"
#include "engine/reason.h"

namespace vedette::engine {

inline constexpr size_t kAorBytesMax = 255;

struct NonceKey {
  uint8_t id = 0;                          // Goes into the nonce, so that a rotated key is recognised.
  Sha256Digest secret{};
};

// What an operator loads for one AOR, made by the control thread into what a shard keeps. The bytes stay the control
// thread's, which keeps them until the shard has said the end of the query; the shard has copied them when on_control
// returns.
struct LentRules {
  const char* bytes = nullptr;             // The rule set, then the ids of its rules with a space between them.
  uint32_t rule_set_length = 0;
  uint32_t names_length = 0;
  uint32_t rules = 0;
  uint32_t document_bytes = 0;             // Of the document that was compiled.
};

struct LentHardState {
  PublishedState state;
  uint32_t document_bytes = 0;             // Of the document that was normalised.
  uint32_t lifetime_seconds = 0;           // 0: until it is removed.
};

// Networks that flood, as the bytes of so many PrefixVerdicts (admission/prefix_verdicts.h). Lent likewise.
struct LentVerdicts {
  const char* bytes = nullptr;
  uint32_t count = 0;
};

// Control thread → shard.
struct ControlMessage {
  enum class Kind : uint8_t {
    kNonceKeys,      // `current` signs from now on; `previous` is still believed, and `next` already.
    kListWatchers,   // Answered by rows of kWatcher: all subscriptions to `aor`, or with an empty aor all there are.
    kEndWatchers,    // Ends all subscriptions to `aor`, and who waits, for `end_reason`; answered like kListWatchers.
    kLoadRules,      // `rules` for `aor`, in the place of those that there were. Answered like kShowRules.
    kRemoveRules,    // The same without any.
    kShowRules,      // One row of kRules for `aor`, and of kView for each of its views.
    kSetHardState,   // `hard_state` for `aor`, in the place of what there was. Answered like kShowHardState.
    kRemoveHardState,  // The same without any.
    kShowHardState,  // One row of kHardState for `aor`, and of kElement for each element of it.
    kListPresentity, // Rows of kPresentity, kPublication and kBinding for `aor`.
    kCounters,       // Rows of kCounter.
    kSummary,        // One row of kSummary.
    kQuiesce,        // SIGTERM: take no new work, say how many subscriptions are left (one row of kSummary).
    kListPrefixes,   // Rows of kPrefix: where strangers have sent the most from since it was asked last.
    kCountProven,    // Rows of kProven: how many sources of the networks in `verdicts` have proved themselves.
    kVerdicts,       // `verdicts` from now on, in the place of those before.
    kUsers,          // `users` from now on; those before are not looked at again once the end has been said.
  };
  Kind kind = Kind::kSummary;
  uint32_t query = 0;                      // Given back with every reply.
  NonceKey current;
  NonceKey previous;
  NonceKey next;                           // The one that will sign after `current`.
  const UserTable* users = nullptr;        // Sorted by aor. The control thread's.
  LentRules rules;
  LentHardState hard_state;
  LentVerdicts verdicts;
  EndReason end_reason = EndReason::kDeactivated;
  Reason outcome = Reason::kNone;          // The shard's own note: why what was loaded was not taken.
  uint16_t aor_length = 0;
  std::array<char, kAorBytesMax + 1> aor{};
};

// Shard → control thread, as the bytes of an OutSlot of kind kControl: a row of values separated by tabs,
// in the order of control_columns(kind). Values never contain tabs or line ends.
struct ControlReplyHeader {
  enum class Kind : uint8_t {
    kEnd, kWatcher, kPresentity, kPublication, kBinding, kCounter, kSummary, kRules, kView, kHardState,
    kElement, kPrefix, kProven, kCount
  };
  Kind kind = Kind::kEnd;                  // kEnd: this shard has said all it has to say about the query.
  uint32_t query = 0;
  ShardIndex shard{};
};
// The slot's bytes are a ControlReplyHeader (memcpy) and then the row's text.

// Names of a row's values, separated by tabs, for printing and JSON.
std::string_view control_columns(ControlReplyHeader::Kind kind);

}  // namespace vedette::engine
