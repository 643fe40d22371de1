#include "dataplane/ring.h"

#include <rte_common.h>
#include <rte_malloc.h>
#include <rte_ring.h>
#include <rte_ring_elem.h>

#include <bit>
#include <string>

#include "dataplane/setup_error.h"

namespace vedette::dataplane {

rte_ring* make_ring(const RingName& name, size_t element_bytes, uint32_t capacity) {
  const std::string text =
      std::string("vd_") + name.what + "_" + std::to_string(name.from) + "_" + std::to_string(name.to);
  const auto element = static_cast<unsigned>(element_bytes);
  const ssize_t bytes = rte_ring_get_memsize_elem(element, std::bit_ceil(capacity + 1));
  void* const memory = bytes < 0 ? nullptr : rte_zmalloc(text.c_str(), static_cast<size_t>(bytes), RTE_CACHE_LINE_SIZE);
  auto* const ring = static_cast<rte_ring*>(memory);
  if (ring == nullptr ||
      rte_ring_init(ring, text.c_str(), capacity, RING_F_SP_ENQ | RING_F_SC_DEQ | RING_F_EXACT_SZ) != 0) {
    rte_free(memory);
    throw SetupError("no ring " + text + " of " + std::to_string(capacity) +
                     " places; raise dataplane memory_mb or make the ring smaller");
  }
  return ring;
}

void free_ring(rte_ring* ring) { rte_free(ring); }

uint32_t ring_room(const rte_ring* ring) {
  // Both count on and on; a consumer that goes on meanwhile makes more room.
  return ring->capacity - (ring->prod.tail - __atomic_load_n(&ring->cons.tail, __ATOMIC_RELAXED));
}

uint64_t ring_bytes(size_t element_bytes, uint32_t capacity) {
  return uint64_t{std::bit_ceil(capacity + 1)} * element_bytes + 1024;
}

}  // namespace vedette::dataplane
