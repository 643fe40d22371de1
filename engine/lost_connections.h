// Stream connections that are gone, and that somebody here depended on (connection_users.h): subscriptions end,
// bindings expire. As many a turn as timers, because one connection may have carried thousands: a proxy's. Runs on the
// shard's worker.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/core.h"

namespace vedette::engine {

class Notifier;
class RegisterHandler;
class Registrar;

class LostConnections {
 public:
  LostConnections(Core& core, Notifier& notifier, Registrar& registrar, RegisterHandler& registration);

  void on_lost(uint32_t connection);
  void run(Instant now);
  bool has_work() const { return !lost_.empty(); }

 private:
  Core& core_;
  Notifier& notifier_;
  Registrar& registrar_;
  RegisterHandler& registration_;
  std::vector<uint32_t> lost_;   // Room for limits.connections_max is made once.
};

}  // namespace vedette::engine
