// Every bound of one shard, with its default. A limit that is reached is an ordinary refusal with a Reason.
// Record pools are allocated from these at start, and the sum is printed (shard_bytes).
#pragma once

#include <cstddef>
#include <cstdint>

namespace vedette::engine {

// No configuration may allow more views of one presentity.
inline constexpr uint32_t kViewsPerPresentityMax = 32;
// No configuration may allow more publications for one AOR: a document is composed from them on the stack.
inline constexpr uint32_t kPublicationsPerPresentityMax = 32;
inline constexpr uint32_t kComposedPublicationsMax = kPublicationsPerPresentityMax + 1;  // With hard state.

struct Limits {
  // Per shard; 32-bit because records link to each other by index.
  uint32_t presentities_max = 65'536;         // AORs with any state. 503 + Retry-After.
  uint32_t subscriptions_max = 262'144;       // 503 + Retry-After.
  uint32_t publications_max = 65'536;         // 503 + Retry-After.
  uint32_t bindings_max = 65'536;             // 503 + Retry-After.
  // [streams] connections_max. More that something depends on: their loss is noticed at the next NOTIFY; counted.
  uint32_t connections_max = 4'096;
  // Different event notification filters; of those with triggers each watcher has his own. 503 + Retry-After.
  uint32_t filters_max = 1'024;
  uint32_t local_ends_max = 1'024;            // Our addresses times packages watched by them. 503 + Retry-After.
  uint32_t server_transactions_max = 65'536;  // The oldest answer is forgotten first; counted.
  uint32_t replay_windows_max = 65'536;       // Nonces with a remembered nonce count; the oldest goes stale.
  uint32_t hard_states_max = 16'384;          // AORs with hard state. The operator is told.
  uint32_t rule_sets_max = 16'384;            // AORs with rules. The operator is told.
  uint32_t views_max = 65'536;                // Groups of watchers with equal rights by rules. 503 + Retry-After.
  // Changes of watchers that not all who watch presence.winfo have acknowledged. They are told everything instead.
  uint32_t watcher_changes_max = 16'384;
  uint32_t waiting_watchers_max = 16'384;     // Who asked and was not decided on. Others are not remembered; counted.
  uint64_t hard_states_bytes_max = uint64_t{32} << 20; // All hard state, normalised. The operator is told.
  uint64_t rule_sets_bytes_max = uint64_t{32} << 20;   // All rule sets, compiled. The operator is told.
  uint64_t document_bytes_max = uint64_t{256} << 20;   // The shard's arena: fragments, documents, dialog lines. 503.

  // Per presentity.
  uint32_t subscriptions_per_presentity_max = 65'536;  // 480 + Retry-After.
  // A publisher that forgets its entity tags piles publications up: the one modified longest ago makes room.
  uint32_t publications_per_presentity_max = 16;
  uint32_t bindings_per_aor_max = 16;                  // 480 + Retry-After.
  uint32_t rule_set_bytes_max = 16'384;       // Rules of one AOR, compiled. The operator is told.
  uint32_t watcher_changes_per_presentity_max = 64;    // Everything is told instead.
  uint32_t waiting_watchers_per_presentity_max = 32;   // Who has waited longest gives up.
  uint32_t waiting_watchers_per_watcher_max = 64;      // Presentities that one watcher waits for. No more; counted.
  // 480 + Retry-After; who watches already and would need one more is told to come back later (probation).
  uint32_t views_per_presentity_max = 16;

  // Per watcher, that is per user, wherever he sends from; 0: no limit. Who is anonymous is many, and has none. 480 +
  // Retry-After for what is new; refreshes and ends are always served.
  uint32_t subscriptions_per_watcher_max = 1'000;
  uint32_t filters_per_watcher_max = 128;     // Filters that are there because he asked for them.
  uint32_t counted_watchers_max = 65'536;     // Others, while there are as many, have no limit; counted.
  // Per stream connection: subscriptions that end with it. 0: no limit. 480 + Retry-After.
  uint32_t subscriptions_per_connection_max = 16'384;

  // Per message, bytes.
  uint32_t datagram_bytes_max = 16'384;       // In and out; longer requests get 513.
  uint32_t publication_body_bytes_max = 10'240;        // 413.
  uint32_t dialog_bytes_max = 2'048;          // Route set, Contact, From, To, Call-ID of one subscription. 513.
  uint32_t contact_bytes_max = 512;           // One binding's Contact. 513.

  // Per source of datagrams, and per user, and shard: token buckets. A rate of 0 is no limit.
  uint32_t sources_max = 65'536;              // The source that is least to be feared makes room.
  uint32_t source_prefix_v4 = 32;             // Bits of an address that make a source.
  uint32_t source_prefix_v6 = 64;
  uint32_t source_requests_per_second = 2'000;         // 503 + Retry-After now and then, else silence.
  uint32_t source_requests_burst = 10'000;
  uint32_t source_responses_per_second = 100'000;      // Silence.
  uint32_t source_responses_burst = 200'000;
  uint32_t active_users_max = 16'384;
  uint32_t user_requests_per_second = 200;             // Of one who authenticates. 480 + Retry-After.
  uint32_t user_requests_burst = 2'000;

  // Requests of all those together who have never proved themselves. 503 + Retry-After now and then, else silence.
  uint32_t stranger_requests_per_second = 50'000;

  uint32_t prefix_v4 = 24;                    // Bits of an address that make a network (admission/heavy_prefixes.h).
  uint32_t prefix_v6 = 48;

  // Overload: datagrams that wait longer than this. 503 + Retry-After to so many a second, else silence.
  uint32_t overload_delay_ms = 3;
  uint32_t overload_answers_per_second = 500;

  // Per loop turn: bounded work (on_time).
  uint32_t timers_per_turn_max = 64;
  // Below a receive burst (32), so that answers to a great fan-out are taken faster than they are caused: a worker that
  // sends more than it takes has a queue, in which everybody else waits.
  uint32_t notifies_per_turn_max = 24;

  // How long it is remembered that a watcher has asked who was not decided on; 0: not at all. RFC 3857 §4.7.1: "a user
  // should be able to log in days later and see that someone tried to subscribe to them."
  uint32_t waiting_watcher_seconds = 7 * 86'400;

  // What a 480 or 503 of ours says, and the end of a subscription whose watcher may come back later.
  uint32_t retry_after_seconds = 30;
  // Up to so much longer, at random, so that those who were sent away together do not come back together.
  uint32_t retry_after_spread_seconds = 30;

  // `lot`: random, but for one request or NOTIFY always the same, because it may have to be said again.
  uint32_t retry_after(uint64_t lot) const {
    return retry_after_seconds + static_cast<uint32_t>(lot % (uint64_t{retry_after_spread_seconds} + 1));
  }

  bool operator==(const Limits&) const = default;
};

}  // namespace vedette::engine
