#include "engine/lost_connections.h"

#include "engine/presence/notifier.h"
#include "engine/registrar/register.h"
#include "engine/registrar/registrar.h"

namespace vedette::engine {

LostConnections::LostConnections(Core& core, Notifier& notifier, Registrar& registrar, RegisterHandler& registration)
    : core_(core), notifier_(notifier), registrar_(registrar), registration_(registration) {
  lost_.reserve(core.limits.connections_max);
}

void LostConnections::on_lost(uint32_t connection) {
  if (core_.connection_users.find(connection) == kNoIndex) return;
  core_.counters.add(Counter::kConnectionsLost);
  // Full: what depends on it is left to its next NOTIFY.
  if (lost_.size() < lost_.capacity()) lost_.push_back(connection);
}

void LostConnections::run(Instant now) {
  if (lost_.empty()) return;
  core_.timers.start(now);
  const uint32_t bindings_from = core_.binding_user(0);
  for (uint32_t left = core_.limits.timers_per_turn_max; left > 0 && !lost_.empty(); --left) {
    const uint32_t user = core_.connection_users.find(lost_.back());
    if (user == kNoIndex) {
      lost_.pop_back();
    } else if (user < bindings_from) {
      notifier_.on_connection_lost(now, user);
    } else {
      registration_.on_timer(now, registrar_.on_connection_lost(now, user - bindings_from));
    }
  }
}

}  // namespace vedette::engine
