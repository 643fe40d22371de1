// The rings between the workers and the thread that calls service(): frames for the kernel and back, and
// neighbours to resolve. Each ring has one producer and one consumer.
#pragma once

#include <cstdint>
#include <vector>

#include "dataplane/config.h"
#include "dataplane/resolve_request.h"

struct rte_mbuf;
struct rte_ring;

namespace vedette::dataplane {

class KernelRings {
 public:
  KernelRings(const DataplaneConfig& config, unsigned ports);  // Throws SetupError.
  ~KernelRings();
  KernelRings(const KernelRings&) = delete;
  KernelRings& operator=(const KernelRings&) = delete;

  // Worker side. mbuf->port says which port the frame came in by. False: full, still the caller's.
  bool try_to_kernel(unsigned worker, rte_mbuf* frame);
  bool try_resolve(unsigned worker, const ResolveRequest& request);
  // By the one worker that sends the kernel's frames on this port.
  rte_mbuf* try_from_kernel(unsigned port);

  // Service side.
  rte_mbuf* try_take_frame(unsigned worker);
  bool try_take_request(unsigned worker, ResolveRequest& request);
  bool try_to_port(unsigned port, rte_mbuf* frame);

 private:
  std::vector<rte_ring*> to_kernel_;    // Per worker.
  std::vector<rte_ring*> requests_;     // Per worker.
  std::vector<rte_ring*> from_kernel_;  // Per port.
};

}  // namespace vedette::dataplane
