#include "dataplane/stream_rings.h"

#include <rte_mbuf.h>
#include <rte_ring.h>

#include <cstring>

#include "dataplane/packet_meta.h"
#include "dataplane/ring.h"

namespace vedette::dataplane {
namespace {

rte_mbuf* take_one(rte_ring* ring) {
  void* message = nullptr;
  return rte_ring_sc_dequeue(ring, &message) == 0 ? static_cast<rte_mbuf*>(message) : nullptr;
}

}  // namespace

StreamRings::StreamRings(const DataplaneConfig& config, const Buffers& buffers) : buffers_(buffers) {
  for (unsigned worker = 0; worker < config.workers; ++worker) {
    to_worker_.push_back(make_ring({"streamin", worker, 0}, sizeof(void*), config.stream_ring_size));
    from_worker_.push_back(make_ring({"streamout", worker, 0}, sizeof(void*), config.stream_ring_size));
  }
}

StreamRings::~StreamRings() {
  for (const auto* rings : {&to_worker_, &from_worker_}) {
    for (rte_ring* ring : *rings) {
      while (rte_mbuf* message = take_one(ring)) rte_pktmbuf_free(message);
      free_ring(ring);
    }
  }
}

size_t StreamRings::take(unsigned worker, std::span<rte_mbuf*> out) {
  return rte_ring_sc_dequeue_burst(to_worker_[worker], reinterpret_cast<void**>(out.data()),
                                   static_cast<unsigned>(out.size()), nullptr);
}

bool StreamRings::try_give(unsigned worker, rte_mbuf* message) {
  return rte_ring_sp_enqueue(from_worker_[worker], message) == 0;
}

uint32_t StreamRings::room(unsigned worker) const { return rte_ring_free_count(from_worker_[worker]); }

bool StreamRings::try_to_worker(unsigned worker, const StreamMessage& message) {
  rte_mbuf* packet = rte_pktmbuf_alloc(buffers_.packets());
  if (packet == nullptr) return false;
  char* bytes = rte_pktmbuf_append(packet, static_cast<uint16_t>(message.bytes.size()));
  if (bytes == nullptr) {
    rte_pktmbuf_free(packet);
    return false;
  }
  std::memcpy(bytes, message.bytes.data(), message.bytes.size());
  PacketMeta& meta = meta_of(packet);
  meta.kind = message.kind == engine::PeerKind::kDatagram ? HandOffKind::kDatagram : HandOffKind::kPeer;
  meta.peer_kind = message.kind;
  meta.flow = message.flow;
  // How full the ring is may not be asked: DPDK's answer reads the other thread's end of it without order.
  if (rte_ring_sp_enqueue(to_worker_[worker], packet) == 0) return true;
  rte_pktmbuf_free(packet);
  return false;
}

bool StreamRings::try_from_worker(unsigned worker, std::string& bytes, engine::Flow& flow) {
  rte_mbuf* message = take_one(from_worker_[worker]);
  if (message == nullptr) return false;
  bytes.assign(bytes_of(message));
  flow = meta_of(message).flow;
  rte_pktmbuf_free(message);
  return true;
}

}  // namespace vedette::dataplane
