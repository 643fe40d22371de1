// What travels with an mbuf from worker to worker, in its private area.
#pragma once

#include <rte_mbuf.h>

#include <cstdint>
#include <string_view>
#include <type_traits>

#include "engine/flow.h"
#include "engine/outbox.h"
#include "engine/reason.h"

namespace vedette::dataplane {

enum class HandOffKind : uint8_t {
  kDatagram,  // SIP bytes for the receiver's on_datagram.
  kPeer,      // SIP bytes for the receiver's on_peer.
  kFragment,  // A whole frame for the receiver's reassembly; flow.port_index says where it came in.
  kFrameOut,  // A whole frame for a transmit queue of flow.port_index.
};

struct PacketMeta {
  HandOffKind kind = HandOffKind::kDatagram;
  engine::PeerKind peer_kind = engine::PeerKind::kDatagram;
  engine::Reason verdict = engine::Reason::kNone;   // PeerKind::kVerified only.
  engine::Flow flow;
};
static_assert(std::is_trivially_copyable_v<PacketMeta>);

inline constexpr uint16_t kPacketPrivateBytes = RTE_ALIGN_CEIL(sizeof(PacketMeta), RTE_MBUF_PRIV_ALIGN);

inline PacketMeta& meta_of(rte_mbuf* packet) { return *static_cast<PacketMeta*>(rte_mbuf_to_priv(packet)); }

inline std::string_view bytes_of(const rte_mbuf* packet) {
  return {rte_pktmbuf_mtod(packet, const char*), rte_pktmbuf_data_len(packet)};
}

}  // namespace vedette::dataplane
