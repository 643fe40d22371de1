// What kind of world a seed is run in: how bad the network is, how small the limits are, how many actors there
// are and how they behave.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/config.h"
#include "tests/sim/network.h"

namespace vedette::sim {

// What happens besides everybody's whims (scenario.h).
struct Events {
  bool has_star = false;             // All watch the first user, whose state changes every few seconds.
  bool has_power_cuts = false;       // All go dark at once, and log on again within seconds.
  bool has_storms = false;           // Ten phones SUBSCRIBE 58 times a second each.
  bool has_expiry_rounds = false;    // The last users' devices expire, in another order each time.
  bool has_leaps = false;            // The clock leaps minutes to days ahead.
  bool has_rules = false;            // Rules are loaded, replaced and removed; documents have what rules ask for.
  bool has_hard_states = false;      // Operators set and remove hard state.
  double dead_share = 0;             // Of watchers: that never answer, or much too late.
};
// Devices of a user who is left to expire.
inline constexpr unsigned kExpiringDevices = 3;

struct Preset {
  std::string_view name;
  std::string_view summary;
  Faults faults;
  engine::Limits limits;
  engine::ExpiryRange expiry;             // For subscriptions, publications and registrations alike.
  engine::Duration nonce_lifetime = engine::Duration::seconds(60);
  unsigned shards_max = 4;                // The seed chooses 1 to this many.
  size_t peer_ring_slots = 64;            // Hand-off ring of each pair of shards; full means dropped.
  size_t rx_queue_slots = 256;
  unsigned users = 8;                     // With a phone or more each.
  unsigned strangers = 2;
  engine::Duration think_min = engine::Duration::seconds(1);     // Between two whims of a phone's component.
  engine::Duration think_max = engine::Duration::seconds(25);
  double stall_chance = 0;                // For each turn of a worker: that the next one is up to 200 ms late.
  double restart_chance = 0;              // The engine is killed and started again in the safety phase.
  double fork_chance = 0.03;              // For each request: that a copy of it comes by another way.
  bool serves_everybody = true;           // Limits are never met: every live watcher must be served in the end.
  Events events;
  unsigned devices_max = 2;               // Of a user.
  engine::Duration safety = engine::Duration::seconds(600);
};

// Null when there is none of that name.
const Preset* find_preset(std::string_view name);
const std::vector<Preset>& presets();

// What a world's engine is configured with: its domains, their users and limits. Where limits shall be met each
// seed has others, up to the preset's.
engine::EngineConfig make_config(const Preset& preset, Random random);

// Domains of the simulation: the first wants digest authentication, the second is a closed network.
inline constexpr std::string_view kDigestDomain = "presence.test";
inline constexpr std::string_view kOpenDomain = "closed.test";
inline constexpr std::string_view kPrivateDomain = "private.test";

// "user3" and "password of user3": what agents and configuration agree on.
std::string user_name(unsigned number);
std::string password_of(std::string_view user);
std::string_view domain_of_user(unsigned number);

}  // namespace vedette::sim
