#include "dataplane/ring.h"

#include <rte_errno.h>
#include <rte_ring.h>
#include <rte_ring_elem.h>

#include <bit>
#include <string>

#include "dataplane/setup_error.h"

namespace vedette::dataplane {

rte_ring* make_ring(const RingName& name, size_t element_bytes, uint32_t capacity) {
  const std::string text =
      std::string("vd_") + name.what + "_" + std::to_string(name.from) + "_" + std::to_string(name.to);
  rte_ring* ring = rte_ring_create_elem(text.c_str(), static_cast<unsigned>(element_bytes), capacity,
                                        SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ | RING_F_EXACT_SZ);
  if (ring == nullptr) {
    throw SetupError("no ring " + text + " of " + std::to_string(capacity) + " places: " +
                     rte_strerror(rte_errno) + "; raise dataplane memory_mb or make the ring smaller");
  }
  return ring;
}

uint64_t ring_bytes(size_t element_bytes, uint32_t capacity) {
  return uint64_t{std::bit_ceil(capacity + 1)} * element_bytes + 1024;
}

}  // namespace vedette::dataplane
