#include "engine/core.h"

#include <array>
#include <cstring>

#include "engine/base/check.h"
#include "parsers/digits.h"
#include "parsers/number.h"

namespace vedette::engine {

namespace {

std::array<uint64_t, 2> hash_key(RandomWords& random) {
  const uint64_t first = random.next();
  return {first, random.next()};
}

}  // namespace

Core::Core(const ShardEnvironment& environment)
    : config(*environment.config),
      limits(environment.config->limits),
      partitions(*environment.partitions),
      shard(environment.index),
      hashes(environment.hashes),
      users(&config.users),
      random(environment.random_seed, environment.hashes),
      hash(hash_key(random)),
      admission(config, hash),
      texts(environment.documents, environment.try_allocate, limits.document_bytes_max),
      timers(static_cast<uint32_t>(timers_max(limits))),
      first_resends(first_resends_max(limits)),
      presentities(limits.presentities_max),
      presentity_index(limits.presentities_max),
      subscriptions(limits.subscriptions_max),
      local_ends(texts, limits.local_ends_max),
      publications(publication_records(limits)),
      filters(limits.filters_max),
      subscriptions_by_watcher(counted_watchers(limits)),
      filters_by_maker(counted_makers(limits)),
      authorizations(limits.rule_sets_max),
      views(limits.views_max),
      watcher_changes(limits.watcher_changes_max),
      waiting_watchers(limits.waiting_watchers_max),
      waiting_watcher_index(limits.waiting_watchers_max),
      transactions(limits.server_transactions_max, config.t1 * 64),
      connection_users(connection_limits(limits), hash),
      checks_identities(config.checks_identities()),
      scratch(limits.datagram_bytes_max) {}

uint64_t Core::hash_of(std::string_view aor, PackageId package) const {
  // Odd, so that packages of one AOR lie apart.
  constexpr uint64_t kStep = 0x9e3779b97f4a7c15;
  return hash(aor) + kStep * static_cast<uint64_t>(package);
}

uint32_t Core::find_presentity(std::string_view aor, PackageId package) const {
  return presentity_index.find(hash_of(aor, package), [&](uint32_t i) {
    return presentities[i].package == package && presentities[i].aor.view() == aor;
  });
}

Flow Core::flow_of(const Subscription& subscription) const {
  const LocalEnd& end = local_ends[subscription.local_end];
  const RemoteEnd& remote = subscription.remote;
  return {.transport = end.transport,
          .port_index = end.port_index,
          .may_open = remote.may_open,
          .peer = remote.peer,
          .connection = remote.connection,
          .local = end.local,
          .remote = remote.remote};
}

void Core::follow_connection(uint32_t index) {
  Subscription& subscription = subscriptions[index];
  const bool follows = is_reliable(transport_of(subscription)) && !subscription.through_binding;
  if (follows || subscription.follows_connection) follow_connection(index, follows ? flow_of(subscription) : Flow());
  subscription.follows_connection = follows;
}

void Core::follow_connection(uint32_t user, const Flow& flow) {
  if (!connection_users.follow(user, flow)) counters.add(Counter::kConnectionsNotFollowed);
}

// Who is anonymous is many.
uint64_t Core::watcher_key(std::string_view watcher) const {
  const bool is_counted = limits.subscriptions_per_watcher_max != 0 && watcher != kAnonymousAor;
  return is_counted ? hash(watcher) | 1 : 0;
}

bool Core::try_count(uint64_t watcher_key) {
  if (watcher_key == 0) return false;
  const bool is_counted = subscriptions_by_watcher.try_add(watcher_key);
  if (!is_counted) counters.add(Counter::kWatchersNotCounted);
  return is_counted;
}

Reason Core::obtain_presentity(std::string_view aor, PackageId package, uint32_t& index) {
  index = find_presentity(aor, package);
  if (index != kNoIndex) return Reason::kNone;
  const Text name = texts.try_store(aor, TextStore::Claim::kNew);
  if (!name) return Reason::kDocumentsFull;
  index = presentities.try_acquire();
  if (index == kNoIndex) {
    Text unused = name;
    texts.release(unused);
    return Reason::kPresentitiesFull;
  }
  presentities[index].aor = name;
  presentities[index].package = package;
  presentities[index].partition = partition_of_aor(aor);
  presentity_index.insert(hash_of(aor, package), index);
  return Reason::kNone;
}

void Core::release_if_idle(uint32_t index) {
  Presentity& presentity = presentities[index];
  if (presentity.authorization != kNoIndex) release_unused_authorization(index);
  if (!presentity.is_idle()) return;
  timers.cancel(bindings_timer(index));
  presentity_index.erase(hash_of(presentity.aor.view(), presentity.package), index);
  presentity.document.release(texts);
  presentity.document_before.release(texts);
  texts.release(presentity.aor);
  presentities.release(index);
}

// One without rules is kept for the views of those who watched when the rules were removed.
void Core::release_unused_authorization(uint32_t index) {
  Presentity& presentity = presentities[index];
  if (authorizations[presentity.authorization].rules) return;
  if (presentity.watcher_count > 0 || presentity.in_turn_queue) return;
  for (const uint32_t view : authorizations[presentity.authorization].views) {
    if (view != kNoIndex) release_view(view);
  }
  timers.cancel(rules_timer(presentity.authorization));
  authorizations.release(presentity.authorization);
  presentity.authorization = kNoIndex;
}

bool Core::is_pending(const Subscription& subscription) const {
  const uint32_t index = presentities[subscription.presentity].authorization;
  if (index == kNoIndex || subscription.view == kNoView) return false;
  return views[authorizations[index].views[subscription.view]].is_pending();
}

void Core::release_view(uint32_t view) {
  views[view].document.release(texts);
  views.release(view);
}

void write_tag(Partition partition, uint64_t random, char* out) {
  // Eight digits at a time; the last eight have five of those before them.
  static_assert(kPartitionDigits == 3 && kTagDigits == 19);
  const auto put = [out](size_t at, uint64_t word) {
    const uint64_t digits = parsers::hex_digits_of(static_cast<uint32_t>(word));
    std::memcpy(out + at, &digits, sizeof digits);
  };
  put(0, uint64_t{partition.value} << 20 | random >> 44);
  put(8, random >> 12);
  put(11, random);
}

bool read_tag(std::string_view tag, uint64_t& random) {
  Partition partition;
  if (tag.size() != kTagDigits || !partition_of_tag(tag, partition)) return false;
  return parsers::parse_hex(tag.substr(kPartitionDigits), random);
}

uint32_t seconds_left(Instant now, Instant end) {
  if (end <= now) return 0;
  return static_cast<uint32_t>(((end - now).to_nanoseconds() + 999'999'999) / 1'000'000'000);
}

}  // namespace vedette::engine
