#include "dataplane/headers.h"

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_udp.h>

#include <array>
#include <cstddef>
#include <cstring>

#include "dataplane/checksum.h"

namespace vedette::dataplane {
namespace {

constexpr uint8_t kHopLimit = 64;
constexpr size_t kTcpChecksumAt = 16;  // RFC 9293 §3.1.

// The network layer of a frame, whichever it is.
struct Packet {
  bool v4 = false;
  const rte_ipv4_hdr* ipv4 = nullptr;
  const rte_ipv6_hdr* ipv6 = nullptr;
  engine::IpAddress source;
  engine::IpAddress destination;
  uint32_t payload_at = 0;  // In the frame.
  uint32_t payload_length = 0;
};

FrameView dropped(Fate fate) {
  FrameView view;
  view.kind = FrameView::Kind::kDrop;
  view.fate = fate;
  return view;
}

engine::IpAddress v6_address(const uint8_t* bytes) {
  engine::IpAddress address;
  std::memcpy(address.bytes.data(), bytes, address.bytes.size());
  return address;
}

uint16_t sum_over(const void* bytes, size_t length, uint64_t further = 0) {
  return fold_words(sum_words(static_cast<const char*>(bytes), length) + further);
}

// RFC 791 §3.1. Nearly all headers are as long as ours: five numbers are not worth a call.
uint16_t sum_of_header(const rte_ipv4_hdr& ip, size_t length) {
  if (length != kIpv4Bytes) return sum_over(&ip, length);
  std::array<uint32_t, kIpv4Bytes / sizeof(uint32_t)> words;
  std::memcpy(words.data(), &ip, sizeof words);
  uint64_t sum = 0;
  for (const uint32_t word : words) sum += word;
  return fold_words(sum);
}

// RFC 768: "The pseudo header conceptually prefixed to the UDP header contains the source address, the destination
// address, the protocol, and the UDP length." RFC 8200 §8.1 has the same, with longer numbers.
uint64_t pseudo_sum(const rte_ipv4_hdr& ip, uint16_t length) {
  return uint64_t{ip.src_addr} + ip.dst_addr + rte_cpu_to_be_16(IPPROTO_UDP) + rte_cpu_to_be_16(length);
}
uint64_t pseudo_sum(const rte_ipv6_hdr& ip, uint16_t length) {
  const char* const addresses = reinterpret_cast<const char*>(ip.src_addr);
  return sum_words(addresses, sizeof ip.src_addr + sizeof ip.dst_addr) + rte_cpu_to_be_16(IPPROTO_UDP) +
         rte_cpu_to_be_16(length);
}
uint64_t pseudo_sum(const Packet& packet) {
  const auto length = static_cast<uint16_t>(packet.payload_length);
  return packet.v4 ? pseudo_sum(*packet.ipv4, length) : pseudo_sum(*packet.ipv6, length);
}

bool checksum_is_unfinished(const Packet& packet, const rte_udp_hdr* udp) {
  return udp->dgram_cksum == fold_words(pseudo_sum(packet));
}

bool checksum_is_good(const Packet& packet, const rte_udp_hdr* udp) {
  // RFC 1071 §1: over a datagram with its checksum in place the sum is all ones.
  return sum_over(udp, packet.payload_length, pseudo_sum(packet)) == 0xffff;
}

// RFC 768: "If the computed checksum is zero, it is transmitted as all ones".
uint16_t udp_checksum(const rte_udp_hdr* udp, size_t length, uint64_t pseudo) {
  const auto checksum = static_cast<uint16_t>(~sum_over(udp, length, pseudo));
  return checksum == 0 ? 0xffff : checksum;
}

// RFC 1122 §3.2.1.3, RFC 6890: "this network", loopback, multicast, what is reserved and the broadcast address are
// nobody's to send from.
bool may_be_source_v4(uint32_t address) {
  const uint32_t net = address >> 24;
  return net != 0 && net != 127 && net < 224;
}

// RFC 4291 §2.5.2, §2.5.3, §2.5.5, §2.7: so are the unspecified address, loopback, those with an IPv4 address in them
// (which would be taken for that one) and multicast.
bool may_be_source_v6(const engine::IpAddress& address) {
  constexpr std::array<uint8_t, 10> kZeros{};
  return address.bytes[0] != 0xff && std::memcmp(address.bytes.data(), kZeros.data(), kZeros.size()) != 0;
}

FrameView parse_udp(std::string_view frame, const Packet& packet, const FrameFilter& filter,
                    ChecksumVerdict verdict) {
  if (packet.payload_length < kUdpBytes) return dropped(Fate::kRxBadUdpLength);
  const auto* udp = reinterpret_cast<const rte_udp_hdr*>(frame.data() + packet.payload_at);
  FrameView view;
  if (rte_be_to_cpu_16(udp->dst_port) != filter.sip_port) return view;
  const uint32_t length = rte_be_to_cpu_16(udp->dgram_len);
  // RFC 768: the length covers header and data. The checksum is over what the IP header says, so both agree.
  if (length < kUdpBytes || length != packet.payload_length) return dropped(Fate::kRxBadUdpLength);
  if (verdict == ChecksumVerdict::kBad) return dropped(Fate::kRxBadUdpChecksum);
  if (udp->dgram_cksum == 0) {
    // RFC 768: a zero checksum means that there is none; RFC 8200 §8.1 forbids it.
    if (!packet.v4) return dropped(Fate::kRxBadUdpChecksum);
  } else if (verdict == ChecksumVerdict::kUnknown && !checksum_is_good(packet, udp)) {
    if (!filter.unfinished_checksums || !checksum_is_unfinished(packet, udp))
      return dropped(Fate::kRxBadUdpChecksum);
    view.unfinished_checksum = true;
  }
  // RFC 768: "if not used, a value of zero is inserted": there is no answering it.
  if (udp->src_port == 0) return dropped(Fate::kRxBadSource);
  view.kind = FrameView::Kind::kSip;
  view.local = {packet.destination, filter.sip_port};
  view.remote = {packet.source, rte_be_to_cpu_16(udp->src_port)};
  view.payload_at = packet.payload_at + static_cast<uint32_t>(kUdpBytes);
  view.payload_length = length - static_cast<uint32_t>(kUdpBytes);
  return view;
}

struct Piece {
  uint32_t id;
  uint32_t offset;
  bool more;
  uint32_t header_bytes;
};

FrameView fragment_view(const Packet& packet, const Piece& piece) {
  // RFC 8200 §4.5, RFC 791: all pieces but the last are a multiple of eight bytes; none is empty.
  if (packet.payload_length == 0 || (piece.more && packet.payload_length % 8 != 0)) {
    return dropped(Fate::kRxBadFragment);
  }
  FrameView view;
  view.kind = FrameView::Kind::kFragment;
  view.fragment = {.source = packet.source,
                   .destination = packet.destination,
                   .id = piece.id,
                   .header_bytes = piece.header_bytes,
                   .data_at = packet.payload_at,
                   .length = packet.payload_length,
                   .offset = piece.offset,
                   .more = piece.more};
  return view;
}

FrameView parse_ipv4(std::string_view frame, const FrameFilter& filter, ChecksumVerdict verdict) {
  const size_t room = frame.size() - kEthernetBytes;
  if (room < kIpv4Bytes) return dropped(Fate::kRxTruncated);
  const auto* ip = reinterpret_cast<const rte_ipv4_hdr*>(frame.data() + kEthernetBytes);
  const uint32_t header = (ip->version_ihl & 0xf) * 4U;
  const uint32_t total = rte_be_to_cpu_16(ip->total_length);
  if (ip->version_ihl >> 4 != 4 || header < kIpv4Bytes || total < header)
    return dropped(Fate::kRxBadIpHeader);
  if (total > room) return dropped(Fate::kRxTruncated);
  Packet packet;
  packet.v4 = true;
  packet.ipv4 = ip;
  packet.destination = engine::IpAddress::v4(rte_be_to_cpu_32(ip->dst_addr));
  if (ip->next_proto_id != IPPROTO_UDP || !filter.table->is_local(filter.port, packet.destination))
    return FrameView{};
  if (sum_of_header(*ip, header) != 0xffff) return dropped(Fate::kRxBadIpChecksum);
  const uint32_t source = rte_be_to_cpu_32(ip->src_addr);
  packet.source = engine::IpAddress::v4(source);
  if (!may_be_source_v4(source) || ip->src_addr == ip->dst_addr) return dropped(Fate::kRxBadSource);
  packet.payload_at = static_cast<uint32_t>(kEthernetBytes) + header;
  packet.payload_length = total - header;
  const uint16_t marks = rte_be_to_cpu_16(ip->fragment_offset);
  if ((marks & (RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK)) != 0) {
    return fragment_view(packet, {.id = rte_be_to_cpu_16(ip->packet_id),
                                  .offset = (marks & RTE_IPV4_HDR_OFFSET_MASK) * 8U,
                                  .more = (marks & RTE_IPV4_HDR_MF_FLAG) != 0,
                                  .header_bytes = packet.payload_at});
  }
  return parse_udp(frame, packet, filter, verdict);
}

FrameView parse_ipv6(std::string_view frame, const FrameFilter& filter, ChecksumVerdict verdict) {
  const size_t room = frame.size() - kEthernetBytes;
  if (room < kIpv6Bytes) return dropped(Fate::kRxTruncated);
  const auto* ip = reinterpret_cast<const rte_ipv6_hdr*>(frame.data() + kEthernetBytes);
  if (rte_be_to_cpu_32(ip->vtc_flow) >> 28 != 6) return dropped(Fate::kRxBadIpHeader);
  const uint32_t length = rte_be_to_cpu_16(ip->payload_len);
  if (length > room - kIpv6Bytes) return dropped(Fate::kRxTruncated);
  Packet packet;
  packet.ipv6 = ip;
  packet.destination = v6_address(ip->dst_addr);
  packet.source = v6_address(ip->src_addr);
  packet.payload_at = static_cast<uint32_t>(kEthernetBytes + kIpv6Bytes);
  packet.payload_length = length;
  if (!filter.table->is_local(filter.port, packet.destination)) return FrameView{};
  // RFC 8200 §4.5. Other extension headers in front of a SIP datagram do not occur; the kernel gets them.
  if (ip->proto != IPPROTO_UDP && ip->proto != IPPROTO_FRAGMENT) return FrameView{};
  if (!may_be_source_v6(packet.source) || packet.source == packet.destination) return dropped(Fate::kRxBadSource);
  if (ip->proto == IPPROTO_UDP) return parse_udp(frame, packet, filter, verdict);
  if (length < kIpv6FragmentBytes) return dropped(Fate::kRxTruncated);
  const auto* extension = reinterpret_cast<const rte_ipv6_fragment_ext*>(frame.data() + packet.payload_at);
  if (extension->next_header != IPPROTO_UDP) return FrameView{};
  const uint16_t marks = rte_be_to_cpu_16(extension->frag_data);
  packet.payload_at += static_cast<uint32_t>(kIpv6FragmentBytes);
  packet.payload_length -= static_cast<uint32_t>(kIpv6FragmentBytes);
  return fragment_view(packet, {.id = rte_be_to_cpu_32(extension->id),
                                .offset = marks & 0xfff8U,
                                .more = (marks & 1) != 0,
                                .header_bytes = static_cast<uint32_t>(kEthernetBytes + kIpv6Bytes)});
}

template <typename Header>
Header* header_at(char* bytes) {
  return reinterpret_cast<Header*>(bytes);
}

void write_ipv4(char* at, size_t length, const Envelope& envelope) {
  auto* ip = header_at<rte_ipv4_hdr>(at);
  std::memset(ip, 0, sizeof *ip);
  ip->version_ihl = RTE_IPV4_VHL_DEF;
  ip->total_length = rte_cpu_to_be_16(static_cast<uint16_t>(kIpv4Bytes + kUdpBytes + length));
  ip->packet_id = rte_cpu_to_be_16(envelope.ipv4_id);
  ip->time_to_live = kHopLimit;
  ip->next_proto_id = IPPROTO_UDP;
  ip->src_addr = rte_cpu_to_be_32(envelope.local.address.v4_host_order());
  ip->dst_addr = rte_cpu_to_be_32(envelope.remote.address.v4_host_order());
  ip->hdr_checksum = static_cast<uint16_t>(~sum_of_header(*ip, kIpv4Bytes));
}

void write_ipv6(char* at, size_t length, const Envelope& envelope) {
  auto* ip = header_at<rte_ipv6_hdr>(at);
  ip->vtc_flow = rte_cpu_to_be_32(6U << 28);
  ip->payload_len = rte_cpu_to_be_16(static_cast<uint16_t>(kUdpBytes + length));
  ip->proto = IPPROTO_UDP;
  ip->hop_limits = kHopLimit;
  std::memcpy(ip->src_addr, envelope.local.address.bytes.data(), sizeof ip->src_addr);
  std::memcpy(ip->dst_addr, envelope.remote.address.bytes.data(), sizeof ip->dst_addr);
}

}  // namespace

FrameView parse_frame(std::string_view frame, const FrameFilter& filter, ChecksumVerdict verdict) {
  if (frame.size() < kEthernetBytes) return dropped(Fate::kRxTruncated);
  const auto* ethernet = reinterpret_cast<const rte_ether_hdr*>(frame.data());
  MacAddress destination;
  std::memcpy(destination.bytes.data(), ethernet->dst_addr.addr_bytes, destination.bytes.size());
  if (destination.is_group()) return FrameView{};  // SIP is not multicast here; ARP and ND are the kernel's.
  if (destination != filter.mac) return dropped(Fate::kRxForOthers);
  if (ethernet->ether_type == rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4))
    return parse_ipv4(frame, filter, verdict);
  if (ethernet->ether_type == rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV6))
    return parse_ipv6(frame, filter, verdict);
  return FrameView{};
}

