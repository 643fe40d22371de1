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

// `element_bytes` is a multiple of four. Throws SetupError.
rte_ring* make_ring(const RingName& name, size_t element_bytes, uint32_t capacity);
// What one ring takes of the EAL's memory.
uint64_t ring_bytes(size_t element_bytes, uint32_t capacity);

}  // namespace vedette::dataplane
