// What the control thread changes under the workers' feet: the forwarding table, published whole and freed
// when no worker can still see it (rte_rcu), and the order to stop.
//
// The control thread publishes and reclaims; each worker asks for the table once per turn.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "dataplane/forwarding_table.h"

struct rte_rcu_qsbr;

namespace vedette::dataplane {

class Quiesce {
 public:
  explicit Quiesce(unsigned workers);  // Throws SetupError.
  ~Quiesce();
  Quiesce(const Quiesce&) = delete;
  Quiesce& operator=(const Quiesce&) = delete;

  // Control side.
  void publish(std::unique_ptr<const ForwardingTable> table);
  void reclaim();  // Frees tables that nobody reads any more. Never waits.
  const ForwardingTable& newest() const { return *current_; }
  void order_stop() { stop_.store(true, std::memory_order_release); }
  void forget_stop() { stop_.store(false, std::memory_order_release); }

  // Worker side.
  void enter(unsigned worker);
  void leave(unsigned worker);
  // Gives up whatever table this worker had before, and gives the newest.
  const ForwardingTable* renew(unsigned worker);
  bool stop_ordered() const { return stop_.load(std::memory_order_acquire); }

 private:
  struct Retired {
    std::unique_ptr<const ForwardingTable> table;
    uint64_t token = 0;
  };
  struct FreeQsbr {
    void operator()(rte_rcu_qsbr* qsbr) const;
  };
  std::unique_ptr<rte_rcu_qsbr, FreeQsbr> qsbr_;
  std::atomic<const ForwardingTable*> published_;
  std::atomic<bool> stop_{false};
  std::unique_ptr<const ForwardingTable> current_;  // Control side; what published_ points to.
  std::vector<Retired> retired_;                    // Control side.
};

}  // namespace vedette::dataplane
