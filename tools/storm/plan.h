// What one run of the generator is to do.
#pragma once

#include <cstdint>
#include <string>

#include "tools/storm/population.h"
#include "tools/storm/workload.h"

namespace vedette::storm {

struct Plan {
  Workload workload;
  PopulationShape population;
  double speed = 1;              // Hours are this much shorter.
  double seconds = 10;           // Of the measured phase.
  double warm_up_seconds = 0;    // Before it, the same without counting.
  // PUBLISHes as fast as all their watchers have answered, `in_flight` presentities at a time, in place of the mix's
  // rates.
  bool flood = false;
  uint32_t in_flight = 8;
  double publishes_per_second = 0;     // In place of the mix's rate, when not 0.
  uint32_t window = 512;         // Requests at a time while everybody arrives as fast as answered.
  bool digest = false;           // Answer challenges.
  bool registers = true;
  bool is_attacked = false;      // The engine in this process has its limits on what one source may send.
  bool withhold = false;         // The crowd answers when all of it was told, so that sending alone is timed.
  uint32_t expires = 3600;
  uint8_t remote_tag_bytes = 20;
  double drain_seconds = 40;     // At the end what is under way may take so long.
  uint64_t seed = 1;
};

}  // namespace vedette::storm