UnfinishedChecksum find_unfinished_checksum(std::string_view frame) {
  constexpr size_t kLeast = kEthernetBytes + kIpv4Bytes + kUdpBytes;
  if (frame.size() < kLeast) return {};
  const auto* ethernet = reinterpret_cast<const rte_ether_hdr*>(frame.data());
  const char* ip_at = frame.data() + kEthernetBytes;
  size_t start = 0;
  uint8_t protocol = 0;
  uint16_t pseudo = 0;
  if (ethernet->ether_type == rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4)) {
    const auto* ip = reinterpret_cast<const rte_ipv4_hdr*>(ip_at);
    const size_t header = (ip->version_ihl & 0xf) * 4U;
    constexpr uint16_t kFragmentMarks = RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK;
    if (header < kIpv4Bytes || (ip->fragment_offset & rte_cpu_to_be_16(kFragmentMarks)) != 0) return {};
    start = kEthernetBytes + header;
    protocol = ip->next_proto_id;
    pseudo = rte_ipv4_phdr_cksum(ip, 0);
  } else if (ethernet->ether_type == rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV6)) {
    start = kEthernetBytes + kIpv6Bytes;
    if (frame.size() < start) return {};
    const auto* ip = reinterpret_cast<const rte_ipv6_hdr*>(ip_at);
    protocol = ip->proto;
    pseudo = rte_ipv6_phdr_cksum(ip, 0);
  }
  if (protocol != IPPROTO_UDP && protocol != IPPROTO_TCP) return {};
  const size_t offset = protocol == IPPROTO_UDP ? offsetof(rte_udp_hdr, dgram_cksum) : kTcpChecksumAt;
  uint16_t field = 0;
  if (frame.size() < start + offset + sizeof field) return {};
  std::memcpy(&field, frame.data() + start + offset, sizeof field);
  if (field != pseudo) return {};
  return {static_cast<uint16_t>(start), static_cast<uint16_t>(offset)};
}

