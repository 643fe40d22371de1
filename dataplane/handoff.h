// Packets from one worker to another: one single-producer, single-consumer ring for each ordered pair. What a
// packet is and where it belongs travels in its private area (packet_meta).
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "dataplane/config.h"

struct rte_mbuf;
struct rte_ring;

namespace vedette::dataplane {

class HandOff {
 public:
  explicit HandOff(const DataplaneConfig& config);  // Throws SetupError.
  ~HandOff();                                       // Frees what is still under way.
  HandOff(const HandOff&) = delete;
  HandOff& operator=(const HandOff&) = delete;

  struct Way {
    unsigned from = 0;
    unsigned to = 0;
  };
  // False: the ring is full, and the packet is still the caller's. Called by worker `from`.
  bool try_give(Way way, rte_mbuf* packet);
  // As many as there are, at most `out`. Called by worker `to`.
  size_t take(Way way, std::span<rte_mbuf*> out);
  unsigned workers() const { return workers_; }

 private:
  rte_ring* ring(Way way) const { return rings_[way.from * workers_ + way.to]; }

  unsigned workers_;
  std::unique_ptr<rte_ring*[]> rings_;
};

}  // namespace vedette::dataplane
