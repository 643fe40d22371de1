// Ethernet, IPv4, IPv6 and UDP: what a received frame is, and the headers of one that leaves. Functions of
// bytes; no mbuf, no table beyond what is handed in. Poll thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dataplane/fate.h"
#include "dataplane/forwarding_table.h"
#include "dataplane/mac_address.h"
#include "engine/flow.h"

namespace vedette::dataplane {

inline constexpr size_t kEthernetBytes = 14;
inline constexpr size_t kIpv4Bytes = 20;
inline constexpr size_t kIpv4BytesMax = 60;
inline constexpr size_t kIpv6Bytes = 40;
inline constexpr size_t kIpv6FragmentBytes = 8;
inline constexpr size_t kUdpBytes = 8;

// What the port has already found out about a frame's UDP checksum.
enum class ChecksumVerdict : uint8_t { kUnknown, kGood, kBad };

// What is ours of what a port receives.
struct FrameFilter {
  const ForwardingTable* table = nullptr;
  uint16_t port = 0;
  MacAddress mac;
  uint16_t sip_port = 0;
  // The peer is a kernel on the same machine, which leaves a UDP checksum to the hardware: what it leaves in
  // the field is the sum of the pseudo-header alone. Nothing was on a wire, so there is nothing to check.
  bool unfinished_checksums = false;
};

struct Fragment {
  engine::IpAddress source;
  engine::IpAddress destination;
  uint32_t id = 0;
  uint32_t header_bytes = 0;  // Ethernet and IP headers, without an IPv6 fragment header.
  uint32_t data_at = 0;       // Where in the frame its piece begins...
  uint32_t length = 0;        // ...and how long it is.
  uint32_t offset = 0;        // Where in the whole datagram the piece belongs.
  bool more = false;
};

struct FrameView {
  enum class Kind : uint8_t {
    kSip,       // local, remote, payload.
    kFragment,  // fragment: of a UDP datagram to an address of ours.
    kKernel,    // Not ours: the kernel's.
    kDrop,      // fate says why.
  };
  Kind kind = Kind::kKernel;
  Fate fate = Fate::kRxTruncated;
  bool unfinished_checksum = false;
  engine::Endpoint local;
  engine::Endpoint remote;
  uint32_t payload_at = 0;
  uint32_t payload_length = 0;
  Fragment fragment;
};

FrameView parse_frame(std::string_view frame, const FrameFilter& filter, ChecksumVerdict verdict);

// Where a TCP or UDP checksum lies that its sender left to hardware, if the frame has one such.
struct UnfinishedChecksum {
  uint16_t start = 0;   // Of the TCP or UDP header in the frame; 0: the checksum is not unfinished.
  uint16_t offset = 0;  // Of the field in that header.
};
UnfinishedChecksum find_unfinished_checksum(std::string_view frame);

// Turns a frame whose UDP datagram was put together from fragments into one that was never in pieces: the IP
// header in front of `ip_payload_bytes` gets the whole length and no fragment marks.
void mend_headers(char* frame, size_t header_bytes, size_t ip_payload_bytes);

struct Envelope {
  engine::Endpoint local;  // Source; both endpoints are of one family.
  engine::Endpoint remote;
  MacAddress source;
  MacAddress destination;
  uint16_t ipv4_id = 0;
  bool checksum_by_port = false;  // Leave the pseudo-header's sum for the port to finish.
};

size_t header_bytes(const Envelope& envelope);
// Writes header_bytes() bytes in front of `payload`. `length` leaves room for them in 65,535 bytes.
void write_headers(char* payload, size_t length, const Envelope& envelope);

}  // namespace vedette::dataplane
