// The configuration file (TOML) as a whole: read and checked once at start, before anything else is touched.
// All that is wrong with it is said at once. tools/vedette.toml documents every key.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dataplane/config.h"
#include "engine/base/time.h"
#include "engine/config.h"
#include "engine/control/identity_config.h"
#include "engine/control/stream_config.h"

namespace vedette::control {

enum class LogFormat : uint8_t { kText, kJson };
enum class LogLevel : uint8_t { kDebug, kInfo, kWarning, kError };

// What networks may send (flood_watch.h).
struct FloodPolicy {
  uint32_t strangers_per_second = 20'000;   // More requests than that, to all shards together, are limited; 0: never.
  uint32_t limited_per_second = 1'000;      // To so many to each shard; the rest is silence. 0: all are.
  uint32_t verdict_seconds = 60;            // After it has sent less.
  uint32_t port_rules_max = 32;             // Networks that ports drop by themselves (port_drops.h); 0: none.
  // Networks that ports do not drop: trusted sources, peers.
  std::vector<engine::AddressPrefix> never_dropped;
  bool operator==(const FloodPolicy&) const = default;
};

struct ControlConfig {
  std::string file;                  // Where the configuration came from, or empty: users are read again from there.
  std::string admin_socket = "/run/vedette/admin.sock";
  uint32_t admin_clients_max = 16;   // More are told so and closed.
  uint32_t admin_rows_max = 10'000;  // Rows of one listing; the rest is counted, not sent.
  engine::Duration admin_idle_max = engine::Duration::seconds(60);  // A client that asks nothing is closed.
  engine::Duration nonce_key_lifetime =
      engine::Duration::seconds(600);  // Then a new key signs; the old is believed once more as long.
  StreamConfig streams;
  IdentityConfig identity;
  FloodPolicy floods;
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kText;
};

struct Config {
  engine::EngineConfig engine;
  dataplane::DataplaneConfig dataplane;
  ControlConfig control;
};

// Exactly one of the two has something in it.
struct ConfigVerdict {
  std::optional<Config> config;
  std::vector<std::string> problems;  // "FILE:LINE: what is wrong; what to do", in the order of lines.
};

ConfigVerdict read_config_file(const std::string& path);
// The same for a text in memory, which is wiped. `file` is what messages call it.
ConfigVerdict read_config(std::string& text, const std::string& file);

}  // namespace vedette::control
