#include "tools/storm/ring_wire.h"

#include <rte_eth_ring.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_ring.h>
#include <rte_udp.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "dataplane/config_check.h"
#include "dataplane/headers.h"
#include "dataplane/packet_meta.h"
#include "engine/base/prefetch.h"

namespace vedette::storm {
namespace {

constexpr uint16_t kHeaderRoom = RTE_PKTMBUF_HEADROOM;
constexpr uint32_t kUsersBegin = 0x0a000100;  // 10.0.1.0.
constexpr uint32_t kServer = 0x0afffffe;      // 10.255.255.254.
constexpr uint16_t kSipPort = 5060;
constexpr size_t kTouchedBytes = 1'024;   // Of each buffer, beforehand: as much as most frames have.
constexpr uint64_t kCheckedEach = 64;  // Of so many frames one has its checksum checked.

constexpr size_t kAnswerBytes = 448;   // With the headers before it.

}  // namespace

RingWire::RingWire(const RingShape& shape)
    : shape_(shape), partitions_(engine::PartitionMap::spread_evenly(shape.lanes)), lanes_(shape.lanes) {
  dataplane::parse_mac(peer_mac(), own_mac_);
  server_ = {engine::IpAddress::v4(kServer), kSipPort};
  incoming_.reserve(kBurst);
  std::vector<rte_ring*> in, out;
  for (unsigned i = 0; i < shape.lanes; ++i) {
    const auto make = [&](const char* way) {
      return rte_ring_create((std::string("storm_") + way + std::to_string(i)).c_str(), shape.places,
                             SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
    };
    in.push_back(lanes_[i].to_server = make("in"));
    out.push_back(lanes_[i].from_server = make("out"));
    if (in.back() == nullptr || out.back() == nullptr)
      throw std::runtime_error("no memory for the generator's rings");
  }
  // The engine's workers give these buffers back: one of them may be interrupted while it does.
  pool_ = rte_pktmbuf_pool_create_by_ops("storm_pool", shape.lanes * shape.places * 2 - 1, 256,
                                         dataplane::kPacketPrivateBytes, kHeaderRoom + kDatagramBytes,
                                         SOCKET_ID_ANY, "ring_mt_rts");
  if (pool_ == nullptr) throw std::runtime_error("no memory for the generator's buffers");
  // What becomes resident later is the engine's.
  const auto touch = [](rte_mempool*, void*, void* buffer, unsigned) {
    std::memset(rte_pktmbuf_mtod(static_cast<rte_mbuf*>(buffer), char*), 0, kTouchedBytes);
  };
  rte_mempool_obj_iter(pool_, touch, nullptr);
  if (rte_eth_from_rings("storm", in.data(), shape.lanes, out.data(), shape.lanes, 0) < 0) {
    throw std::runtime_error("DPDK makes no port of rings");
  }
}

RingWire::~RingWire() {
  give_back();
  if (lent_ != nullptr) rte_pktmbuf_free(lent_);
  rte_mempool_put_bulk(pool_, reinterpret_cast<void**>(spare_.data() + spare_begin_), spare_end_ - spare_begin_);
  for (Lane& lane : lanes_) {
    rte_pktmbuf_free_bulk(lane.staged.data(), lane.staged_count);
    for (rte_ring* ring : {lane.to_server, lane.from_server}) {
      void* left = nullptr;
      while (rte_ring_dequeue(ring, &left) == 0) rte_pktmbuf_free(static_cast<rte_mbuf*>(left));
      rte_ring_free(ring);
    }
  }
  rte_mempool_free(pool_);
}

void RingWire::connect(const dataplane::MacAddress& server) { server_mac_ = server; }

engine::Endpoint RingWire::endpoint(uint32_t user, unsigned device) const {
  return {engine::IpAddress::v4(kUsersBegin + user), static_cast<uint16_t>(kSipPort + device)};
}

unsigned RingWire::lane_of(std::string_view aor) const {
  return shape_.lanes == 1 ? 0 : partitions_.owner(engine::partition_of_aor(aor)).value;
}

// The server's end of a ring is on a cache line of the server's core: it is looked at when what is known does not do.
bool RingWire::has_room(Lane& lane, unsigned frames) const {
  const unsigned wanted = lane.staged_count + frames;
  if (wanted > lane.staged.size()) return false;
  if (lane.room < wanted) lane.room = rte_ring_free_count(lane.to_server);
  return lane.room >= wanted;
}

unsigned RingWire::places_free() const {
  unsigned least = shape_.places;
  for (const Lane& lane : lanes_) least = std::min(least, rte_ring_free_count(lane.to_server));
  return least;
}

void RingWire::give_back() {
  rte_pktmbuf_free_bulk(taken_.data(), taken_count_);
  taken_count_ = 0;
  incoming_.clear();
}

std::span<const Incoming> RingWire::receive() {
  give_back();
  // Answers go out before anything else: a burst is taken when all lanes have room for as many.
  for (Lane& lane : lanes_) {
    if (!has_room(lane, kBurst)) return {};
  }
  for (unsigned i = 0; i < lanes_.size() && taken_count_ == 0; ++i) {
    next_lane_ = next_lane_ + 1 < lanes_.size() ? next_lane_ + 1 : 0;
    taken_count_ = rte_ring_dequeue_burst(lanes_[next_lane_].from_server,
                                          reinterpret_cast<void**>(taken_.data()), kBurst, nullptr);
  }
  // What a frame is stands on lines that the server's core wrote: first all that say where it is, then all headers.
  for (unsigned i = 0; i < taken_count_; ++i) __builtin_prefetch(taken_[i]);
  for (unsigned i = 0; i < taken_count_; ++i) __builtin_prefetch(rte_pktmbuf_mtod(taken_[i], const char*));
  for (unsigned i = 0; i < taken_count_; ++i) take(taken_[i], next_lane_);
  return incoming_;
}

void RingWire::take(rte_mbuf* frame, unsigned lane) {
  const auto* ip = rte_pktmbuf_mtod_offset(frame, const rte_ipv4_hdr*, sizeof(rte_ether_hdr));
  const size_t ip_bytes = rte_ipv4_hdr_len(ip);
  const auto* udp = rte_pktmbuf_mtod_offset(frame, const rte_udp_hdr*, sizeof(rte_ether_hdr) + ip_bytes);
  const size_t at = sizeof(rte_ether_hdr) + ip_bytes + sizeof(rte_udp_hdr);
  const size_t length = rte_be_to_cpu_16(udp->dgram_len) - sizeof(rte_udp_hdr);
  if (frame->nb_segs != 1 || at + length > frame->data_len ||
      (ip->fragment_offset & rte_cpu_to_be_16(RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK)) != 0) {
    ++damaged_;
    return;
  }
  // Summed with the checksum in its place, a good datagram comes to nothing, which UDP writes as all ones.
  if (seen_++ % kCheckedEach == 0 && rte_ipv4_udptcp_cksum(ip, udp) != 0xffff) ++damaged_;
  incoming_.push_back(
      {{rte_pktmbuf_mtod_offset(frame, const char*, at), length},
       {engine::IpAddress::v4(rte_be_to_cpu_32(ip->dst_addr)), rte_be_to_cpu_16(udp->dst_port)},
       lane});
}

bool RingWire::find_buffers() {
  std::copy(spare_.begin() + spare_begin_, spare_.begin() + spare_end_, spare_.begin());
  spare_end_ -= spare_begin_;
  spare_begin_ = 0;
  if (rte_mempool_get_bulk(pool_, reinterpret_cast<void**>(spare_.data() + spare_end_), kBurst) != 0) return false;
  for (unsigned i = 0; i < kBurst; ++i) engine::prefetch_for_writing(spare_[spare_end_ + i], 1);
  spare_end_ += kBurst;
  return true;
}

// The server's core read a buffer last: what is not fetched before it is written to is waited for at each line.
rte_mbuf* RingWire::take_buffer() {
  if (spare_end_ - spare_begin_ <= kAhead && !find_buffers() && spare_begin_ == spare_end_) return nullptr;
  if (spare_begin_ + kAhead < spare_end_) {
    const auto* const bytes = static_cast<const char*>(spare_[spare_begin_ + kAhead]->buf_addr) + kHeaderRoom;
    engine::prefetch_for_writing(bytes - RTE_CACHE_LINE_SIZE, kAnswerBytes);
  }
  rte_mbuf* const buffer = spare_[spare_begin_++];
  rte_pktmbuf_reset(buffer);
  return buffer;
}

char* RingWire::lend() {
  if (lent_ != nullptr) return rte_pktmbuf_mtod(lent_, char*);
  for (Lane& lane : lanes_) {
    if (has_room(lane, 1)) continue;
    flush_lane(lane);
    if (!has_room(lane, 1)) return nullptr;
  }
  lent_ = take_buffer();
  return lent_ == nullptr ? nullptr : rte_pktmbuf_mtod(lent_, char*);
}

void RingWire::send(size_t length, const engine::Endpoint& from, unsigned lane) {
  rte_mbuf* const frame = lent_;
  lent_ = nullptr;
  const dataplane::Envelope envelope{from, server_, own_mac_, server_mac_, ++ipv4_id_, false};
  rte_pktmbuf_append(frame, static_cast<uint16_t>(length));
  dataplane::write_headers(rte_pktmbuf_mtod(frame, char*), length, envelope);
  rte_pktmbuf_prepend(frame, static_cast<uint16_t>(dataplane::header_bytes(envelope)));
  const unsigned by_address = from.address.v4_host_order() % shape_.lanes;
  Lane& to = lanes_[shape_.steers ? lane % shape_.lanes : by_address];
  to.staged[to.staged_count++] = frame;
}

void RingWire::flush_lane(Lane& lane) {
  const unsigned sent = rte_ring_enqueue_burst(lane.to_server, reinterpret_cast<void**>(lane.staged.data()),
                                               lane.staged_count, nullptr);
  std::copy(lane.staged.begin() + sent, lane.staged.begin() + lane.staged_count, lane.staged.begin());
  lane.staged_count -= sent;
  lane.room -= sent;
}

void RingWire::flush() {
  for (Lane& lane : lanes_) {
    if (lane.staged_count > 0) flush_lane(lane);
  }
}

}  // namespace vedette::storm
