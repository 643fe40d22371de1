// An Ethernet station's address.
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <string>

namespace vedette::dataplane {

struct MacAddress {
  std::array<uint8_t, 6> bytes{};

  bool is_group() const { return (bytes[0] & 1) != 0; }  // Multicast or broadcast.
  bool operator==(const MacAddress&) const = default;

  std::string text() const {
    std::array<char, 18> out{};
    std::snprintf(out.data(), out.size(), "%02x:%02x:%02x:%02x:%02x:%02x", bytes[0], bytes[1], bytes[2],
                  bytes[3], bytes[4], bytes[5]);
    return out.data();
  }
};

}  // namespace vedette::dataplane
