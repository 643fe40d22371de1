// See control_thread.h.
#include "engine/control/control_thread.h"

#include <unistd.h>

#include <array>
#include <boost/asio/post.hpp>
#include <csignal>
#include <utility>

namespace vedette::control {

using boost::system::error_code;
using std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds kTurnInterval{dataplane::Dataplane::kServiceIntervalMs};

std::chrono::milliseconds to_chrono(engine::Duration duration) {
  return std::chrono::milliseconds(duration.to_milliseconds());
}

AdminServerLimits limits_of(const ControlConfig& config) {
  return {.clients_max = config.admin_clients_max, .idle_max = to_chrono(config.admin_idle_max)};
}

// Main blocks them before it starts threads; here is where they are handled.
void unblock_signals() {
  sigset_t ours;
  sigemptyset(&ours);
  sigaddset(&ours, SIGTERM);
  sigaddset(&ours, SIGINT);
  sigaddset(&ours, SIGHUP);
  pthread_sigmask(SIG_UNBLOCK, &ours, nullptr);
}

engine::Instant wall_time() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return engine::Instant::from_unix_nanoseconds(std::chrono::nanoseconds(since_epoch).count());
}

int64_t subscriptions_in(const ShardAnswer& answer) {
  int64_t sum = 0;
  for (const ShardRow& row : answer.rows) sum += number_in(row, "subscriptions");
  return sum;
}

}  // namespace

ControlThread::ControlThread(const ControlConfig& config, Workers& workers, NonceKeys& keys, Log& log)
    : config_(config),
      workers_(workers),
      keys_(keys),
      log_(log),
      started_(steady_clock::now()),
      rotated_(started_),
      signals_(context_, SIGTERM, SIGINT, SIGHUP),
      turn_timer_(context_),
      rotation_timer_(context_),
      queries_(workers),
      users_(config.file, queries_, log),
      floods_(config.floods, workers, queries_, log),
      streams_(config.streams, workers, log),
      identities_(context_, config.identity, workers, log),
      commands_(workers, queries_, config.admin_rows_max,
                {.status = [this] { return facts(); },
                 .stream_counters = [this] { return streams_.counters(); },
                 .identity_counters = [this] { return identities_.counters(); },
                 .floods = [this] { return floods_.facts(steady_clock::now()); }},
                [this](AdminCommands::ReloadDone done) { users_.reload(steady_clock::now(), std::move(done)); }),
      admin_(
          context_, config.admin_socket, limits_of(config),
          [this](std::string_view line, AdminServer::Respond respond) {
            commands_.on_request(steady_clock::now(), line, std::move(respond));
          },
          log) {}

void ControlThread::run() {
  unblock_signals();
  queries_.tell_all(keys_.message());  // So that shards know the next key before it signs.
  wait_for_signal();
  wait_for_rotation();
  wait_for_turn();
  streams_.start();
  context_.run();
  admin_.close();
  streams_.stop();
  identities_.close();
}

void ControlThread::request_stop() {
  boost::asio::post(context_, [this] { on_stop_request(); });
}

void ControlThread::on_turn() {
  workers_.service();
  const SteadyTime now = steady_clock::now();
  queries_.on_turn(now);
  if (!stopping_) floods_.on_turn(now);
  identities_.on_turn(now, wall_time());
}

void ControlThread::wait_for_turn() {
  turn_timer_.expires_after(kTurnInterval);
  turn_timer_.async_wait([this](error_code error) {
    if (error) return;
    on_turn();
    wait_for_turn();
  });
}

void ControlThread::wait_for_rotation() {
  rotation_timer_.expires_after(to_chrono(config_.nonce_key_lifetime));
  rotation_timer_.async_wait([this](error_code error) {
    if (error) return;
    keys_.rotate();
    rotated_ = steady_clock::now();
    queries_.tell_all(keys_.message());
    log_.info("nonce key rotated", {{"key", keys_.current().id}});
    wait_for_rotation();
  });
}

void ControlThread::wait_for_signal() {
  signals_.async_wait([this](error_code error, int signal) {
    if (error) return;
    log_.info("signal received", {{"signal", signal == SIGHUP ? "SIGHUP" : signal == SIGINT ? "SIGINT" : "SIGTERM"}});
    if (signal == SIGHUP) {
      users_.reload(steady_clock::now(), [](const UserReload::Outcome&) {});  // The log has it.
      streams_.reload_certificates();
      identities_.reload();
    } else {
      on_stop_request();
    }
    wait_for_signal();
  });
}

void ControlThread::on_stop_request() {
  if (stopping_) {
    log_.warning("stopping at once, without the shards' last word");
    context_.stop();
    return;
  }
  stopping_ = true;
  log_.info("stopping: shards take no new work");
  const ShardQuestion question{.message = {.kind = engine::ControlMessage::Kind::kQuiesce}};
  queries_.ask(steady_clock::now(), question, [this](const ShardAnswer& answer) { on_quiesced(answer); });
}

void ControlThread::on_quiesced(const ShardAnswer& answer) {
  for (const unsigned shard : answer.silent) log_.warning("shard did not answer in time", {{"shard", shard}});
  log_.info("live subscriptions are left to be refreshed", {{"subscriptions", subscriptions_in(answer)}});
  context_.stop();
}

// Whom the other end of a connection has proved to be.
nlohmann::ordered_json ControlThread::proofs() const {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (const StreamProof& proof : streams_.proofs(config_.admin_rows_max)) {
    std::string domains;
    for (const std::string& domain : proof.domains) domains += (domains.empty() ? "" : ", ") + domain;
    std::array<char, 64> text;
    parsers::Writer writer(text.data(), text.size());
    proof.remote.address.write_host(writer);
    writer.put(':').put_uint(proof.remote.port);
    out.push_back({{"connection", proof.connection},
                   {"address", writer.text()},
                   {"peer", proof.peer},
                   {"domains", domains},
                   {"opened_by_us", proof.is_ours},
                   {"alias", proof.is_alias}});
  }
  return out;
}

nlohmann::ordered_json ControlThread::facts() const {
  const auto seconds_since = [](SteadyTime then) {
    return std::chrono::duration_cast<std::chrono::seconds>(steady_clock::now() - then).count();
  };
  return {{"version", VEDETTE_VERSION},
          {"pid", getpid()},
          {"uptime_seconds", seconds_since(started_)},
          {"stopping", stopping_},
          {"connections", streams_.connections()},
          {"proved_connections", proofs()},
          {"nonce_key", keys_.current().id},
          {"nonce_key_age_seconds", seconds_since(rotated_)}};
}

}  // namespace vedette::control
