#include "dataplane/fragments.h"

#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_ip_frag.h>
#include <rte_mbuf.h>

#include <cstring>

#include "dataplane/headers.h"

namespace vedette::dataplane {
namespace {

int cut_ipv4(rte_mbuf* packet, const FragmentPools& pools, uint16_t mtu,
             std::span<rte_mbuf*, kFragmentsMax> out) {
  const int count =
      rte_ipv4_fragment_packet(packet, out.data(), kFragmentsMax, mtu, pools.headers, pools.references);
  for (int i = 0; i < count; ++i) {
    auto* ip = rte_pktmbuf_mtod(out[static_cast<size_t>(i)], rte_ipv4_hdr*);
    ip->hdr_checksum = 0;
    ip->hdr_checksum = rte_ipv4_cksum(ip);
  }
  return count;
}

int cut_ipv6(rte_mbuf* packet, const FragmentPools& pools, const FragmentOptions& options,
             std::span<rte_mbuf*, kFragmentsMax> out) {
  const int count = rte_ipv6_fragment_packet(packet, out.data(), kFragmentsMax, options.mtu, pools.headers,
                                             pools.references);
  for (int i = 0; i < count; ++i) {
    // The library leaves the identification zero; RFC 8200 §4.5 wants it different for each datagram.
    auto* ip = rte_pktmbuf_mtod(out[static_cast<size_t>(i)], rte_ipv6_hdr*);
    reinterpret_cast<rte_ipv6_fragment_ext*>(ip + 1)->id = rte_cpu_to_be_32(options.ipv6_id);
  }
  return count;
}

bool add_ethernet(rte_mbuf* packet, const rte_ether_hdr& ethernet, bool contiguous) {
  char* at = rte_pktmbuf_prepend(packet, kEthernetBytes);
  if (at == nullptr) return false;
  std::memcpy(at, &ethernet, kEthernetBytes);
  return !contiguous || rte_pktmbuf_linearize(packet) == 0;
}

}  // namespace

size_t cut_into_fragments(rte_mbuf* frame, const FragmentPools& pools, const FragmentOptions& options,
                          std::span<rte_mbuf*, kFragmentsMax> out) {
  rte_ether_hdr ethernet;
  std::memcpy(&ethernet, rte_pktmbuf_mtod(frame, const char*), sizeof ethernet);
  rte_pktmbuf_adj(frame, kEthernetBytes);
  const int count = ethernet.ether_type == rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4)
                        ? cut_ipv4(frame, pools, options.mtu, out)
                        : cut_ipv6(frame, pools, options, out);
  rte_pktmbuf_free(frame);  // The fragments hold what they need of it.
  if (count <= 0) return 0;
  bool complete = true;
  for (int i = 0; i < count; ++i) {
    complete = add_ethernet(out[static_cast<size_t>(i)], ethernet, options.contiguous) && complete;
  }
  if (complete) return static_cast<size_t>(count);
  rte_pktmbuf_free_bulk(out.data(), static_cast<unsigned>(count));
  return 0;
}

}  // namespace vedette::dataplane
