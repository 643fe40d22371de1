#include "dataplane/out_buffers.h"

#include <rte_mbuf.h>

#include <algorithm>
#include <span>

namespace vedette::dataplane {

OutBuffers::OutBuffers(rte_mempool* pool, uint32_t message_bytes_max)
    : pool_(pool), message_bytes_max_(message_bytes_max), outbox_(std::span<engine::OutSlot>()) {
  lend();
}

OutBuffers::~OutBuffers() {
  for (rte_mbuf* buffer : buffers_) rte_pktmbuf_free(buffer);
}

void OutBuffers::lend() {
  // Those behind the one that the shard may have begun are as they were lent, if all were.
  const size_t used = outbox_.committed().size();
  const size_t touched = used + outbox_.room() == kSlots ? std::min(used + 1, kSlots) : kSlots;
  size_t lent = 0;
  for (; lent < touched; ++lent) {
    if (buffers_[lent] == nullptr) buffers_[lent] = rte_pktmbuf_alloc(pool_);
    if (buffers_[lent] == nullptr) break;
    slots_[lent] = {};
    slots_[lent].bytes = rte_pktmbuf_mtod(buffers_[lent], char*);
    slots_[lent].capacity = message_bytes_max_;
  }
  outbox_ = engine::Outbox(std::span(slots_).first(lent == touched ? kSlots : lent));
}

rte_mbuf* OutBuffers::take(size_t slot) {
  rte_mbuf* buffer = buffers_[slot];
  buffers_[slot] = nullptr;
  buffer->data_len = static_cast<uint16_t>(slots_[slot].length);
  buffer->pkt_len = slots_[slot].length;
  return buffer;
}

}  // namespace vedette::dataplane