void mend_headers(char* frame, size_t header_bytes, size_t ip_payload_bytes) {
  char* ip_at = frame + kEthernetBytes;
  if (header_at<rte_ether_hdr>(frame)->ether_type == rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4)) {
    auto* ip = header_at<rte_ipv4_hdr>(ip_at);
    const size_t ip_bytes = header_bytes - kEthernetBytes;
    ip->total_length = rte_cpu_to_be_16(static_cast<uint16_t>(ip_bytes + ip_payload_bytes));
    ip->fragment_offset = 0;
    ip->hdr_checksum = 0;
    ip->hdr_checksum = static_cast<uint16_t>(~sum_of_header(*ip, ip_bytes));
  } else {
    auto* ip = header_at<rte_ipv6_hdr>(ip_at);
    ip->payload_len = rte_cpu_to_be_16(static_cast<uint16_t>(ip_payload_bytes));
    ip->proto = IPPROTO_UDP;
  }
}

size_t header_bytes(const Envelope& envelope) {
  return kEthernetBytes + (envelope.remote.address.is_v4() ? kIpv4Bytes : kIpv6Bytes) + kUdpBytes;
}

void write_headers(char* payload, size_t length, const Envelope& envelope) {
  const bool v4 = envelope.remote.address.is_v4();
  char* frame = payload - header_bytes(envelope);
  auto* ethernet = header_at<rte_ether_hdr>(frame);
  std::memcpy(ethernet->dst_addr.addr_bytes, envelope.destination.bytes.data(), RTE_ETHER_ADDR_LEN);
  std::memcpy(ethernet->src_addr.addr_bytes, envelope.source.bytes.data(), RTE_ETHER_ADDR_LEN);
  ethernet->ether_type = rte_cpu_to_be_16(v4 ? RTE_ETHER_TYPE_IPV4 : RTE_ETHER_TYPE_IPV6);
  auto* udp = header_at<rte_udp_hdr>(payload - kUdpBytes);
  udp->src_port = rte_cpu_to_be_16(envelope.local.port);
  udp->dst_port = rte_cpu_to_be_16(envelope.remote.port);
  udp->dgram_len = rte_cpu_to_be_16(static_cast<uint16_t>(kUdpBytes + length));
  udp->dgram_cksum = 0;
  char* ip_at = frame + kEthernetBytes;
  const size_t udp_bytes = kUdpBytes + length;
  uint64_t pseudo = 0;
  if (v4) {
    write_ipv4(ip_at, length, envelope);
    pseudo = pseudo_sum(*header_at<rte_ipv4_hdr>(ip_at), static_cast<uint16_t>(udp_bytes));
  } else {
    write_ipv6(ip_at, length, envelope);
    pseudo = pseudo_sum(*header_at<rte_ipv6_hdr>(ip_at), static_cast<uint16_t>(udp_bytes));
  }
  udp->dgram_cksum = envelope.checksum_by_port ? fold_words(pseudo) : udp_checksum(udp, udp_bytes, pseudo);
}

}  // namespace vedette::dataplane
