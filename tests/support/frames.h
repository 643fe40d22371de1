// Ethernet frames made by hand, byte by byte and with a checksum of its own, so that the dataplane's headers
// are checked against something that shares no code with them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/mac_address.h"
#include "engine/flow.h"

namespace vedette::tests {

struct Addressing {
  dataplane::MacAddress to_mac;
  dataplane::MacAddress from_mac;
  engine::Endpoint to;
  engine::Endpoint from;
};

enum class UdpChecksum { kRight, kNone, kWrong, kUnfinished };

// The ones' complement sum of RFC 1071, folded; not complemented.
inline uint16_t ones_sum(std::string_view bytes, uint32_t sum = 0) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<uint8_t>(bytes[i]);
    sum += i % 2 == 0 ? uint32_t{byte} << 8 : byte;
  }
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}

inline std::string be16(unsigned value) {
  return {static_cast<char>(value >> 8 & 0xff), static_cast<char>(value & 0xff)};
}
inline std::string be32(uint32_t value) { return be16(value >> 16) + be16(value & 0xffff); }

inline std::string address_bytes(const engine::IpAddress& address) {
  const std::string all(address.bytes.begin(), address.bytes.end());
  return address.is_v4() ? all.substr(12) : all;
}

inline std::string pseudo_header(const Addressing& way, size_t udp_length) {
  const std::string addresses = address_bytes(way.from.address) + address_bytes(way.to.address);
  if (way.to.address.is_v4()) return addresses + '\0' + '\x11' + be16(static_cast<unsigned>(udp_length));
  return addresses + be32(static_cast<uint32_t>(udp_length)) + std::string(3, '\0') + '\x11';
}

inline std::string udp_datagram(const Addressing& way, std::string_view payload, UdpChecksum checksum) {
  const unsigned length = static_cast<unsigned>(payload.size() + 8);
  const std::string ports = be16(way.from.port) + be16(way.to.port) + be16(length);
  const uint16_t pseudo = ones_sum(pseudo_header(way, length));
  unsigned sum = 0xffffU & ~unsigned{ones_sum(ports + be16(0) + std::string(payload), pseudo)};
  if (sum == 0) sum = 0xffff;
  if (checksum == UdpChecksum::kNone) sum = 0;
  if (checksum == UdpChecksum::kWrong) sum = sum == 1 ? 2 : sum - 1;
  if (checksum == UdpChecksum::kUnfinished) sum = pseudo;
  return ports + be16(sum) + std::string(payload);
}

inline std::string ethernet(const Addressing& way, unsigned type) {
  return std::string(way.to_mac.bytes.begin(), way.to_mac.bytes.end()) +
         std::string(way.from_mac.bytes.begin(), way.from_mac.bytes.end()) + be16(type);
}

struct Ipv4Marks {
  unsigned id = 7;
  unsigned fragment = 0;  // Flags and offset, as in the header.
  unsigned protocol = 17;
};

inline std::string ipv4_header(const Addressing& way, size_t payload_length, Ipv4Marks marks = {}) {
  const std::string front = std::string("\x45\x00", 2) + be16(static_cast<unsigned>(20 + payload_length)) +
                            be16(marks.id) + be16(marks.fragment) + '\x40' +
                            static_cast<char>(marks.protocol);
  const std::string back = address_bytes(way.from.address) + address_bytes(way.to.address);
  return front + be16(0xffffU & ~unsigned{ones_sum(front + back)}) + back;
}

inline std::string ipv6_header(const Addressing& way, size_t payload_length, unsigned next = 17) {
  return std::string("\x60\x00\x00\x00", 4) + be16(static_cast<unsigned>(payload_length)) +
         static_cast<char>(next) + '\x40' + address_bytes(way.from.address) + address_bytes(way.to.address);
}

inline std::string udp_frame(const Addressing& way, std::string_view payload,
                             UdpChecksum checksum = UdpChecksum::kRight) {
  const std::string datagram = udp_datagram(way, payload, checksum);
  if (way.to.address.is_v4()) return ethernet(way, 0x0800) + ipv4_header(way, datagram.size()) + datagram;
  return ethernet(way, 0x86dd) + ipv6_header(way, datagram.size()) + datagram;
}

// One piece of an IP payload as a frame.
struct Piece {
  size_t offset = 0;
  size_t length = 0;
  bool more = false;
};

inline std::string fragment_frame(const Addressing& way, std::string_view ip_payload, Piece piece,
                                  uint32_t id) {
  const std::string data(ip_payload.substr(piece.offset, piece.length));
  const unsigned offset = static_cast<unsigned>(piece.offset);
  if (way.to.address.is_v4()) {
    return ethernet(way, 0x0800) +
           ipv4_header(way, data.size(), {id & 0xffff, offset / 8 | (piece.more ? 0x2000U : 0U), 17}) + data;
  }
  return ethernet(way, 0x86dd) + ipv6_header(way, data.size() + 8, 44) + '\x11' + '\0' +
         be16(offset | (piece.more ? 1U : 0U)) + be32(id) + data;
}

// A whole UDP datagram in pieces of `step` bytes (a multiple of eight), in order.
inline std::vector<std::string> fragment_frames(const Addressing& way, std::string_view payload, size_t step,
                                                uint32_t id) {
  const std::string datagram = udp_datagram(way, payload, UdpChecksum::kRight);
  std::vector<std::string> frames;
  for (size_t at = 0; at < datagram.size(); at += step) {
    frames.push_back(fragment_frame(way, datagram, {at, step, at + step < datagram.size()}, id));
  }
  return frames;
}

}  // namespace vedette::tests
