// What a shard reserves at start (shard.h).
#include "engine/auth/authenticator.h"
#include "engine/core.h"
#include "engine/presence/views.h"
#include "engine/registrar/registrar.h"
#include "engine/shard.h"

namespace vedette::engine {

uint64_t shard_bytes(const Limits& limits) {
  return limits.presentities_max * Pool<Presentity>::bytes_per_record() + IndexTable::bytes(limits.presentities_max) +
         limits.subscriptions_max * Pool<Subscription>::bytes_per_record() +
         Core::publication_records(limits) * Pool<Publication>::bytes_per_record() + Registrar::bytes(limits) +
         limits.filters_max * Pool<Filter>::bytes_per_record() + LocalEnds::bytes(limits.local_ends_max) +
         KeyCounts::bytes(Core::counted_makers(limits)) + KeyCounts::bytes(Core::counted_watchers(limits)) +
         ServerTransactions::bytes(limits.server_transactions_max) + Authenticator::bytes(limits) +
         Admission::bytes(limits) +
         TimerWheel::bytes(Core::timers_max(limits)) + DelayQueue::bytes(Core::first_resends_max(limits)) +
         ConnectionUsers::bytes(Core::connection_limits(limits)) +
         limits.rule_sets_max * Pool<Authorization>::bytes_per_record() +
         limits.views_max * Pool<View>::bytes_per_record() + Views::bytes(limits) +
         limits.watcher_changes_max * Pool<WatcherChange>::bytes_per_record() +
         limits.waiting_watchers_max * Pool<WaitingWatcher>::bytes_per_record() +
         IndexTable::bytes(limits.waiting_watchers_max) +
         2 * uint64_t{limits.datagram_bytes_max};
}

}  // namespace vedette::engine
