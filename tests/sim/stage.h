// What every actor of one simulated world has in hand, and the phase the world is in.
#pragma once

#include <vector>

#include "tests/sim/event_queue.h"
#include "tests/sim/network.h"
#include "tests/sim/played.h"
#include "tests/sim/preset.h"
#include "tests/sim/trace.h"
#include "tests/sim/verdict.h"

namespace vedette::sim {

enum class Phase : uint8_t {
  kSafety,      // Faults and whims: nothing wrong may happen.
  kLiveness,    // No faults, no whims: everything must converge.
  kWindDown,    // All leave or fall silent: nothing may be left.
};

// The clock leapt: what was due between is noticed after it.
struct Leap {
  engine::Instant from;
  engine::Instant to;
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
  std::vector<Leap> leaps = {};         // In order.
  engine::Instant starved_at = {};      // A shard said last that it has no room for a document.
  Played played = {};

  engine::Instant now() const { return clock.now(); }
  // When the server must have noticed what was due then.
  engine::Instant noticed_by(engine::Instant due) const {
    static constexpr engine::Duration kCatchesUpWithin = engine::Duration::seconds(2);
    for (const Leap& leap : leaps) {
      if (due > leap.from && due <= leap.to) due = leap.to + kCatchesUpWithin;
    }
    return due;
  }
  bool is_past(engine::Instant due) const { return now() > noticed_by(due); }
  const engine::Endpoint& server_for(const engine::Endpoint& own) const {
    return own.address.is_v4() ? server_v4 : server_v6;
  }
};

}  // namespace vedette::sim
