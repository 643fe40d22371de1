// The slots that a worker lends its shard: each over a packet buffer with room for all headers in front, so
// that what the shard writes is sent from where it lies.
#pragma once

#include <array>
#include <cstdint>

#include "engine/outbox.h"

struct rte_mbuf;
struct rte_mempool;

namespace vedette::dataplane {

class OutBuffers {
 public:
  static constexpr size_t kSlots = 64;

  OutBuffers(rte_mempool* pool, uint32_t message_bytes_max);
  ~OutBuffers();
  OutBuffers(const OutBuffers&) = delete;
  OutBuffers& operator=(const OutBuffers&) = delete;

  // Gives every slot a buffer again and empties the outbox. Fewer slots are lent when the pool runs dry.
  void lend();
  engine::Outbox& outbox() { return outbox_; }
  // The buffer behind a committed slot, cut to its length; its memory is now the caller's.
  rte_mbuf* take(size_t slot);

 private:
  rte_mempool* pool_;
  uint32_t message_bytes_max_;
  std::array<rte_mbuf*, kSlots> buffers_{};
  std::array<bool, kSlots> fresh_{};               // From the pool as it was given back.
  std::array<engine::OutSlot, kSlots> slots_{};
  engine::Outbox outbox_;
};

}  // namespace vedette::dataplane
