// A shard's counters: written by their owner alone, read by it alone (it copies them out when asked).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "engine/reason.h"

namespace vedette::engine {

enum class Counter : uint8_t {
  kDatagramsIn, kDatagramsOut, kHandedOff, kPeerMessagesIn,
  kRequestsIn, kResponsesIn, kResponsesOut, kRetransmissionsIn,
  kIdentitiesAsserted, kAssertionsIgnored, kIdentitiesAsked, kIdentitiesVerified,
  kRegistersAccepted, kSubscribesAccepted, kPublishesAccepted, kOptionsAccepted,
  kNotifiesOut, kNotifyRetransmissions, kNotifiesAcknowledged, kNotifiesRefused, kNotifiesCoalesced,
  kNotifiesPaced, kNotifiesUnchanged, kNotifiesPartial, kNotifiesSuppressed, kNotifyBodiesSuppressed,
  kNotifiesForwarded,
  kSubscriptionsCreated, kSubscriptionsRefreshed, kSubscriptionsEnded, kSubscriptionsExpired,
  kSubscriptionsTimedOut, kSubscriptionsToProve, kSubscriptionsProven, kSubscriptionsUnreachable, kConnectionsLost,
  kConnectionsNotFollowed, kSubscriptionsRejectedByWatcher,
  kPublicationsCreated, kPublicationsModified, kPublicationsRefreshed, kPublicationsRemoved, kPublicationsExpired,
  kPublicationsReplaced, kPublicationPartsLeftOut,
  kHardStatesSet, kHardStatesRemoved, kHardStatesExpired,
  kRuleSetsLoaded, kRuleSetsRemoved, kRulesAskedAnew, kViewsMade, kSubscriptionsChangedView, kSubscriptionsBlocked,
  kBindingsCreated, kBindingsRefreshed, kBindingsRemoved, kBindingsExpired,
  kDocumentsComposed, kPatchesWritten, kDocumentsFiltered, kDocumentsNotFiltered,
  kWatcherChangesForgotten, kWatcherListsContinued, kWatcherListsCut, kWatchersLeftOut,
  kWatchersWaiting, kWaitingWatchersApproved, kWaitingWatchersRejected, kWaitingWatchersGaveUp,
  kWaitingWatchersForgotten, kWaitingWatchersTooMany, kWatchersNotCounted,
  kServerTransactionsForgotten, kReplayWindowsForgotten, kSourcesForgotten,
  kCount
};

std::string_view to_string(Counter counter);    // snake_case.

struct Counters {
  std::array<uint64_t, static_cast<size_t>(Counter::kCount)> values{};
  std::array<uint64_t, static_cast<size_t>(Reason::kCount)> refusals{};

  void add(Counter counter, uint64_t n = 1) { values[static_cast<size_t>(counter)] += n; }
  // Of what is counted elsewhere.
  void set(Counter counter, uint64_t value) { values[static_cast<size_t>(counter)] = value; }
  void add(Reason reason) { ++refusals[static_cast<size_t>(reason)]; }
  uint64_t get(Counter counter) const { return values[static_cast<size_t>(counter)]; }
  uint64_t get(Reason reason) const { return refusals[static_cast<size_t>(reason)]; }
};

}  // namespace vedette::engine
