// What a worker asks of the kernel through the control thread: find this station's MAC address, or, when it
// is known, hear that it is in use.
#pragma once

#include <cstdint>

#include "engine/flow.h"

namespace vedette::dataplane {

struct ResolveRequest {
  engine::IpAddress address;
  uint16_t port = 0;
  uint16_t unused = 0;  // rte_ring copies words of four bytes.
};
static_assert(sizeof(ResolveRequest) % 4 == 0);

}  // namespace vedette::dataplane
