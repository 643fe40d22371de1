// What the parts of one shard share: configuration, records, indexes, timers, randomness and counters. The parts
// (notifier, subscribe, publish, registrar, listing) hold the rules; this holds the state. One thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/admission/admission.h"
#include "engine/base/delay_queue.h"
#include "engine/base/index_table.h"
#include "engine/base/key_counts.h"
#include "engine/base/keyed_hash.h"
#include "engine/base/pool.h"
#include "engine/base/random_words.h"
#include "engine/base/timer_wheel.h"
#include "engine/config.h"
#include "engine/connection_users.h"
#include "engine/counters.h"
#include "engine/outbox.h"
#include "engine/partition.h"
#include "engine/presence/authorization.h"
#include "engine/presence/presentity.h"
#include "engine/presence/filter.h"
#include "engine/presence/local_ends.h"
#include "engine/presence/publication.h"
#include "engine/presence/subscription.h"
#include "engine/presence/waiting_watcher.h"
#include "engine/presence/watcher_change.h"
#include "engine/shard.h"
#include "engine/text_store.h"
#include "engine/transaction/request.h"
#include "engine/transaction/server_transactions.h"

namespace vedette::engine {

// Header values that say what this engine can do, the same in every answer.
inline constexpr std::string_view kAllow = "OPTIONS, PUBLISH, REGISTER, SUBSCRIBE";
inline constexpr std::string_view kSupported = "gruu";

// A tag of ours: the partition's digits, then sixteen hexadecimal digits.
inline constexpr size_t kTagDigits = kPartitionDigits + 16;

class Core {
 public:
  explicit Core(const ShardEnvironment& environment);

  const EngineConfig& config;
  const Limits& limits;
  const PartitionMap& partitions;
  const ShardIndex shard;
  const Hashes hashes;

  const UserTable* users;     // Those of the configuration, until the control thread has others.
  Counters counters;
  RandomWords random;
  KeyedHash hash;
  Admission admission;
  TextStore texts;
  TimerWheel timers;
  DelayQueue first_resends;                // NOTIFYs that were sent once: T1 is the same for all.

  Pool<Presentity> presentities;
  IndexTable presentity_index;
  Pool<Subscription> subscriptions;
  LocalEnds local_ends;                    // Of subscriptions.
  Pool<Publication> publications;
  Pool<Filter> filters;
  KeyCounts subscriptions_by_watcher;      // By the hash of his AOR; so are
  KeyCounts filters_by_maker;              // those that he made.
  uint32_t last_filter_serial = kShortFiltersMax;
  Pool<Authorization> authorizations;
  Pool<View> views;
  Pool<WatcherChange> watcher_changes;
  Pool<WaitingWatcher> waiting_watchers;
  IndexTable waiting_watcher_index;        // By the watcher's AOR: one entry for each presentity that he waits for.
  ServerTransactions transactions;
  ConnectionUsers connection_users;
  const bool checks_identities;            // Some policy looks at Identity (RFC 8224).
  bool quiescing = false;
  // Room for one document or one answer in the making; used within a call, never across.
  std::vector<char> scratch;

  // Timers: every subscription, publication, presentity (its bindings) and rule set (its validity) has one, and all
  // watchers who wait have one together.
  uint32_t subscription_timer(uint32_t index) const { return index; }
  uint32_t publication_timer(uint32_t index) const { return limits.subscriptions_max + index; }
  uint32_t bindings_timer(uint32_t presentity) const {
    return limits.subscriptions_max + publication_records(limits) + presentity;
  }
  uint32_t rules_timer(uint32_t authorization) const {
    return limits.subscriptions_max + publication_records(limits) + limits.presentities_max + authorization;
  }
  uint32_t waiting_timer() const { return rules_timer(limits.rule_sets_max); }
  static uint64_t timers_max(const Limits& limits) {
    return uint64_t{limits.subscriptions_max} + publication_records(limits) + limits.presentities_max +
           limits.rule_sets_max + 1;
  }
  // Fewer than there may be NOTIFYs in flight do: see Notifier::await_answer().
  static constexpr uint32_t first_resends_max(const Limits& limits) {
    return std::clamp(limits.subscriptions_max, 1U << 12, 1U << 20);
  }
  // Hard state is publications, too.
  static constexpr uint32_t publication_records(const Limits& limits) {
    return limits.publications_max + limits.hard_states_max;
  }

  // Users of connections: subscriptions and bindings.
  uint32_t binding_user(uint32_t binding) const { return limits.subscriptions_max + binding; }
  static ConnectionUsers::Limits connection_limits(const Limits& limits) {
    const uint32_t counted = limits.subscriptions_per_connection_max == 0 ? 0 : limits.subscriptions_max;
    return {limits.subscriptions_max + limits.bindings_max, limits.connections_max, counted};
  }
  // Who is counted by what he has; nobody where that has no limit.
  static constexpr uint32_t counted_watchers(const Limits& limits) {
    return limits.subscriptions_per_watcher_max == 0 ? 0 : limits.counted_watchers_max;
  }
  static constexpr uint32_t counted_makers(const Limits& limits) {
    return limits.filters_per_watcher_max == 0 ? 0 : limits.filters_max;
  }
  // Where its NOTIFYs go.
  Transport transport_of(const Subscription& subscription) const {
    return local_ends[subscription.local_end].transport;
  }
  Flow flow_of(const Subscription& subscription) const;
  // Whose flow may have become another one.
  void follow_connection(uint32_t subscription);
  void follow_connection(uint32_t user, const Flow& flow);

  // What a watcher's subscriptions are counted by; 0: they are not.
  uint64_t watcher_key(std::string_view watcher) const;
  // One more of them. False when it is not counted.
  bool try_count(uint64_t watcher_key);

  // kNoIndex when it has no state in the package.
  uint32_t find_presentity(std::string_view aor, PackageId package = PackageId::kPresence) const;
  // Finds or makes it. kNone and the index, or why not (kPresentitiesFull, kDocumentsFull).
  Reason obtain_presentity(std::string_view aor, PackageId package, uint32_t& index);
  // Whether the presentity has yet to decide on the watcher (RFC 5025 §3.2.1: confirm).
  bool is_pending(const Subscription& subscription) const;
  void release_view(uint32_t view);
  // Gives the record back when nothing keeps it.
  void release_if_idle(uint32_t presentity);

 private:
  uint64_t hash_of(std::string_view aor, PackageId package) const;
  void release_unused_authorization(uint32_t presentity);
};

// A tag of ours in text: written into `out` of kTagDigits bytes.
void write_tag(Partition partition, uint64_t random, char* out);
// False when `tag` is not one of ours.
bool read_tag(std::string_view tag, uint64_t& random);

// The time left until `end`, in whole seconds, rounded up; 0 when it has passed.
uint32_t seconds_left(Instant now, Instant end);

}  // namespace vedette::engine
