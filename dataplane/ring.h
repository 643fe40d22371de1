// Makes the SPSC rings of the dataplane: named, sized exactly, one producer and one consumer.
#pragma once

#include <cstddef>
#include <cstdint>

struct rte_ring;

namespace vedette::dataplane {

struct RingName {
  const char* what;
  unsigned from;
  unsigned to;
};

// `element_bytes` is a multiple of four. Not a memzone of its own, as rte_ring_create would have it: the EAL has room
// for 2,560 of those, and each worker has a ring to each other one. Throws SetupError.
rte_ring* make_ring(const RingName& name, size_t element_bytes, uint32_t capacity);
void free_ring(rte_ring* ring);   // Made by make_ring, or null.
// How many elements more it takes, for its producer. DPDK's own answer reads the consumer's end of it without order.
uint32_t ring_room(const rte_ring* ring);
// What one ring takes of the EAL's memory.
uint64_t ring_bytes(size_t element_bytes, uint32_t capacity);

}  // namespace vedette::dataplane
