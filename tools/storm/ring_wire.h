// A wire to an engine in this process: a DPDK port made of rings, whose other end is ours. Frames are real ones, with
// checksums in software both ways, and full rings hold the generator up, so nothing is dropped on its side.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "dataplane/mac_address.h"
#include "engine/partition.h"
#include "tools/storm/wire.h"

struct rte_mbuf;
struct rte_mempool;
struct rte_ring;

namespace vedette::storm {

struct RingShape {
  unsigned lanes = 1;            // Queues of the port, both ways.
  uint32_t places = 4'096;       // Of each ring; a power of two.
  // Requests and answers go to the queue of the worker that owns them, as by flow rules. False: by their sender's
  // address, as a NIC spreads them.
  bool steers = true;
};

class RingWire final : public Wire {
 public:
  // Needs the EAL. The port exists from now on under device(); connect() comes when its MAC address is known.
  explicit RingWire(const RingShape& shape);
  ~RingWire() override;
  RingWire(const RingWire&) = delete;
  RingWire& operator=(const RingWire&) = delete;

  static std::string device() { return "net_ring_storm"; }
  static std::string server_prefix() { return "10.255.255.254/8"; }
  static std::string peer_mac() { return "02:00:00:00:00:02"; }
  void connect(const dataplane::MacAddress& server);

  std::span<const Incoming> receive() override;
  char* lend() override;
  void send(size_t length, const engine::Endpoint& from, unsigned lane) override;
  void flush() override;
  engine::Endpoint endpoint(uint32_t user, unsigned device) const override;
  unsigned lane_of(std::string_view aor) const override;
  uint64_t damaged() const override { return damaged_; }
  unsigned places_free() const;  // On the way to the server, of the lane that has the fewest.

 private:
  static constexpr unsigned kBurst = 32;
  static constexpr unsigned kAhead = 4;    // Buffers whose memory is fetched before they are lent.
  struct Lane {
    rte_ring* to_server = nullptr;
    rte_ring* from_server = nullptr;
    std::array<rte_mbuf*, 2 * kBurst> staged{};
    unsigned staged_count = 0;
    unsigned room = 0;           // Places of to_server that are known to be free. There may be more.
  };

  bool has_room(Lane& lane, unsigned frames) const;
  rte_mbuf* take_buffer();
  bool find_buffers();
  void take(rte_mbuf* frame, unsigned lane);
  void give_back();
  void flush_lane(Lane& lane);

  RingShape shape_;
  engine::PartitionMap partitions_;
  dataplane::MacAddress server_mac_;
  dataplane::MacAddress own_mac_;
  engine::Endpoint server_;
  rte_mempool* pool_ = nullptr;
  std::vector<Lane> lanes_;
  rte_mbuf* lent_ = nullptr;
  // Buffers to be lent next, in this order.
  std::array<rte_mbuf*, kAhead + kBurst> spare_{};
  unsigned spare_begin_ = 0, spare_end_ = 0;
  std::array<rte_mbuf*, kBurst> taken_{};
  unsigned taken_count_ = 0;
  std::vector<Incoming> incoming_;
  unsigned next_lane_ = 0;
  uint16_t ipv4_id_ = 0;
  uint64_t seen_ = 0;
  uint64_t damaged_ = 0;
};

}  // namespace vedette::storm
