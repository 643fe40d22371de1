// What a watcher list says of one watcher: a row (RFC 3858 §3), by the state machine of RFC 3857 §4.7.1.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/time.h"
#include "engine/presence/end_reason.h"
#include "engine/text_store.h"

namespace vedette::engine {

enum class WatcherStatus : uint8_t { kPending, kActive, kWaiting, kTerminated, kCount };

// What led to it. There are no others: RFC 3858 §6 enumerates them.
enum class WatcherEvent : uint8_t {
  kSubscribe, kApproved, kDeactivated, kProbation, kRejected, kTimeout, kGiveup, kNoResource,
  kCount
};

inline constexpr std::array<std::string_view, static_cast<size_t>(WatcherStatus::kCount)> kWatcherStatuses = {
    "pending", "active", "waiting", "terminated"};
inline constexpr std::array<std::string_view, static_cast<size_t>(WatcherEvent::kCount)> kWatcherEvents = {
    "subscribe", "approved", "deactivated", "probation", "rejected", "timeout", "giveup", "noresource"};

constexpr std::string_view to_string(WatcherStatus s) { return kWatcherStatuses[static_cast<size_t>(s)]; }
constexpr std::string_view to_string(WatcherEvent e) { return kWatcherEvents[static_cast<size_t>(e)]; }

// What the end of a subscription is called here. RFC 6665's "invariant" came later than these; like "noresource" it
// means that there is nothing more to come (RFC 6665 §4.1.3).
constexpr WatcherEvent event_of(EndReason reason) {
  switch (reason) {
    case EndReason::kDeactivated: return WatcherEvent::kDeactivated;
    case EndReason::kProbation: return WatcherEvent::kProbation;
    case EndReason::kRejected: return WatcherEvent::kRejected;
    case EndReason::kGiveup: return WatcherEvent::kGiveup;
    case EndReason::kNoResource:
    case EndReason::kInvariant: return WatcherEvent::kNoResource;
    case EndReason::kTimeout:
    case EndReason::kCount: break;
  }
  return WatcherEvent::kTimeout;
}

struct WatcherRow {
  uint64_t id = 0;                         // Stays with the subscription, and says nothing of its dialog.
  WatcherStatus status = WatcherStatus::kActive;
  WatcherEvent event = WatcherEvent::kSubscribe;
  std::string_view aor;                    // Canonical.
  std::string_view display_name;           // As it stands in its From, quotes kept; empty: none.
  Instant created_at;                      // When the SUBSCRIBE came that made it.
  Instant expires_at = Instant::never();   // never(): it does not expire, or has.
};

// What is kept of a watcher without a subscription, for rows to be made of.
struct KnownWatcher {
  uint64_t id = 0;
  Instant created_at;
  Text text;                               // Its AOR, then its display name.
  uint16_t aor_length = 0;

  // False when the store is full.
  bool try_keep(TextStore& store, const WatcherRow& row) {
    id = row.id;
    created_at = row.created_at;
    aor_length = static_cast<uint16_t>(row.aor.size());
    text = store.try_allocate(row.aor.size() + row.display_name.size(), TextStore::Claim::kNew);
    if (!text) return false;
    row.aor.copy(text.bytes, row.aor.size());
    row.display_name.copy(text.bytes + row.aor.size(), row.display_name.size());
    return true;
  }
  std::string_view aor() const { return text.view().substr(0, aor_length); }
  WatcherRow row(WatcherStatus status, WatcherEvent event) const {
    return {.id = id, .status = status, .event = event, .aor = aor(), .display_name = text.view().substr(aor_length),
            .created_at = created_at};
  }
};

}  // namespace vedette::engine
