// [limits], [sip] and the three tables of expiry bounds. Control thread, at start only.
#include <algorithm>
#include <string>

#include "engine/control/config_reader.h"
#include "parsers/pres_rules.h"

namespace vedette::control {
namespace {

using engine::Duration;
using engine::Limits;

constexpr int64_t kMillion = 1'000'000;

// A record pool links its records by 32-bit indices; this bound keeps a slip of the keyboard from asking for
// terabytes.
constexpr IntegerRange kRecords{1, 256 * kMillion};
// What one watcher, or one connection, may have of them; 0: no limit.
constexpr IntegerRange kShare{0, 256 * kMillion};

struct LimitKey {
  std::string_view name;
  uint32_t Limits::*field;
  IntegerRange range;
};

constexpr LimitKey kLimitKeys[] = {
    {"presentities_max", &Limits::presentities_max, kRecords},
    {"subscriptions_max", &Limits::subscriptions_max, kRecords},
    {"publications_max", &Limits::publications_max, kRecords},
    {"bindings_max", &Limits::bindings_max, kRecords},
    {"filters_max", &Limits::filters_max, {1, 65'000}},
    // They are searched one by one.
    {"local_ends_max", &Limits::local_ends_max, {16, 65'000}},
    {"server_transactions_max", &Limits::server_transactions_max, kRecords},
    {"replay_windows_max", &Limits::replay_windows_max, kRecords},
    {"publications_per_presentity_max", &Limits::publications_per_presentity_max,
     {1, engine::kPublicationsPerPresentityMax}},
    {"bindings_per_aor_max", &Limits::bindings_per_aor_max, {1, 1'024}},
    {"subscriptions_per_presentity_max", &Limits::subscriptions_per_presentity_max, kRecords},
    {"subscriptions_per_watcher_max", &Limits::subscriptions_per_watcher_max, kShare},
    {"counted_watchers_max", &Limits::counted_watchers_max, kRecords},
    {"filters_per_watcher_max", &Limits::filters_per_watcher_max, {0, 65'000}},
    {"subscriptions_per_connection_max", &Limits::subscriptions_per_connection_max, kShare},
    // RFC 3261 §18.1.1 wants 65,535 bytes to be possible; one UDP datagram in one buffer carries somewhat
    // less.
    {"datagram_bytes_max", &Limits::datagram_bytes_max, {2'048, 60'000}},
    {"publication_body_bytes_max", &Limits::publication_body_bytes_max, {512, 61'440}},
    {"dialog_bytes_max", &Limits::dialog_bytes_max, {512, 16'384}},
    {"contact_bytes_max", &Limits::contact_bytes_max, {128, 4'096}},
    {"timers_per_turn_max", &Limits::timers_per_turn_max, {1, 65'536}},
    {"notifies_per_turn_max", &Limits::notifies_per_turn_max, {1, 65'536}},
    {"hard_states_max", &Limits::hard_states_max, kRecords},
    {"rule_sets_max", &Limits::rule_sets_max, kRecords},
    {"rule_set_bytes_max", &Limits::rule_set_bytes_max, {256, parsers::kRuleSetBytesMax}},
    {"views_max", &Limits::views_max, kRecords},
    {"views_per_presentity_max", &Limits::views_per_presentity_max, {1, engine::kViewsPerPresentityMax}},
    {"watcher_changes_max", &Limits::watcher_changes_max, kRecords},
    {"waiting_watchers_max", &Limits::waiting_watchers_max, kRecords},
    {"waiting_watchers_per_presentity_max", &Limits::waiting_watchers_per_presentity_max, {1, 256}},
    {"waiting_watchers_per_watcher_max", &Limits::waiting_watchers_per_watcher_max, {1, 1'024}},
    {"waiting_watcher_seconds", &Limits::waiting_watcher_seconds, {0, 365 * 86'400}},
    // They are searched one by one.
    {"watcher_changes_per_presentity_max", &Limits::watcher_changes_per_presentity_max, {1, 1'024}},
    {"retry_after_seconds", &Limits::retry_after_seconds, {1, 3'600}},
    {"retry_after_spread_seconds", &Limits::retry_after_spread_seconds, {0, 3'600}},
};

// What one may have, and what all have together.
struct PerOne {
  std::string_view name;
  uint32_t Limits::*per_one;
  std::string_view whole_name;
  uint32_t Limits::*whole;
};

constexpr PerOne kPerOne[] = {
    {"subscriptions_per_presentity_max", &Limits::subscriptions_per_presentity_max, "subscriptions_max",
     &Limits::subscriptions_max},
    {"subscriptions_per_watcher_max", &Limits::subscriptions_per_watcher_max, "subscriptions_max",
     &Limits::subscriptions_max},
    {"counted_watchers_max", &Limits::counted_watchers_max, "subscriptions_max", &Limits::subscriptions_max},
    {"filters_per_watcher_max", &Limits::filters_per_watcher_max, "filters_max", &Limits::filters_max},
    {"subscriptions_per_connection_max", &Limits::subscriptions_per_connection_max, "subscriptions_max",
     &Limits::subscriptions_max},
    {"publications_per_presentity_max", &Limits::publications_per_presentity_max, "publications_max",
     &Limits::publications_max},
    {"bindings_per_aor_max", &Limits::bindings_per_aor_max, "bindings_max", &Limits::bindings_max},
    {"views_per_presentity_max", &Limits::views_per_presentity_max, "views_max", &Limits::views_max},
    {"waiting_watchers_per_presentity_max", &Limits::waiting_watchers_per_presentity_max, "waiting_watchers_max",
     &Limits::waiting_watchers_max},
    {"watcher_changes_per_presentity_max", &Limits::watcher_changes_per_presentity_max, "watcher_changes_max",
     &Limits::watcher_changes_max},
};

// RFC 3265 and RFC 3903 suggest an hour; nothing soft should be believed for longer than a week.
constexpr DurationRange kExpiry{Duration::seconds(1), Duration::seconds(7 * 86'400)};

void read_expiry(TableReader& top, std::string_view key, engine::ExpiryRange& out) {
  std::optional<TableReader> table = top.read_table(key);
  if (!table) return;
  table->read_duration("expires_min", out.min, kExpiry);
  table->read_duration("expires_max", out.max, kExpiry);
  const bool given = table->read_duration("expires_when_absent", out.when_absent, kExpiry);
  table->read_number("expires_spread_percent", out.spread_percent, {0, 50});
  if (out.min > out.max) {
    table->add("expires_min", "is " + to_text(out.min) + ", above expires_max, which is " + to_text(out.max) +
                                  "; lower one or raise the other");
  } else if (!given) {
    out.when_absent = std::clamp(out.when_absent, out.min, out.max);
  } else if (out.when_absent < out.min || out.when_absent > out.max) {
    table->add("expires_when_absent", "is " + to_text(out.when_absent) +
                                          ", outside expires_min to expires_max (" + to_text(out.min) +
                                          " to " + to_text(out.max) + "); give one between them");
  }
  table->finish();
}

}  // namespace

void read_limits(TableReader& top, Limits& out) {
  std::optional<TableReader> table = top.read_table("limits");
  if (!table) return;
  std::vector<std::string_view> given;
  for (const LimitKey& key : kLimitKeys) {
    if (table->read_number(key.name, out.*key.field, key.range)) given.push_back(key.name);
  }
  table->read_number("hard_states_bytes_max", out.hard_states_bytes_max, {int64_t{1} << 16, int64_t{1} << 40});
  table->read_number("rule_sets_bytes_max", out.rule_sets_bytes_max, {int64_t{1} << 16, int64_t{1} << 40});
  table->read_number("document_bytes_max", out.document_bytes_max, {int64_t{1} << 20, int64_t{1} << 40});
  for (const PerOne& pair : kPerOne) {
    if (out.*pair.per_one <= out.*pair.whole) continue;
    if (std::find(given.begin(), given.end(), pair.name) == given.end()) {
      out.*pair.per_one = out.*pair.whole;  // A default follows a smaller whole.
      continue;
    }
    table->add(pair.name, "is above " + std::string(pair.whole_name) + ", which is " +
                              std::to_string(out.*pair.whole) + "; lower it or raise the other");
  }
  // A NOTIFY carries the document and about 2 kB of headers in one datagram.
  if (out.publication_body_bytes_max + 2'048 > out.datagram_bytes_max) {
    table->add("publication_body_bytes_max", "is " + std::to_string(out.publication_body_bytes_max) +
                                                 ", too large for NOTIFYs of datagram_bytes_max, which is " +
                                                 std::to_string(out.datagram_bytes_max) +
                                                 "; leave 2048 bytes for the headers");
  }
  table->finish();
}

void read_expiries(TableReader& top, engine::EngineConfig& out) {
  read_expiry(top, "subscription", out.subscription);
  read_expiry(top, "publication", out.publication);
  read_expiry(top, "registration", out.registration);
}

void read_sip(TableReader& top, Config& out) {
  engine::EngineConfig& engine = out.engine;
  std::optional<TableReader> table = top.read_table("sip");
  if (!table) return;
  table->read_number("port", out.dataplane.sip_port, {1, 65'535});
  if (table->read_text("server_name", engine.server_name)) {
    const bool clean = std::all_of(engine.server_name.begin(), engine.server_name.end(),
                                   [](char c) { return c >= ' ' && c <= '~'; });
    if (!clean || engine.server_name.size() > 64) {
      table->add("server_name", "cannot stand in a Server header; give up to 64 printable ASCII characters");
    }
  }
  table->read_boolean("prove_contacts", engine.prove_contacts);
  const DurationRange lifetime{Duration::seconds(10), Duration::seconds(86'400)};
  Duration& key_lifetime = out.control.nonce_key_lifetime;
  table->read_duration("nonce_lifetime", engine.nonce_lifetime, lifetime);
  if (!table->read_duration("nonce_key_lifetime", key_lifetime, lifetime)) {
    key_lifetime = std::max(key_lifetime, engine.nonce_lifetime);
  }
  if (key_lifetime < engine.nonce_lifetime) {
    // A nonce that was made just before its key was replaced is believed for one more key lifetime.
    table->add("nonce_key_lifetime", "is " + to_text(key_lifetime) + ", below nonce_lifetime, which is " +
                                         to_text(engine.nonce_lifetime) + "; raise it or lower the other");
  }
  // RFC 3261 §17.1.1.1: T1 estimates the round-trip time; §17.1.2.2: T2 caps the interval of retransmissions.
  table->read_duration("t1", engine.t1, {Duration::milliseconds(10), Duration::seconds(10)});
  table->read_duration("t2", engine.t2, {Duration::milliseconds(10), Duration::seconds(60)});
  if (engine.t1 > engine.t2) {
    table->add("t1", "is " + to_text(engine.t1) + ", above t2, which is " + to_text(engine.t2) +
                         "; RFC 3261 has 500ms and 4s");
  }
  table->finish();
}

}  // namespace vedette::control
