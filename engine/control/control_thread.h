// The control thread: the one thread that talks to everything that is not a shard's network; connections have threads
// of their own (stream_threads.h). It rotates the nonce keys, answers operators, gives the dataplane its time for the
// kernel's side, and stops the engine cleanly. It never touches a shard's state; it sends messages and gets rows.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/control/admin_commands.h"
#include "engine/control/admin_server.h"
#include "engine/control/config.h"
#include "engine/control/flood_watch.h"
#include "engine/control/identity_verifier.h"
#include "engine/control/log.h"
#include "engine/control/nonce_keys.h"
#include "engine/control/shard_queries.h"
#include "engine/control/stream_threads.h"
#include "engine/control/user_reload.h"
#include "engine/control/workers.h"

namespace vedette::control {

class ControlThread {
 public:
  // Opens the admin socket; throws std::runtime_error, whose text says what to do. SIGTERM, SIGINT and
  // SIGHUP (users are read again) are this one's from here on. All references outlive it.
  ControlThread(const ControlConfig& config, Workers& workers, NonceKeys& keys, Log& log);

  // Runs on the caller's thread until the engine is to stop, and has asked the shards to take no new work.
  // The workers still run when it returns.
  void run();
  // As SIGTERM does: the first asks for a clean stop, the second for an immediate one. Any thread.
  void request_stop();

 private:
  void on_turn();
  void wait_for_turn();
  void wait_for_rotation();
  void wait_for_signal();
  void on_stop_request();
  void on_quiesced(const ShardAnswer& answer);
  nlohmann::ordered_json facts() const;
  nlohmann::ordered_json proofs() const;

  const ControlConfig& config_;
  Workers& workers_;
  NonceKeys& keys_;
  Log& log_;
  SteadyTime started_;
  SteadyTime rotated_;
  bool stopping_ = false;
  boost::asio::io_context context_{1};
  boost::asio::signal_set signals_;
  boost::asio::steady_timer turn_timer_;
  boost::asio::steady_timer rotation_timer_;
  ShardQueries queries_;
  UserReload users_;
  FloodWatch floods_;
  StreamThreads streams_;
  IdentityVerifier identities_;
  AdminCommands commands_;
  AdminServer admin_;
};

}  // namespace vedette::control
