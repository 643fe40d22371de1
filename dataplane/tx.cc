#include "dataplane/tx.h"

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <cstring>
#include <span>

#include "dataplane/control_record.h"
#include "dataplane/fragments.h"
#include "dataplane/headers.h"
#include "dataplane/packet_meta.h"
#include "dataplane/resolve_request.h"

namespace vedette::dataplane {
namespace {

void drop(Worker& worker, rte_mbuf* packet, Fate fate) {
  worker.fates.add(fate);
  rte_pktmbuf_free(packet);
}

void flush_port(Worker& worker, PortEnd& end) {
  const uint16_t sent = rte_eth_tx_burst(end.port->id(), end.tx_queue, end.staged.data(), end.staged_count);
  if (sent > 0) worker.fates.add(Fate::kTxFrames, sent);
  if (sent < end.staged_count) {
    // SIP retransmits; waiting for a full queue would hold up everybody else.
    worker.fates.add(Fate::kTxQueueFull, static_cast<uint64_t>(end.staged_count - sent));
    rte_pktmbuf_free_bulk(end.staged.data() + sent, static_cast<unsigned>(end.staged_count - sent));
  }
  end.staged_count = 0;
}

void ask_kernel(Worker& worker, const NextHop& hop) {
  // A full ring means that the control thread has enough to ask already.
  static_cast<void>(worker.around.kernel->try_resolve(worker.index, {hop.address, hop.port, 0}));
}

void report_stale(Worker& worker, const NextHop& hop) {
  if (hop.neighbour >= worker.reported.size() || worker.reported[hop.neighbour]) return;
  worker.reported[hop.neighbour] = true;
  ask_kernel(worker, hop);
}

void send_fragments(Worker& worker, PortEnd& end, rte_mbuf* frame) {
  std::array<rte_mbuf*, kFragmentsMax> pieces;
  worker.ipv6_fragment_id += worker.around.config->workers;
  const size_t count = cut_into_fragments(
      frame, {worker.around.buffers->fragment_headers(), worker.around.buffers->references()},
      {end.port->config().mtu, worker.ipv6_fragment_id, !end.port->gathers()}, pieces);
  if (count == 0) return worker.fates.add(Fate::kNoBuffer);
  worker.fates.add(Fate::kTxFragmented);
  for (size_t i = 0; i < count; ++i) send_frame(worker, end, pieces[i]);
}

// The next hop is known: headers, checksums, fragments.
void send_datagram(Worker& worker, const NextHop& hop, rte_mbuf* datagram) {
  const engine::Flow& flow = meta_of(datagram).flow;
  PortEnd& end = worker.ports[hop.port];
  worker.ipv4_id = static_cast<uint16_t>(worker.ipv4_id + worker.around.config->workers);
  Envelope envelope{flow.local, flow.remote, end.port->mac(), hop.mac, worker.ipv4_id, false};
  const size_t headers = header_bytes(envelope);
  const size_t length = datagram->pkt_len;
  const bool fits = headers - kEthernetBytes + length <= end.port->config().mtu;
  envelope.checksum_by_port = fits && end.port->udp_checksum_by_port();
  write_headers(rte_pktmbuf_mtod(datagram, char*), length, envelope);
  rte_pktmbuf_prepend(datagram, static_cast<uint16_t>(headers));
  const bool v4 = flow.remote.address.is_v4();
  datagram->l2_len = kEthernetBytes;
  datagram->l3_len = static_cast<uint16_t>(v4 ? kIpv4Bytes : kIpv6Bytes) & 0x1ff;
  datagram->ol_flags = 0;
  if (envelope.checksum_by_port) {
    datagram->ol_flags = RTE_MBUF_F_TX_UDP_CKSUM | (v4 ? RTE_MBUF_F_TX_IPV4 : RTE_MBUF_F_TX_IPV6);
  }
  worker.fates.add(Fate::kTxDatagrams);
  if (fits) {
    send_frame(worker, end, datagram);
  } else {
    send_fragments(worker, end, datagram);
  }
}

void hold(Worker& worker, engine::Instant now, const NextHop& hop, rte_mbuf* datagram) {
  ask_kernel(worker, hop);
  const engine::Duration patience = engine::Duration::milliseconds(worker.around.config->unresolved_hold_ms);
  if (!worker.held.try_push({datagram, now + patience})) return drop(worker, datagram, Fate::kTxHeldFull);
  worker.fates.add(Fate::kTxHeld);
}

// SIP bytes with their flow in the private area.
void route_datagram(Worker& worker, engine::Instant now, rte_mbuf* datagram) {
  const engine::Flow& flow = meta_of(datagram).flow;
  if (flow.port_index >= worker.ports.size() || flow.local.address.is_v4() != flow.remote.address.is_v4()) {
    return drop(worker, datagram, Fate::kTxNoPort);
  }
  const NextHop hop = worker.table->find_next_hop(flow.remote.address);
  switch (hop.kind) {
    case NextHop::Kind::kNoRoute:
      return drop(worker, datagram, Fate::kTxNoRoute);
    case NextHop::Kind::kUnresolved:
      return hold(worker, now, hop, datagram);
    case NextHop::Kind::kResolved:
      if (hop.stale) report_stale(worker, hop);
      return send_datagram(worker, hop, datagram);
  }
}

void give_to_stream(Worker& worker, rte_mbuf* message) {
  if (!worker.around.streams->try_give(worker.index, message)) return drop(worker, message, Fate::kStreamRingFull);
  worker.fates.add(Fate::kStreamMessagesOut);
}

void hand_to_peer(Worker& worker, const engine::OutSlot& slot, rte_mbuf* message) {
  PacketMeta& meta = meta_of(message);
  meta.kind = HandOffKind::kPeer;
  meta.peer_kind = slot.peer_kind;
  meta.flow = slot.flow;
  if (!worker.around.hand_off->try_give({worker.index, slot.shard.value}, message)) {
    return drop(worker, message, Fate::kHandOffFull);
  }
  worker.fates.add(Fate::kPeerMessagesOut);
}

void post_record(Worker& worker, std::string_view bytes) {
  ControlRecord record;
  if (bytes.size() < sizeof record.header || bytes.size() - sizeof record.header > record.bytes.size()) {
    return worker.fates.add(Fate::kControlRecordTooLong);
  }
  std::memcpy(&record.header, bytes.data(), sizeof record.header);
  bytes.remove_prefix(sizeof record.header);
  record.length = static_cast<uint16_t>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), record.bytes.begin());
  worker.fates.add(worker.mailbox.try_post(record) ? Fate::kControlRecordsOut : Fate::kControlRecordsFull);
}

}  // namespace

