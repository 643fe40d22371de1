#include "dataplane/stream_rings.h"

#include <rte_mbuf.h>
#include <rte_ring.h>

#include <algorithm>
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

unsigned stream_thread_of(const engine::Flow& flow, unsigned threads) {
  if (flow.connection != 0) return flow.connection % threads;
  // FNV-1a: nothing is to be hidden here.
  uint32_t hash = 2'166'136'261U;
  const auto add = [&](uint8_t byte) { hash = (hash ^ byte) * 16'777'619U; };
  for (const uint8_t byte : flow.remote.address.bytes) add(byte);
  add(static_cast<uint8_t>(flow.remote.port >> 8));
  add(static_cast<uint8_t>(flow.remote.port));
  return (hash ^ hash >> 16) % threads;
}

StreamRings::StreamRings(const Shape& shape, const Buffers& buffers) : buffers_(buffers), threads_(shape.threads) {
  for (unsigned worker = 0; worker < shape.workers; ++worker) {
    for (unsigned thread = 0; thread < threads_; ++thread) {
      to_worker_.push_back(make_ring({shape.in_name, thread, worker}, sizeof(void*), shape.size));
      from_worker_.push_back(make_ring({shape.out_name, worker, thread}, sizeof(void*), shape.size));
    }
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

size_t StreamRings::take(Way way, std::span<rte_mbuf*> out) {
  return rte_ring_sc_dequeue_burst(to_worker_[place_of(way)], reinterpret_cast<void**>(out.data()),
                                   static_cast<unsigned>(out.size()), nullptr);
}

bool StreamRings::try_give(unsigned worker, rte_mbuf* message) {
  const Way way{worker, stream_thread_of(meta_of(message).flow, threads_)};
  return rte_ring_sp_enqueue(from_worker_[place_of(way)], message) == 0;
}

uint32_t StreamRings::room(unsigned worker) const {
  uint32_t room = UINT32_MAX;
  for (unsigned thread = 0; thread < threads_; ++thread) {
    room = std::min(room, ring_room(from_worker_[place_of({worker, thread})]));
  }
  return room;
}

bool StreamRings::try_to_worker(Way way, const StreamMessage& message) {
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
  meta.verdict = message.verdict;
  meta.flow = message.flow;
  if (rte_ring_sp_enqueue(to_worker_[place_of(way)], packet) == 0) return true;
  rte_pktmbuf_free(packet);
  return false;
}

bool StreamRings::try_from_worker(Way way, std::string& bytes, engine::Flow& flow) {
  rte_mbuf* message = take_one(from_worker_[place_of(way)]);
  if (message == nullptr) return false;
  bytes.assign(bytes_of(message));
  flow = meta_of(message).flow;
  rte_pktmbuf_free(message);
  return true;
}

}  // namespace vedette::dataplane
