#include "dataplane/out_buffers.h"

#include <rte_mbuf.h>

#include <algorithm>
#include <span>

#include "dataplane/packet_meta.h"
#include "engine/base/prefetch.h"

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
  // Those who had them last were ports and other cores: what of each is written here comes while others are prepared.
  size_t has = 0;
  for (; has < touched; ++has) {
    if (buffers_[has] != nullptr) continue;
    buffers_[has] = rte_mbuf_raw_alloc(pool_);
    if (buffers_[has] == nullptr) break;
    engine::prefetch_for_writing(buffers_[has], sizeof(rte_mbuf) + kPacketPrivateBytes);
    fresh_[has] = true;
  }
  size_t lent = 0;
  for (; lent < has; ++lent) {
    if (fresh_[lent]) rte_pktmbuf_reset(buffers_[lent]);
    fresh_[lent] = false;
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
