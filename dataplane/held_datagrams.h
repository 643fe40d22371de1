// Datagrams that wait for their next hop's MAC address, oldest first: bounded in number and in time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/time.h"

struct rte_mbuf;

namespace vedette::dataplane {

class HeldDatagrams {
 public:
  explicit HeldDatagrams(size_t capacity) : places_(capacity) {}
  ~HeldDatagrams();
  HeldDatagrams(const HeldDatagrams&) = delete;
  HeldDatagrams& operator=(const HeldDatagrams&) = delete;

  struct Held {
    rte_mbuf* datagram = nullptr;
    engine::Instant until;
  };
  // False: full, still the caller's. `until` never goes back from one call to the next.
  bool try_push(const Held& held);
  const Held* oldest() const { return size_ > 0 ? &places_[first_] : nullptr; }
  rte_mbuf* take_oldest();
  size_t size() const { return size_; }

 private:
  std::vector<Held> places_;
  size_t first_ = 0;
  size_t size_ = 0;
};

}  // namespace vedette::dataplane
