// What the threads of stream connections have together. Each part has a lock of its own, which is held for a few
// look-ups, when a connection begins, opens or ends, and never by a worker.
#pragma once

#include <vector>

#include "engine/control/stream_places.h"
#include "engine/control/stream_routes.h"
#include "engine/control/stream_tls.h"

namespace vedette::control {

class Streams;

struct StreamShared {
  // Throws std::runtime_error, whose text says what to do. `stream_config` outlives it.
  explicit StreamShared(const StreamConfig& stream_config)
      : config(stream_config), places(stream_config), tls(stream_config), threads(stream_config.threads) {}

  unsigned thread_of(uint32_t connection) const { return connection % config.threads; }

  const StreamConfig& config;
  StreamPlaces places;
  StreamRoutes routes;
  StreamTls tls;
  std::vector<Streams*> threads;    // By their numbers. All are there before any runs, until none does.
};

}  // namespace vedette::control
