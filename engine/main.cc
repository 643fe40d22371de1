// vedette: start-up that reads like a list, and the only place that may exit. The main thread becomes the
// control thread.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>

#include "dataplane/dataplane.h"
#include "engine/control/config.h"
#include "engine/control/control_thread.h"
#include "engine/control/crypto.h"
#include "engine/control/dataplane_workers.h"
#include "engine/control/log.h"
#include "engine/control/nonce_keys.h"
#include "engine/shard.h"

namespace vedette {
namespace {

constexpr int kExitFailed = 1;
constexpr int kExitConfig = 2;

std::string plural(size_t count, const char* one) {
  return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

std::string megabytes(uint64_t bytes) { return std::to_string((bytes + (1 << 20) - 1) >> 20) + " MiB"; }

// "2 domains, 8 users, 1 port, 3 workers".
std::string summary_of(const control::Config& config) {
  return plural(config.engine.domains.size(), "domain") + ", " + plural(config.engine.users.size(), "user") +
         ", " + plural(config.dataplane.ports.size(), "port") + ", " +
         plural(config.dataplane.workers, "worker");
}

// Shards and their arenas for documents, which grow on demand up to their limit.
std::string memory_of(const control::Config& config) {
  const uint64_t shard = engine::shard_bytes(config.engine.limits);
  const uint64_t documents = config.engine.limits.document_bytes_max;
  return megabytes(config.dataplane.workers * (shard + documents)) + " for shards (each " + megabytes(shard) +
         " of records and up to " + megabytes(documents) + " of documents)";
}

int say_problems(const control::ConfigVerdict& verdict) {
  for (const std::string& problem : verdict.problems) std::fprintf(stderr, "%s\n", problem.c_str());
  std::fprintf(stderr, "%s; nothing was started\n", plural(verdict.problems.size(), "error").c_str());
  return kExitConfig;
}

int say_good(const std::string& file, const control::Config& config) {
  std::printf("%s is good: %s; %s\n", file.c_str(), summary_of(config).c_str(), memory_of(config).c_str());
  return 0;
}

// ", on TCP 192.0.2.1:5060 [2001:db8::1]:5060"; empty when none is taken.
std::string listed(const std::string& transport, const std::vector<engine::Endpoint>& addresses) {
  std::string out;
  for (const engine::Endpoint& at : addresses) {
    char host[48];
    parsers::Writer writer(host, sizeof host);
    at.address.write_host(writer);
    out += (out.empty() ? ", on " + transport + " " : " ") + std::string(writer.text()) + ":" + std::to_string(at.port);
  }
  return out;
}

void say_ready(const control::Config& config, const dataplane::Dataplane& dataplane) {
  std::string where;
  for (const dataplane::PortConfig& port : config.dataplane.ports) {
    where += (where.empty() ? "" : "; ") + port.name + " (" + port.device + ")";
    for (const std::string& address : port.addresses) where += " " + address;
  }
  const control::StreamConfig& streams = config.control.streams;
  std::printf(
      "vedette is ready: %s; SIP on UDP port %u of %s%s%s%s%s; %s reserved; ask it with vedettectl --socket %s\n",
      summary_of(config).c_str(), static_cast<unsigned>(config.dataplane.sip_port), where.c_str(),
      listed("TCP", streams.tcp_listen).c_str(), listed("TLS", streams.tls_listen).c_str(),
      listed("WebSocket", streams.ws_listen).c_str(), listed("WebSocket over TLS", streams.wss_listen).c_str(),
      megabytes(dataplane.memory_bytes()).c_str(),
      config.control.admin_socket.c_str());
  std::fflush(stdout);
}

dataplane::ShardSupply supply_of(const control::Config& config, const control::NonceKeys& keys) {
  dataplane::ShardSupply supply;
  supply.engine = &config.engine;
  supply.hashes = [](unsigned) { return control::openssl_hashes(); };
  supply.nonce_key = keys.current();
  control::fill_random(supply.random_seed);
  return supply;
}

// Poll threads inherit the mask, so that no signal handler ever runs on one. The control thread opens it for
// itself.
void keep_signals_from_poll_threads() {
  sigset_t ours;
  sigemptyset(&ours);
  sigaddset(&ours, SIGTERM);
  sigaddset(&ours, SIGINT);
  sigaddset(&ours, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &ours, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // A reader of our output that goes away does not end us.
}

int run(const control::Config& config) {
  keep_signals_from_poll_threads();
  control::Log log(config.control.log_format, config.control.log_level);
  log.info("starting", {{"version", VEDETTE_VERSION}, {"reserves", memory_of(config)}});
  control::NonceKeys keys;
  dataplane::Dataplane dataplane(config.dataplane, supply_of(config, keys));
  control::DataplaneWorkers workers(dataplane);
  control::ControlThread control(config.control, workers, keys, log);
  dataplane.start();
  say_ready(config, dataplane);
  control.run();
  dataplane.stop();
  log.info("stopped");
  return 0;
}

}  // namespace
}  // namespace vedette

int main(int argc, char** argv) {
  using namespace vedette;
  CLI::App app(
      "Vedette: a SIP presence engine on DPDK. It watches, and reports what it sees.\n"
      "Its configuration explains itself in tools/vedette.toml; ask a running engine with vedettectl.\n"
      "SIGTERM stops it cleanly, a second one at once; SIGHUP reads its users and certificates again.",
      "vedette");
  std::string file = "/etc/vedette/vedette.toml";
  std::string file_to_check;
  app.add_option("-c,--config", file, "The configuration, TOML")->type_name("FILE")->capture_default_str();
  app.add_option("--check-config", file_to_check,
                 "Say whether FILE is good, and all that is wrong with it; start nothing")
      ->type_name("FILE");
  app.set_version_flag("--version", "vedette " VEDETTE_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitConfig;
  }
  try {
    const bool check_only = !file_to_check.empty();
    control::ConfigVerdict verdict = control::read_config_file(check_only ? file_to_check : file);
    if (!verdict.config) return say_problems(verdict);
    verdict.config->control.file = file;
    return check_only ? say_good(file_to_check, *verdict.config) : run(*verdict.config);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "vedette could not start: %s\n", error.what());
    return kExitFailed;
  }
}
