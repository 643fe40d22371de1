// DPDK's environment layer: brought up once per process, quietly, with or without huge pages.
#pragma once

#include <cstdint>

#include "dataplane/config.h"

namespace vedette::dataplane {

// The first call brings it up with room for `bytes`; later calls do nothing. Throws SetupError.
void start_eal(const DataplaneConfig& config, uint64_t bytes);

}  // namespace vedette::dataplane
