#include "dataplane/buffers.h"

#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "dataplane/packet_meta.h"
#include "dataplane/setup_error.h"

namespace vedette::dataplane {
namespace {

constexpr unsigned kCache = 64;
constexpr uint32_t kHeaderSpare = 512;  // Headers of all layers, and what a reassembly keeps in front.
constexpr uint32_t kPage = 4096;
constexpr uint32_t kXdpFill = 2048;
constexpr uint32_t kMempoolOverhead = 192;  // Of one element: object header, alignment.
// Workers may outnumber CPUs: a thread that is interrupted while it takes a buffer must not hold up others.
// Of each buffer, made resident at start: what most messages take. So memory does not grow when queues are long for the
// first time, and no worker waits for the kernel to find a page.
constexpr uint32_t kTouchedBytes = 2048;
constexpr const char* kPoolKind = "ring_mt_rts";

rte_mempool* make_pool(const char* name, uint32_t count, uint32_t data_room) {
  rte_mempool* pool = rte_pktmbuf_pool_create_by_ops(
      name, count, kCache, kPacketPrivateBytes, static_cast<uint16_t>(data_room), SOCKET_ID_ANY, kPoolKind);
  if (pool == nullptr) {
    throw SetupError(std::string("no memory for ") + std::to_string(count) + " buffers (" + name + "): " +
                     rte_strerror(rte_errno) + "; raise dataplane memory_mb or lower mbufs_per_worker");
  }
  const auto touch = [](rte_mempool*, void*, void* object, unsigned) {
    rte_mbuf* const buffer = static_cast<rte_mbuf*>(object);
    std::memset(buffer->buf_addr, 0, std::min<uint32_t>(buffer->buf_len, kTouchedBytes));
  };
  rte_mempool_obj_iter(pool, touch, nullptr);
  return pool;
}

// With all that stands before the bytes an AF_XDP socket wants it between 2 and 4 KiB.
uint32_t received_room(const BufferShape& shape) {
  return RTE_PKTMBUF_HEADROOM + std::max<uint32_t>(RTE_MBUF_DEFAULT_DATAROOM, shape.mtu_max + 64U);
}

// A pool begins no buffer in one page that ends in another, unless it is longer than that: then each begins a page.
uint64_t element_bytes(uint64_t data_room) {
  const uint64_t bytes = sizeof(rte_mbuf) + kPacketPrivateBytes + kMempoolOverhead + data_room;
  return bytes > kPage ? RTE_ALIGN_CEIL(bytes, uint64_t{kPage}) : kPage / (kPage / bytes);
}

uint32_t fragment_room(const BufferShape& shape) { return RTE_PKTMBUF_HEADROOM + shape.mtu_max + 64U; }

}  // namespace

BufferShape BufferShape::of(const DataplaneConfig& config, uint32_t datagram_bytes_max) {
  BufferShape shape;
  shape.workers = config.workers;
  // The rings of further threads hold further buffers: datagrams do not go short of them.
  shape.per_worker = config.mbufs_per_worker + 2 * config.stream_ring_size * (config.stream_threads - 1);
  // An AF_XDP socket takes 2,048 for itself whatever its queues are told.
  shape.received_per_worker = config.mbufs_per_worker + std::max(2 * config.rx_descriptors, kXdpFill);
  shape.frame_bytes = (datagram_bytes_max + kHeaderSpare + kPage - 1) / kPage * kPage;
  for (const PortConfig& port : config.ports) shape.mtu_max = std::max(shape.mtu_max, port.mtu);
  shape.frame_bytes = std::max<uint32_t>(shape.frame_bytes, shape.mtu_max + kHeaderSpare);
  return shape;
}

uint64_t BufferShape::bytes() const {
  const uint64_t of_worker = per_worker * (element_bytes(RTE_PKTMBUF_HEADROOM + frame_bytes) +
                                           element_bytes(fragment_room(*this)) + element_bytes(0)) +
                             received_per_worker * element_bytes(received_room(*this));
  return workers * of_worker;
}

Buffers::Buffers(const BufferShape& shape)
    : frames_(make_pool("vd_frames", shape.workers * shape.received_per_worker, received_room(shape))),
      packets_(make_pool("vd_packets", shape.workers * shape.per_worker,
                         RTE_PKTMBUF_HEADROOM + shape.frame_bytes)),
      headers_(make_pool("vd_headers", shape.workers * shape.per_worker, fragment_room(shape))),
      references_(make_pool("vd_references", shape.workers * shape.per_worker, 0)) {}

void Buffers::FreePool::operator()(rte_mempool* pool) const { rte_mempool_free(pool); }

}  // namespace vedette::dataplane
