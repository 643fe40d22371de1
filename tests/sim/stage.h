// What every actor of one simulated world has in hand, and the phase the world is in.
#pragma once

#include "tests/sim/event_queue.h"
#include "tests/sim/network.h"
#include "tests/sim/preset.h"
#include "tests/sim/trace.h"
#include "tests/sim/verdict.h"

namespace vedette::sim {

enum class Phase : uint8_t {
  kSafety,      // Faults and whims: nothing wrong may happen.
  kLiveness,    // No faults, no whims: everything must converge.
  kWindDown,    // All leave or fall silent: nothing may be left.
};

struct Stage {
  const Preset& preset;
  EventQueue& clock;
  Network& network;
  Trace& trace;
  Verdict& verdict;
  // The server's addresses, IPv4 and IPv6.
  engine::Endpoint server_v4;
  engine::Endpoint server_v6;
  Phase phase = Phase::kSafety;

  engine::Instant now() const { return clock.now(); }
  const engine::Endpoint& server_for(const engine::Endpoint& own) const {
    return own.address.is_v4() ? server_v4 : server_v6;
  }
};

}  // namespace vedette::sim
