#include "tests/loop/loop_port.h"

#include <rte_eth_ring.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include <chrono>
#include <cstring>
#include <thread>

#include "engine/base/check.h"

namespace vedette::tests {
namespace {

constexpr unsigned kBuffers = 2047;
constexpr uint16_t kBufferBytes = 24'000;

}  // namespace

LoopPort::LoopPort(const std::string& name, Queues queues, uint32_t places) : name_(name) {
  const auto ring = [&](const char* way, unsigned queue) {
    const std::string text = name + way + std::to_string(queue);
    rte_ring* made = rte_ring_create(text.c_str(), places, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
    VEDETTE_CHECK(made != nullptr);
    return made;
  };
  for (unsigned queue = 0; queue < queues.rx; ++queue) in_.push_back(ring("_in", queue));
  for (unsigned queue = 0; queue < queues.tx; ++queue) out_.push_back(ring("_out", queue));
  pool_ = rte_pktmbuf_pool_create((name + "_pool").c_str(), kBuffers, 0, 64, kBufferBytes, SOCKET_ID_ANY);
  VEDETTE_CHECK(pool_ != nullptr);
  VEDETTE_CHECK(rte_eth_from_rings(name.c_str(), in_.data(), queues.rx, out_.data(), queues.tx, 0) >= 0);
}

LoopPort::~LoopPort() {
  for (const std::vector<rte_ring*>* rings : {&in_, &out_}) {
    for (rte_ring* ring : *rings) {
      void* left = nullptr;
      while (rte_ring_dequeue(ring, &left) == 0) rte_pktmbuf_free(static_cast<rte_mbuf*>(left));
      rte_ring_free(ring);
    }
  }
  rte_mempool_free(pool_);
}

void LoopPort::put(std::string_view frame, unsigned queue) {
  rte_mbuf* buffer = rte_pktmbuf_alloc(pool_);
  VEDETTE_CHECK(buffer != nullptr);
  char* bytes = rte_pktmbuf_append(buffer, static_cast<uint16_t>(frame.size()));
  VEDETTE_CHECK(bytes != nullptr);
  std::memcpy(bytes, frame.data(), frame.size());
  VEDETTE_CHECK(rte_ring_enqueue(in_[queue], buffer) == 0);
}

std::optional<std::string> LoopPort::try_take() {
  for (rte_ring* ring : out_) {
    void* taken = nullptr;
    if (rte_ring_dequeue(ring, &taken) != 0) continue;
    auto* frame = static_cast<rte_mbuf*>(taken);
    std::string bytes;
    for (const rte_mbuf* part = frame; part != nullptr; part = part->next) {
      bytes.append(rte_pktmbuf_mtod(part, const char*), part->data_len);
    }
    rte_pktmbuf_free(frame);
    return bytes;
  }
  return std::nullopt;
}

std::optional<std::string> LoopPort::take() {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  do {
    if (std::optional<std::string> frame = try_take()) return frame;
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  } while (std::chrono::steady_clock::now() < deadline);
  return std::nullopt;
}

}  // namespace vedette::tests
