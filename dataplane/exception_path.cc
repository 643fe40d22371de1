#include "dataplane/exception_path.h"

#include <rte_mbuf.h>

#include <span>

#include "dataplane/packet_meta.h"

namespace vedette::dataplane {
namespace {

constexpr unsigned kFramesPerCall = 64;  // From each ring and each TAP.

}  // namespace

void ExceptionPath::service() {
  for (unsigned worker = 0; worker < parts_.workers; ++worker) {
    frames_to_kernel(worker);
    requests(worker);
  }
  for (unsigned port = 0; port < taps_.size(); ++port) {
    if (taps_[port] != nullptr) frames_from_kernel(port);
  }
}

void ExceptionPath::frames_to_kernel(unsigned worker) {
  for (unsigned i = 0; i < kFramesPerCall; ++i) {
    rte_mbuf* frame = parts_.rings->try_take_frame(worker);
    if (frame == nullptr) return;
    // Workers set mbuf->port to the index of our port, not to DPDK's number.
    const std::unique_ptr<Tap>& tap = taps_[frame->port];
    const bool written = tap != nullptr && tap->try_write(bytes_of(frame));
    parts_.fates->add(written ? Fate::kTapFramesOut : Fate::kTapWriteFailed);
    rte_pktmbuf_free(frame);
  }
}

void ExceptionPath::frames_from_kernel(unsigned port) {
  for (unsigned i = 0; i < kFramesPerCall; ++i) {
    rte_mbuf* frame = rte_pktmbuf_alloc(parts_.buffers->packets());
    if (frame == nullptr) {
      parts_.fates->add(Fate::kTapNoBuffer);
      return;
    }
    const size_t length =
        taps_[port]->try_read({rte_pktmbuf_mtod(frame, char*), rte_pktmbuf_tailroom(frame)});
    if (length == 0) {
      rte_pktmbuf_free(frame);
      return;
    }
    frame->data_len = static_cast<uint16_t>(length);
    frame->pkt_len = static_cast<uint32_t>(length);
    parts_.fates->add(Fate::kTapFramesIn);
    if (!parts_.rings->try_to_port(port, frame)) {
      parts_.fates->add(Fate::kTapRingFull);
      rte_pktmbuf_free(frame);
    }
  }
}

void ExceptionPath::requests(unsigned worker) {
  ResolveRequest request;
  for (unsigned i = 0; i < kFramesPerCall && parts_.rings->try_take_request(worker, request); ++i) {
    parts_.mirror->resolve(request);
  }
}

}  // namespace vedette::dataplane
