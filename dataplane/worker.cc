#include "dataplane/worker.h"

#include <rte_mbuf.h>

namespace vedette::dataplane {
namespace {

PortEnd end_of(const Port& port, unsigned worker, unsigned workers) {
  PortEnd end;
  end.port = &port;
  end.receives = worker < port.rx_queues();
  end.spreads = port.rx_queues() < workers;
  end.transmits = worker < port.tx_queues();
  end.tx_queue = static_cast<uint16_t>(worker);
  end.tx_worker = worker % port.tx_queues();
  end.sends_for_kernel = worker == port.index() % port.tx_queues();
  return end;
}

engine::ShardEnvironment with_arena(engine::ShardEnvironment environment, Arena* arena) {
  environment.documents = arena;
  environment.try_allocate = Arena::try_allocate;
  return environment;
}

}  // namespace

Worker::Worker(unsigned index_of_worker, const WorkerSurroundings& surroundings,
               const engine::ShardEnvironment& environment)
    : index(index_of_worker),
      around(surroundings),
      out(around.buffers->packets(), around.engine->limits.datagram_bytes_max),
      arena(std::make_unique<Arena>(around.engine->limits.document_bytes_max)),
      shard(std::make_unique<engine::Shard>(with_arena(environment, arena.get()))),
      idle(*around.config),
      reassembly(*around.config, around.buffers->packets(), fates),
      held(around.config->unresolved_held_max),
      reported(around.config->neighbours_max),
      mailbox(index, *around.config) {
  for (const auto& port : *around.ports) ports.push_back(end_of(*port, index, around.config->workers));
  const auto& seed = environment.random_seed;
  ipv4_id = static_cast<uint16_t>((seed[0] << 8 | seed[1]) * around.config->workers + index);
  ipv6_fragment_id = (uint32_t{seed[2]} << 24 | uint32_t{seed[3]} << 16) * around.config->workers + index;
}

Worker::~Worker() {
  for (PortEnd& end : ports) rte_pktmbuf_free_bulk(end.staged.data(), end.staged_count);
}

}  // namespace vedette::dataplane
