#include "dataplane/held_datagrams.h"

#include <rte_mbuf.h>

namespace vedette::dataplane {

HeldDatagrams::~HeldDatagrams() {
  while (size_ > 0) rte_pktmbuf_free(take_oldest());
}

bool HeldDatagrams::try_push(const Held& held) {
  if (size_ == places_.size()) return false;
  places_[(first_ + size_) % places_.size()] = held;
  ++size_;
  return true;
}

rte_mbuf* HeldDatagrams::take_oldest() {
  rte_mbuf* datagram = places_[first_].datagram;
  first_ = (first_ + 1) % places_.size();
  --size_;
  return datagram;
}

}  // namespace vedette::dataplane
