#include "tests/sim/preset.h"

#include <algorithm>

#include "tests/sim/fake_hashes.h"

namespace vedette::sim {
namespace {

using engine::Duration;

Preset make_normal() {
  Preset preset;
  preset.name = "normal";
  preset.summary = "a lossy network, room for everybody, sometimes a restart of the engine";
  preset.faults = {.loss = 0.03, .duplication = 0.02, .corruption = 0, .reordering = 0.03};
  preset.limits = {.presentities_max = 128, .subscriptions_max = 1024, .publications_max = 512, .bindings_max = 512,
                   .server_transactions_max = 4096, .replay_windows_max = 1024, .document_bytes_max = 16u << 20,
                   .subscriptions_per_presentity_max = 512, .publications_per_presentity_max = 16,
                   .bindings_per_aor_max = 16};
  preset.expiry = {.min = Duration::seconds(5), .max = Duration::seconds(90), .when_absent = Duration::seconds(60)};
  preset.restart_chance = 0.2;
  preset.stall_chance = 0.0003;
  return preset;
}

Preset make_corrupt() {
  Preset preset = make_normal();
  preset.name = "corrupt";
  preset.summary = "10 % of all datagrams lost, 1 % corrupted, 3 % doubled, 5 % overtaken";
  preset.faults = {.loss = 0.10, .duplication = 0.03, .corruption = 0.01, .reordering = 0.05};
  preset.restart_chance = 0;
  return preset;
}

Preset make_tiny() {
  Preset preset = make_normal();
  preset.name = "tiny";
  preset.summary = "pools of 2 to 8 records, small rings, short messages: every limit is met";
  preset.faults = {.loss = 0.05, .duplication = 0.05, .corruption = 0.002, .reordering = 0.05};
  preset.limits = {.presentities_max = 5, .subscriptions_max = 8, .publications_max = 6, .bindings_max = 4,
                   .filters_max = 1, .server_transactions_max = 8, .replay_windows_max = 4,
                   .watcher_changes_max = 3, .document_bytes_max = 24'576,
                   .subscriptions_per_presentity_max = 3, .publications_per_presentity_max = 2,
                   .bindings_per_aor_max = 2, .watcher_changes_per_presentity_max = 2,
                   .subscriptions_per_watcher_max = 3, .filters_per_watcher_max = 1,
                   .datagram_bytes_max = 2'048, .publication_body_bytes_max = 1'024, .dialog_bytes_max = 512,
                   .contact_bytes_max = 128, .timers_per_turn_max = 2,
                   .notifies_per_turn_max = 2, .retry_after_seconds = 3};
  preset.peer_ring_slots = 4;
  preset.rx_queue_slots = 8;
  preset.restart_chance = 0.3;
  preset.stall_chance = 0.003;
  preset.serves_everybody = false;
  return preset;
}

// A normal world in which something happens besides.
Preset make_eventful(std::string_view name, std::string_view summary, const Events& events, int64_t safety_seconds) {
  Preset preset = make_normal();
  preset.name = name;
  preset.summary = summary;
  preset.events = events;
  preset.safety = Duration::seconds(safety_seconds);
  return preset;
}

Preset make_star() {
  Preset preset = make_eventful("star", "all of 40 users watch the first one, whose state changes every few seconds",
                                {.has_star = true}, 100);
  preset.users = 40;
  preset.devices_max = 1;
  return preset;
}

// Whoever watches the star is on a list that has no room in one NOTIFY.
Preset make_crowd() {
  Preset preset = make_star();
  preset.name = "crowd";
  preset.summary = "star with NOTIFYs that have no room for the list of its watchers, some of whom never answer";
  preset.events.dead_share = 0.05;
  preset.limits.datagram_bytes_max = 4'608;
  preset.limits.dialog_bytes_max = 1'024;
  preset.limits.publication_body_bytes_max = 1'536;
  return preset;
}

Preset make_storm() {
  Preset preset =
      make_eventful("storm", "ten phones that SUBSCRIBE 58 times a second each, for three seconds at a time",
                    {.has_storms = true}, 40);
  preset.users = 10;
  preset.limits.subscriptions_max = 16'384;
  preset.limits.subscriptions_per_presentity_max = 8'192;
  preset.limits.server_transactions_max = 65'536;
  preset.limits.document_bytes_max = 64u << 20;
  preset.rx_queue_slots = 1'024;
  return preset;
}

// Whose rules change watches and is watched by everybody; what is published is often of another sphere.
Preset make_rules() {
  Preset preset = make_eventful("rules", "rules are loaded, replaced and removed for users who are watched meanwhile",
                                {.has_power_cuts = true, .has_rules = true, .has_hard_states = true}, 300);
  preset.users = 5;
  preset.faults = {.loss = 0.05, .duplication = 0.02, .corruption = 0.002, .reordering = 0.05};
  return preset;
}

// Room for the hard state of some; devices leave it alone, and come back to it.
Preset make_hard() {
  Preset preset = make_eventful("hard", "operators set and remove hard state of users who are watched meanwhile",
                                {.has_expiry_rounds = true, .has_hard_states = true}, 300);
  preset.users = 5;
  preset.limits.hard_states_max = 3;
  preset.limits.hard_states_bytes_max = 4'096;
  return preset;
}

// All at once where every limit is met.
Preset make_tiny_events() {
  Preset preset = make_tiny();
  preset.name = "tiny-all";
  preset.summary = "tiny, with a star, power cuts, dead watchers, expiries, leaps of the clock, rules and hard state";
  preset.events = {.has_star = true, .has_power_cuts = true, .has_expiry_rounds = true, .has_leaps = true,
                   .has_rules = true, .has_hard_states = true, .dead_share = 0.2};
  preset.limits.hard_states_max = 2;
  preset.limits.hard_states_bytes_max = 2'048;
  preset.limits.rule_sets_max = 2;
  preset.limits.views_max = 3;
  preset.limits.views_per_presentity_max = 2;
  preset.limits.rule_set_bytes_max = 384;
  preset.limits.rule_sets_bytes_max = 1'536;
  preset.safety = Duration::seconds(300);
  return preset;
}

engine::User make_user(unsigned number) {
  const std::string name = user_name(number);
  const std::string realm(domain_of_user(number));
  const std::string secret = name + ":" + realm + ":" + password_of(name);
  const std::array<std::string_view, 1> parts = {secret};
  engine::User user;
  user.aor = name + "@" + realm;
  // Some accounts were made before SHA-256, some after MD5.
  user.has_md5 = number % 4 != 1;
  user.has_sha256 = number % 4 != 2;
  const engine::Hashes hashes = fake_hashes();
  hashes.md5(nullptr, parts, user.ha1_md5);
  hashes.sha256(nullptr, parts, user.ha1_sha256);
  return user;
}

// Never below two: one record alone meets no edge.
void shrink(engine::Limits& limits, Random& random) {
  for (uint32_t* limit :
       {&limits.presentities_max, &limits.subscriptions_max, &limits.publications_max, &limits.bindings_max,
        &limits.server_transactions_max, &limits.replay_windows_max}) {
    if (random.chance(0.5)) *limit = static_cast<uint32_t>(random.between({2, *limit}));
  }
  limits.document_bytes_max = random.between({3'000, limits.document_bytes_max});
}

}  // namespace

const std::vector<Preset>& presets() {
  static const std::vector<Preset> kPresets = {
      make_normal(), make_corrupt(), make_tiny(), make_star(), make_crowd(),
      make_eventful("power", "power cuts: everybody logs on again within seconds", {.has_power_cuts = true}, 300),
      // One in twenty would be none in many a world of so few.
      make_eventful("dead", "some watchers never answer their NOTIFYs, or much too late", {.dead_share = 0.25}, 600),
      make_storm(),
      make_eventful("expiry", "registrations and publications of three devices expire, in one order after another",
                    {.has_expiry_rounds = true}, 300),
      make_eventful("leaps", "the clock leaps ahead, by minutes or days", {.has_leaps = true}, 600),
      make_rules(), make_hard(), make_tiny_events()};
  return kPresets;
}

const Preset* find_preset(std::string_view name) {
  for (const Preset& preset : presets()) {
    if (preset.name == name) return &preset;
  }
  return nullptr;
}

std::string user_name(unsigned number) { return "user" + std::to_string(number); }

std::string password_of(std::string_view user) { return "password of " + std::string(user); }

std::string_view domain_of_user(unsigned number) {
  if (number % 5 == 3) return kOpenDomain;
  return number % 8 == 5 ? kPrivateDomain : kDigestDomain;
}

engine::EngineConfig make_config(const Preset& preset, Random random) {
  engine::EngineConfig config;
  config.domains = {
      {.name = std::string(kDigestDomain), .watch_policy = engine::WatchPolicy::kAuthenticated},
      {.name = std::string(kOpenDomain), .watch_policy = engine::WatchPolicy::kEveryone, .authenticate = false},
      {.name = std::string(kPrivateDomain), .watch_policy = engine::WatchPolicy::kOwner}};
  // What is shown of dialogs is compared with what was published, so everybody is shown all of it.
  for (engine::Domain& domain : config.domains) domain.dialog_details = engine::DialogDetails::kAll;
  for (unsigned i = 0; i < preset.users; ++i) config.users.push_back(make_user(i));
  std::sort(config.users.begin(), config.users.end(),
            [](const engine::User& a, const engine::User& b) { return a.aor < b.aor; });
  config.subscription = config.publication = config.registration = preset.expiry;
  // Contacts are many in an answer: their model takes what was asked for.
  config.registration.spread_percent = 0;
  config.nonce_lifetime = preset.nonce_lifetime;
  config.limits = preset.limits;
  config.limits.waiting_watcher_seconds = 60;  // So that nobody waits any more when all has ended.
  if (!preset.serves_everybody) shrink(config.limits, random);
  return config;
}

}  // namespace vedette::sim
