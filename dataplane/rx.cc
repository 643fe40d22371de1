#include "dataplane/rx.h"

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <span>

#include "dataplane/headers.h"
#include "dataplane/packet_meta.h"
#include "dataplane/tx.h"
#include "engine/base/prefetch.h"

namespace vedette::dataplane {
namespace {

constexpr size_t kControlMessagesPerTurn = 4;

void drop(Worker& worker, rte_mbuf* packet, Fate fate) {
  worker.fates.add(fate);
  rte_pktmbuf_free(packet);
}

void hand_off(Worker& worker, unsigned to, rte_mbuf* packet, Fate fate) {
  if (worker.around.hand_off->try_give({worker.index, to}, packet)) {
    worker.fates.add(fate);
  } else {
    drop(worker, packet, Fate::kHandOffFull);
  }
}

// A request whose Identity has to be verified before this worker's shard goes on with it. When there is no room for
// it, that is the verdict.
void have_verified(Worker& worker, engine::Instant now, rte_mbuf* packet) {
  if (worker.around.verification->try_give(worker.index, packet)) return worker.fates.add(Fate::kVerificationsOut);
  const engine::PeerMessage full = {engine::PeerKind::kVerified, bytes_of(packet), meta_of(packet).flow,
                                    engine::Reason::kIdentitiesFull};
  worker.shard->on_peer(now, full, worker.out.outbox());
  drop(worker, packet, Fate::kVerificationsFull);
}

// A SIP datagram whose flow is in its private area, for this worker's shard first.
void give_to_shard(Worker& worker, engine::Instant now, rte_mbuf* packet) {
  if (!make_room_for_answers(worker, now)) return drop(worker, packet, Fate::kNoBuffer);
  PacketMeta& meta = meta_of(packet);
  if (meta.kind == HandOffKind::kPeer) {
    const engine::PeerMessage message = {meta.peer_kind, bytes_of(packet), meta.flow, meta.verdict};
    if (worker.shard->on_peer(now, message, worker.out.outbox()).verify) return have_verified(worker, now, packet);
    rte_pktmbuf_free(packet);
    return;
  }
  worker.fates.add(Fate::kRxToShard);
  const engine::DatagramFate fate =
      worker.shard->on_datagram(now, {bytes_of(packet), meta.flow}, worker.out.outbox());
  if (fate.verify) return have_verified(worker, now, packet);
  if (!fate.hand_off) {
    rte_pktmbuf_free(packet);
    return;
  }
  meta.kind = HandOffKind::kPeer;
  meta.peer_kind = engine::PeerKind::kDatagram;
  hand_off(worker, fate.owner.value, packet, Fate::kHandedOff);
}

void take_datagram(Worker& worker, const PortEnd& end, engine::Instant now, rte_mbuf* frame,
                   const FrameView& view) {
  if (view.unfinished_checksum) worker.fates.add(Fate::kRxUnfinishedChecksum);
  PacketMeta& meta = meta_of(frame);
  meta.kind = HandOffKind::kDatagram;
  meta.flow = {.port_index = end.port->index(), .local = view.local, .remote = view.remote};
  rte_pktmbuf_adj(frame, static_cast<uint16_t>(view.payload_at));
  rte_pktmbuf_trim(frame, static_cast<uint16_t>(frame->data_len - view.payload_length));
  if (end.spreads) {
    const uint64_t hash = mix_address(view.remote.address, view.remote.port);
    const unsigned to = static_cast<unsigned>(hash >> 16) % worker.around.config->workers;
    if (to != worker.index) return hand_off(worker, to, frame, Fate::kSpread);
  }
  give_to_shard(worker, now, frame);
}

ChecksumVerdict verdict_of(const rte_mbuf* frame) {
  const uint64_t flags = frame->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK;
  if (flags == RTE_MBUF_F_RX_L4_CKSUM_GOOD) return ChecksumVerdict::kGood;
  // The field is not right but the packet is: it never left this machine (virtio).
  if (flags == RTE_MBUF_F_RX_L4_CKSUM_NONE) return ChecksumVerdict::kGood;
  return flags == RTE_MBUF_F_RX_L4_CKSUM_BAD ? ChecksumVerdict::kBad : ChecksumVerdict::kUnknown;
}

FrameFilter filter_of(const Worker& worker, const PortEnd& end) {
  return {worker.table, end.port->index(), end.port->mac(), worker.around.config->sip_port,
          end.port->unfinished_checksums()};
}

void take_frame(Worker& worker, const PortEnd& end, engine::Instant now, rte_mbuf* frame);

void take_fragment(Worker& worker, const PortEnd& end, engine::Instant now, rte_mbuf* frame,
                   const Fragment& fragment) {
  const unsigned to = fragment_worker(fragment, worker.around.config->workers);
  if (to != worker.index) {
    PacketMeta& meta = meta_of(frame);
    meta.kind = HandOffKind::kFragment;
    meta.flow.port_index = end.port->index();
    return hand_off(worker, to, frame, Fate::kFragmentsMoved);
  }
  worker.fates.add(Fate::kRxFragments);
  // A whole datagram is a frame like any other; it is no fragment any more.
  if (rte_mbuf* whole = worker.reassembly.add(now, fragment, frame)) take_frame(worker, end, now, whole);
}

void give_to_kernel(Worker& worker, const PortEnd& end, rte_mbuf* frame) {
  frame->port = end.port->index();
  if (worker.around.kernel->try_to_kernel(worker.index, frame)) {
    worker.fates.add(Fate::kRxToKernel);
  } else {
    drop(worker, frame, Fate::kKernelRingFull);
  }
}

void take_frame(Worker& worker, const PortEnd& end, engine::Instant now, rte_mbuf* frame) {
  const FrameView view = parse_frame(bytes_of(frame), filter_of(worker, end), verdict_of(frame));
  switch (view.kind) {
    case FrameView::Kind::kSip:
      return take_datagram(worker, end, now, frame, view);
    case FrameView::Kind::kFragment:
      return take_fragment(worker, end, now, frame, view.fragment);
    case FrameView::Kind::kKernel:
      return give_to_kernel(worker, end, frame);
    case FrameView::Kind::kDrop:
      return drop(worker, frame, view.fate);
  }
}

// A frame was written by the port, or by another core. What of it most messages take comes while others are
// served; where it lies is said by its buffer, which comes before that.
void fetch_ahead(std::span<rte_mbuf* const> burst, size_t at) {
  constexpr size_t kBuffersAhead = 6, kFramesAhead = 3, kFrameBytes = 512;
  if (at == 0) {
    for (rte_mbuf* buffer : burst.first(std::min(burst.size(), kBuffersAhead))) {
      engine::prefetch_for_writing(buffer, sizeof(rte_mbuf) + kPacketPrivateBytes);
    }
    for (rte_mbuf* frame : burst.first(std::min(burst.size(), kFramesAhead))) {
      engine::prefetch_bytes(rte_pktmbuf_mtod(frame, const char*), kFrameBytes);
    }
  }
  if (at + kBuffersAhead < burst.size()) {
    engine::prefetch_for_writing(burst[at + kBuffersAhead], sizeof(rte_mbuf) + kPacketPrivateBytes);
  }
  if (at + kFramesAhead < burst.size()) {
    engine::prefetch_bytes(rte_pktmbuf_mtod(burst[at + kFramesAhead], const char*), kFrameBytes);
  }
}

void take_hand_off(Worker& worker, engine::Instant now, rte_mbuf* packet) {
  const PacketMeta& meta = meta_of(packet);
  switch (meta.kind) {
    case HandOffKind::kDatagram:
    case HandOffKind::kPeer:
      return give_to_shard(worker, now, packet);
    case HandOffKind::kFragment:
      return take_frame(worker, worker.ports[meta.flow.port_index], now, packet);
    case HandOffKind::kFrameOut:
      return send_frame(worker, worker.ports[meta.flow.port_index], packet);
  }
}

}  // namespace

size_t receive_frames(Worker& worker, engine::Instant now) {
  size_t count = 0;
  bool is_drained = true;
  std::array<rte_mbuf*, kBurst> frames;
  for (const PortEnd& end : worker.ports) {
    if (!end.receives) continue;
    const uint16_t received =
        rte_eth_rx_burst(end.port->id(), static_cast<uint16_t>(worker.index), frames.data(), kBurst);
    const auto burst = std::span(frames).first(received);
    for (size_t i = 0; i < burst.size(); ++i) {
      fetch_ahead(burst, i);
      take_frame(worker, end, now, burst[i]);
    }
    count += received;
    is_drained = is_drained && received < kBurst;
  }
  worker.queue.on_received(now, count, is_drained);
  if (count > 0) worker.fates.add(Fate::kRxFrames, count);
  return count;
}

size_t receive_hand_offs(Worker& worker, engine::Instant now) {
  size_t count = 0;
  std::array<rte_mbuf*, kBurst> packets;
  for (unsigned from = 0; from < worker.around.config->workers; ++from) {
    const size_t taken = worker.around.hand_off->take({from, worker.index}, packets);
    for (size_t i = 0; i < taken; ++i) take_hand_off(worker, now, packets[i]);
    count += taken;
  }
  if (count > 0) worker.fates.add(Fate::kHandedIn, count);
  return count;
}

size_t receive_streams(Worker& worker, engine::Instant now) {
  size_t count = 0;
  std::array<rte_mbuf*, kBurst> messages;
  for (unsigned thread = 0; thread < worker.around.config->stream_threads; ++thread) {
    const size_t taken = worker.around.streams->take({worker.index, thread}, messages);
    for (size_t i = 0; i < taken; ++i) give_to_shard(worker, now, messages[i]);
    count += taken;
  }
  if (count > 0) worker.fates.add(Fate::kStreamMessagesIn, count);
  return count;
}

size_t receive_verdicts(Worker& worker, engine::Instant now) {
  std::array<rte_mbuf*, kBurst> requests;
  const size_t taken = worker.around.verification->take({worker.index, 0}, requests);
  for (size_t i = 0; i < taken; ++i) give_to_shard(worker, now, requests[i]);
  if (taken > 0) worker.fates.add(Fate::kVerdictsIn, taken);
  return taken;
}

size_t receive_kernel_frames(Worker& worker) {
  size_t count = 0;
  for (PortEnd& end : worker.ports) {
    if (!end.sends_for_kernel) continue;
    for (uint16_t i = 0; i < kBurst; ++i, ++count) {
      rte_mbuf* frame = worker.around.kernel->try_from_kernel(end.port->index());
      if (frame == nullptr) break;
      send_frame(worker, end, frame);
    }
  }
  if (count > 0) worker.fates.add(Fate::kTxKernelFrames, count);
  return count;
}

size_t receive_control(Worker& worker, engine::Instant now) {
  engine::ControlMessage message;
  size_t count = 0;
  while (count < kControlMessagesPerTurn && make_room_for_answers(worker, now) &&
         worker.mailbox.try_take(message)) {
    show_mailbox_room(worker);
    worker.shard->on_control(now, message, worker.out.outbox());
    ++count;
  }
  if (count > 0) worker.fates.add(Fate::kControlMessagesIn, count);
  return count;
}

}  // namespace vedette::dataplane
