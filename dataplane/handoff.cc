#include "dataplane/handoff.h"

#include <rte_mbuf.h>
#include <rte_ring.h>

#include "dataplane/ring.h"

namespace vedette::dataplane {

HandOff::HandOff(const DataplaneConfig& config)
    : workers_(config.workers), rings_(std::make_unique<rte_ring*[]>(config.workers * config.workers)) {
  for (unsigned from = 0; from < workers_; ++from) {
    for (unsigned to = 0; to < workers_; ++to) {
      rings_[from * workers_ + to] =
          make_ring({"handoff", from, to}, sizeof(void*), config.handoff_ring_size);
    }
  }
}

HandOff::~HandOff() {
  for (unsigned i = 0; i < workers_ * workers_; ++i) {
    void* packet = nullptr;
    while (rings_[i] != nullptr && rte_ring_sc_dequeue(rings_[i], &packet) == 0) {
      rte_pktmbuf_free(static_cast<rte_mbuf*>(packet));
    }
    free_ring(rings_[i]);
  }
}

bool HandOff::try_give(Way way, rte_mbuf* packet) { return rte_ring_sp_enqueue(ring(way), packet) == 0; }

size_t HandOff::take(Way way, std::span<rte_mbuf*> out) {
  return rte_ring_sc_dequeue_burst(ring(way), reinterpret_cast<void**>(out.data()),
                                   static_cast<unsigned>(out.size()), nullptr);
}

}  // namespace vedette::dataplane
