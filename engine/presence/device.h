// Which device a request comes from, as far as it can be told: so that a device that registers and publishes is one.
#pragma once

#include <cstdint>

#include "engine/core.h"
#include "engine/transaction/request.h"

namespace vedette::engine {

// A hash of the address that it arrived from, and of what its sender calls itself in its Via, which is the
// last one, so that devices behind one proxy differ.
uint64_t device_of(const Core& core, const Request& request);

}  // namespace vedette::engine
