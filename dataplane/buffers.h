// The packet buffers of the whole dataplane, made at start. Any thread takes and gives back; each worker
// has its own cache in front of the pools.
#pragma once

#include <cstdint>
#include <memory>

#include "dataplane/config.h"

struct rte_mempool;

namespace vedette::dataplane {

// What one packet buffer must hold.
struct BufferShape {
  uint32_t workers = 1;
  uint32_t per_worker = 0;
  uint32_t received_per_worker = 0;  // Of `frames`: what lies in receive queues besides.
  uint32_t frame_bytes = 0;          // The longest frame: a whole datagram, received or before it is cut.
  uint16_t mtu_max = 1500;

  static BufferShape of(const DataplaneConfig& config, uint32_t datagram_bytes_max);
  uint64_t bytes() const;
};

class Buffers {
 public:
  explicit Buffers(const BufferShape& shape);  // Throws SetupError.

  rte_mempool* frames() const { return frames_.get(); }    // What a NIC receives: a frame of the MTU each.
  rte_mempool* packets() const { return packets_.get(); }  // A whole message each.
  rte_mempool* fragment_headers() const { return headers_.get(); }
  rte_mempool* references() const { return references_.get(); }  // No bytes of their own.

 private:
  struct FreePool {
    void operator()(rte_mempool* pool) const;
  };
  using Pool = std::unique_ptr<rte_mempool, FreePool>;
  Pool frames_;
  Pool packets_;
  Pool headers_;
  Pool references_;
};

}  // namespace vedette::dataplane
