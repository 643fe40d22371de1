// Datagrams that leave in fragments (rte_ip_frag): 4 kB NOTIFYs are normal. Poll thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "dataplane/mac_address.h"

struct rte_mbuf;
struct rte_mempool;

namespace vedette::dataplane {

// A datagram of 65,535 bytes in IPv6's least MTU of 1,280.
inline constexpr size_t kFragmentsMax = 54;

struct FragmentPools {
  rte_mempool* headers = nullptr;     // Buffers for a fragment's headers, large enough for a whole fragment.
  rte_mempool* references = nullptr;  // mbufs without bytes that point into the datagram.
};

struct FragmentOptions {
  uint16_t mtu = 1500;
  uint32_t ipv6_id = 0;
  bool contiguous = false;  // The port cannot gather: copy each fragment into one run of bytes.
};

// Cuts `frame` (Ethernet, IP, UDP, payload; checksums complete) into frames that fit, and frees it. Returns
// how many of `out` it filled; 0: no buffers.
size_t cut_into_fragments(rte_mbuf* frame, const FragmentPools& pools, const FragmentOptions& options,
                          std::span<rte_mbuf*, kFragmentsMax> out);

}  // namespace vedette::dataplane