bool make_room_for_answers(Worker& worker, engine::Instant now) {
  if (worker.out.outbox().room() >= engine::Shard::kOutputsPerCallMax) return true;
  drain_outbox(worker, now);
  return worker.out.outbox().room() >= engine::Shard::kOutputsPerCallMax;
}

void show_mailbox_room(Worker& worker) {
  const std::span<const engine::OutSlot> slots = worker.out.outbox().committed();
  const auto is_record = [](const engine::OutSlot& slot) { return slot.kind == engine::OutKind::kControl; };
  const auto waiting = static_cast<size_t>(std::count_if(slots.begin(), slots.end(), is_record));
  const size_t room = worker.mailbox.record_room();
  worker.out.outbox().set_control_room(room > waiting ? room - waiting : 0);
}

void show_stream_room(Worker& worker) {
  const std::span<const engine::OutSlot> slots = worker.out.outbox().committed();
  const auto is_message = [](const engine::OutSlot& slot) {
    return slot.kind == engine::OutKind::kDatagram && engine::is_reliable(slot.flow.transport);
  };
  // A quarter is kept for answers, which cannot wait, and what a binding leads to a connection.
  const size_t taken = worker.around.config->stream_ring_size / 4 +
                       static_cast<size_t>(std::count_if(slots.begin(), slots.end(), is_message));
  const size_t room = worker.around.streams->room(worker.index);
  worker.out.outbox().set_stream_room(room > taken ? room - taken : 0);
}

void drain_outbox(Worker& worker, engine::Instant now) {
  const std::span<const engine::OutSlot> slots = worker.out.outbox().committed();
  if (slots.empty() && worker.out.outbox().room() == OutBuffers::kSlots) return;
  for (size_t i = 0; i < slots.size(); ++i) {
    const engine::OutSlot& slot = slots[i];
    if (slot.kind == engine::OutKind::kControl) {
      post_record(worker, {slot.bytes, slot.length});
      continue;
    }
    rte_mbuf* message = worker.out.take(i);
    if (slot.kind == engine::OutKind::kPeer) {
      hand_to_peer(worker, slot, message);
    } else if (engine::is_reliable(slot.flow.transport)) {
      meta_of(message).flow = slot.flow;
      give_to_stream(worker, message);
    } else {
      meta_of(message).flow = slot.flow;
      route_datagram(worker, now, message);
    }
  }
  worker.out.lend();
}

void send_frame(Worker& worker, PortEnd& end, rte_mbuf* frame) {
  if (!end.transmits) {
    PacketMeta& meta = meta_of(frame);
    meta.kind = HandOffKind::kFrameOut;
    meta.flow.port_index = end.port->index();
    if (!worker.around.hand_off->try_give({worker.index, end.tx_worker}, frame)) {
      return drop(worker, frame, Fate::kHandOffFull);
    }
    return worker.fates.add(Fate::kTxMoved);
  }
  end.staged[end.staged_count++] = frame;
  if (end.staged_count == end.staged.size()) flush_port(worker, end);
}

void send_held(Worker& worker, engine::Instant now) {
  if (worker.held_tried_with != worker.table) {
    worker.held_tried_with = worker.table;
    std::fill(worker.reported.begin(), worker.reported.end(), false);
    for (size_t waiting = worker.held.size(); waiting > 0; --waiting) {
      const engine::Instant until = worker.held.oldest()->until;
      rte_mbuf* datagram = worker.held.take_oldest();
      const NextHop hop = worker.table->find_next_hop(meta_of(datagram).flow.remote.address);
      if (hop.kind == NextHop::Kind::kResolved) {
        send_datagram(worker, hop, datagram);
      } else {
        static_cast<void>(worker.held.try_push({datagram, until}));  // The place it had is free.
      }
    }
  }
  while (worker.held.oldest() != nullptr && worker.held.oldest()->until <= now) {
    drop(worker, worker.held.take_oldest(), Fate::kTxHeldTimeout);
  }
}

void flush(Worker& worker) {
  for (PortEnd& end : worker.ports) {
    if (end.staged_count > 0) flush_port(worker, end);
  }
}

}  // namespace vedette::dataplane
