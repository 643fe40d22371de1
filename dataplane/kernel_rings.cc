#include "dataplane/kernel_rings.h"

#include <rte_mbuf.h>
#include <rte_ring.h>
#include <rte_ring_elem.h>

#include "dataplane/ring.h"

namespace vedette::dataplane {
namespace {

rte_mbuf* take(rte_ring* ring) {
  void* frame = nullptr;
  return rte_ring_sc_dequeue(ring, &frame) == 0 ? static_cast<rte_mbuf*>(frame) : nullptr;
}

void empty_and_free(rte_ring* ring) {
  while (rte_mbuf* frame = take(ring)) rte_pktmbuf_free(frame);
  free_ring(ring);
}

}  // namespace

KernelRings::KernelRings(const DataplaneConfig& config, unsigned ports) {
  for (unsigned worker = 0; worker < config.workers; ++worker) {
    to_kernel_.push_back(make_ring({"tokernel", worker, 0}, sizeof(void*), config.exception_ring_size));
    requests_.push_back(
        make_ring({"resolve", worker, 0}, sizeof(ResolveRequest), config.unresolved_held_max));
  }
  for (unsigned port = 0; port < ports; ++port) {
    from_kernel_.push_back(make_ring({"fromkernel", port, 0}, sizeof(void*), config.exception_ring_size));
  }
}

KernelRings::~KernelRings() {
  for (rte_ring* ring : to_kernel_) empty_and_free(ring);
  for (rte_ring* ring : from_kernel_) empty_and_free(ring);
  for (rte_ring* ring : requests_) free_ring(ring);
}

bool KernelRings::try_to_kernel(unsigned worker, rte_mbuf* frame) {
  return rte_ring_sp_enqueue(to_kernel_[worker], frame) == 0;
}

bool KernelRings::try_resolve(unsigned worker, const ResolveRequest& request) {
  return rte_ring_sp_enqueue_elem(requests_[worker], const_cast<ResolveRequest*>(&request), sizeof request) ==
         0;
}

rte_mbuf* KernelRings::try_from_kernel(unsigned port) { return take(from_kernel_[port]); }

rte_mbuf* KernelRings::try_take_frame(unsigned worker) { return take(to_kernel_[worker]); }

bool KernelRings::try_take_request(unsigned worker, ResolveRequest& request) {
  return rte_ring_sc_dequeue_elem(requests_[worker], &request, sizeof request) == 0;
}

bool KernelRings::try_to_port(unsigned port, rte_mbuf* frame) {
  return rte_ring_sp_enqueue(from_kernel_[port], frame) == 0;
}

}  // namespace vedette::dataplane
