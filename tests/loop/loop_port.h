// A DPDK port whose other end is the test: what the test puts in is received by the workers, what they send
// comes out here. Two rings for each queue, no kernel.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct rte_mempool;
struct rte_ring;

namespace vedette::tests {

class LoopPort {
 public:
  struct Queues {
    unsigned rx = 1;
    unsigned tx = 1;
  };
  // Needs the EAL. The device's name is "net_ring_" + name.
  LoopPort(const std::string& name, Queues queues, uint32_t places = 1024);
  ~LoopPort();
  LoopPort(const LoopPort&) = delete;
  LoopPort& operator=(const LoopPort&) = delete;

  std::string device() const { return "net_ring_" + name_; }
  // Into one receive queue.
  void put(std::string_view frame, unsigned queue = 0);
  // The next frame from any transmit queue, waiting up to a second for it.
  std::optional<std::string> take();
  // What there is, without waiting.
  std::optional<std::string> try_take();

 private:
  std::string name_;
  std::vector<rte_ring*> in_;
  std::vector<rte_ring*> out_;
  rte_mempool* pool_ = nullptr;
};

}  // namespace vedette::tests
