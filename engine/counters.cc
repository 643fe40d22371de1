// The names of the counters, as operators see them. Constant; any thread may read it.
#include "engine/counters.h"

namespace vedette::engine {
namespace {

constexpr size_t kCounters = static_cast<size_t>(Counter::kCount);

struct CounterName {
  Counter counter;
  std::string_view name;
};

constexpr std::array<CounterName, kCounters> kNames = {{
    {Counter::kDatagramsIn, "datagrams_in"},
    {Counter::kDatagramsOut, "datagrams_out"},
    {Counter::kHandedOff, "handed_off"},
    {Counter::kPeerMessagesIn, "peer_messages_in"},
    {Counter::kRequestsIn, "requests_in"},
    {Counter::kResponsesIn, "responses_in"},
    {Counter::kResponsesOut, "responses_out"},
    {Counter::kRetransmissionsIn, "retransmissions_in"},
    {Counter::kIdentitiesAsserted, "identities_asserted"},
    {Counter::kAssertionsIgnored, "assertions_ignored"},
    {Counter::kIdentitiesAsked, "identities_asked"},
    {Counter::kIdentitiesVerified, "identities_verified"},
    {Counter::kRegistersAccepted, "registers_accepted"},
    {Counter::kSubscribesAccepted, "subscribes_accepted"},
    {Counter::kPublishesAccepted, "publishes_accepted"},
    {Counter::kOptionsAccepted, "options_accepted"},
    {Counter::kNotifiesOut, "notifies_out"},
    {Counter::kNotifyRetransmissions, "notify_retransmissions"},
    {Counter::kNotifiesAcknowledged, "notifies_acknowledged"},
    {Counter::kNotifiesRefused, "notifies_refused"},
    {Counter::kNotifiesCoalesced, "notifies_coalesced"},
    {Counter::kNotifiesPaced, "notifies_paced"},
    {Counter::kNotifiesUnchanged, "notifies_unchanged"},
    {Counter::kNotifiesPartial, "notifies_partial"},
    {Counter::kNotifiesSuppressed, "notifies_suppressed"},
    {Counter::kNotifyBodiesSuppressed, "notify_bodies_suppressed"},
    {Counter::kNotifiesForwarded, "notifies_forwarded"},
    {Counter::kSubscriptionsCreated, "subscriptions_created"},
    {Counter::kSubscriptionsRefreshed, "subscriptions_refreshed"},
    {Counter::kSubscriptionsEnded, "subscriptions_ended"},
    {Counter::kSubscriptionsExpired, "subscriptions_expired"},
    {Counter::kSubscriptionsTimedOut, "subscriptions_timed_out"},
    {Counter::kSubscriptionsToProve, "subscriptions_to_prove"},
    {Counter::kSubscriptionsProven, "subscriptions_proven"},
    {Counter::kSubscriptionsUnreachable, "subscriptions_unreachable"},
    {Counter::kConnectionsLost, "connections_lost"},
    {Counter::kConnectionsNotFollowed, "connections_not_followed"},
    {Counter::kSubscriptionsRejectedByWatcher, "subscriptions_rejected_by_watcher"},
    {Counter::kPublicationsCreated, "publications_created"},
    {Counter::kPublicationsModified, "publications_modified"},
    {Counter::kPublicationsRefreshed, "publications_refreshed"},
    {Counter::kPublicationsRemoved, "publications_removed"},
    {Counter::kPublicationsExpired, "publications_expired"},
    {Counter::kPublicationsReplaced, "publications_replaced"},
    {Counter::kPublicationPartsLeftOut, "publication_parts_left_out"},
    {Counter::kHardStatesSet, "hard_states_set"},
    {Counter::kHardStatesRemoved, "hard_states_removed"},
    {Counter::kHardStatesExpired, "hard_states_expired"},
    {Counter::kRuleSetsLoaded, "rule_sets_loaded"},
    {Counter::kRuleSetsRemoved, "rule_sets_removed"},
    {Counter::kRulesAskedAnew, "rules_asked_anew"},
    {Counter::kViewsMade, "views_made"},
    {Counter::kSubscriptionsChangedView, "subscriptions_changed_view"},
    {Counter::kSubscriptionsBlocked, "subscriptions_blocked"},
    {Counter::kBindingsCreated, "bindings_created"},
    {Counter::kBindingsRefreshed, "bindings_refreshed"},
    {Counter::kBindingsRemoved, "bindings_removed"},
    {Counter::kBindingsExpired, "bindings_expired"},
    {Counter::kDocumentsComposed, "documents_composed"},
    {Counter::kPatchesWritten, "patches_written"},
    {Counter::kDocumentsFiltered, "documents_filtered"},
    {Counter::kDocumentsNotFiltered, "documents_not_filtered"},
    {Counter::kWatcherChangesForgotten, "watcher_changes_forgotten"},
    {Counter::kWatcherListsContinued, "watcher_lists_continued"},
    {Counter::kWatcherListsCut, "watcher_lists_cut"},
    {Counter::kWatchersLeftOut, "watchers_left_out"},
    {Counter::kWatchersWaiting, "watchers_waiting"},
    {Counter::kWaitingWatchersApproved, "waiting_watchers_approved"},
    {Counter::kWaitingWatchersRejected, "waiting_watchers_rejected"},
    {Counter::kWaitingWatchersGaveUp, "waiting_watchers_gave_up"},
    {Counter::kWaitingWatchersForgotten, "waiting_watchers_forgotten"},
    {Counter::kWaitingWatchersTooMany, "waiting_watchers_too_many"},
    {Counter::kWatchersNotCounted, "watchers_not_counted"},
    {Counter::kServerTransactionsForgotten, "server_transactions_forgotten"},
    {Counter::kReplayWindowsForgotten, "replay_windows_forgotten"},
    {Counter::kSourcesForgotten, "sources_forgotten"},
}};

constexpr bool in_order_of_the_enum() {
  for (size_t i = 0; i < kCounters; ++i) {
    if (static_cast<size_t>(kNames[i].counter) != i || kNames[i].name.empty()) return false;
  }
  return true;
}
static_assert(in_order_of_the_enum());

}  // namespace

std::string_view to_string(Counter counter) { return kNames[static_cast<size_t>(counter)].name; }

}  // namespace vedette::engine
