// The configuration file as a whole, and the control thread's own tables: [admin] and [log]. The other tables
// are read by config_users.cc, config_limits.cc and config_dataplane.cc. Control thread, at start only.
#include "engine/control/config.h"

#include <sys/un.h>

#include <filesystem>
#include <fstream>
#include <system_error>

#include "engine/control/config_reader.h"
#include "engine/control/crypto.h"
#include "engine/control/wiped_memory.h"

namespace vedette::control {
namespace {

using engine::Duration;

constexpr size_t kFileBytesMax = size_t{64} << 20;  // Some 500,000 users.

constexpr std::pair<std::string_view, LogLevel> kLogLevels[] = {
    {"debug", LogLevel::kDebug},
    {"info", LogLevel::kInfo},
    {"warning", LogLevel::kWarning},
    {"error", LogLevel::kError},
};

constexpr std::pair<std::string_view, LogFormat> kLogFormats[] = {
    {"text", LogFormat::kText},
    {"json", LogFormat::kJson},
};

void read_admin(TableReader& top, ControlConfig& out) {
  std::optional<TableReader> table = top.read_table("admin");
  if (!table) return;
  if (table->read_text("socket", out.admin_socket)) {
    const size_t room = sizeof(sockaddr_un{}.sun_path) - 1;
    if (!out.admin_socket.starts_with('/')) {
      table->add("socket",
                 "is \"" + out.admin_socket + "\"; give a whole path, as in \"/run/vedette/admin.sock\"");
    } else if (out.admin_socket.size() > room) {
      table->add("socket", "is longer than a Unix socket's path may be; give one of at most " +
                               std::to_string(room) + " bytes");
    }
  }
  table->read_number("clients_max", out.admin_clients_max, {1, 1'024});
  table->read_number("rows_max", out.admin_rows_max, {1, 1'000'000});
  table->read_duration("idle_max", out.admin_idle_max, {Duration::seconds(1), Duration::seconds(3'600)});
  table->finish();
}

void read_log(TableReader& top, ControlConfig& out) {
  std::optional<TableReader> table = top.read_table("log");
  if (!table) return;
  table->read_choice<LogLevel>("level", out.log_level, kLogLevels);
  table->read_choice<LogFormat>("format", out.log_format, kLogFormats);
  table->finish();
}

// Trusted sources, and what is a peer's: ports cannot tell them from others of the same network.
void spare_friends(const engine::EngineConfig& engine, FloodPolicy& out) {
  out.never_dropped = engine.trusted_sources;
  for (const engine::Peer& peer : engine.peers) {
    out.never_dropped.insert(out.never_dropped.end(), peer.sources.begin(), peer.sources.end());
    for (const engine::Endpoint& endpoint : {peer.v4, peer.v6}) {
      if (endpoint.port != 0) out.never_dropped.push_back({endpoint.address});
    }
  }
}

void read_everything(toml::table& file, Config& out, Problems& problems) {
  TableReader top(file, "", problems);
  read_peers(top, out.engine.peers);
  read_domains(top, out.engine);
  read_users(top, out.engine);
  read_sip(top, out);
  read_expiries(top, out.engine);
  read_pace(top, out.engine.pace);
  read_limits(top, out.engine.limits);
  read_flood(top, out);
  read_dataplane(top, out.dataplane);
  read_streams(top, out);
  read_identity(top, out);
  read_admin(top, out.control);
  read_log(top, out.control);
  top.finish();
  spare_friends(out.engine, out.control.floods);
}

}  // namespace

ConfigVerdict read_config(std::string& text, const std::string& file) {
  const WipedMemory passwords;
  ConfigVerdict verdict;
  Problems problems(file);
  try {
    toml::table parsed = toml::parse(std::string_view(text), file);
    Config config;
    read_everything(parsed, config, problems);
    if (problems.empty()) verdict.config = std::move(config);
  } catch (const toml::parse_error& error) {
    problems.add(error.source().begin.line, "is not TOML: " + std::string(error.description()) +
                                                "; correct it, what follows has not been read");
  }
  wipe(text);
  verdict.problems = problems.lines();
  return verdict;
}

ConfigVerdict read_config_file(const std::string& path) {
  const WipedMemory passwords;
  const auto refuse = [&](const std::string& why) {
    Problems problems(path);
    problems.add(0, why);
    return ConfigVerdict{std::nullopt, problems.lines()};
  };
  std::error_code error;
  const uintmax_t size = std::filesystem::file_size(path, error);
  if (error)
    return refuse("cannot be opened (" + error.message() + "); give the configuration with --config FILE");
  if (size > kFileBytesMax) return refuse("is larger than 64 MiB; a configuration is not");
  std::ifstream stream(path, std::ios::binary);
  std::string text(size, '\0');
  if (!stream.read(text.data(), static_cast<std::streamsize>(size))) {
    wipe(text);
    return refuse("cannot be read; see that the user vedette runs as may read it");
  }
  return read_config(text, path);
}

}  // namespace vedette::control
