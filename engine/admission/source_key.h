// What tells sources of datagrams apart in tables: an address cut to a prefix, in one number. Pure.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "engine/address_prefix.h"

namespace vedette::engine {

// Never 0.
struct SourceKey {
  uint64_t value = 1;
  bool operator==(const SourceKey&) const = default;
};

// One half of an address tells sources apart: of IPv6 the upper one at most (RFC 4291 §2.5.1: interface identifiers
// have 64 bits), of IPv4 the lower one, which begins with the 0:ffff of a mapped address.
class SourceKeys {
 public:
  // Bits of an address that make a source: of IPv4 32 at most, of IPv6 64.
  SourceKeys(uint32_t v4_bits, uint32_t v6_bits)
      : v4_bits_(v4_bits), v6_bits_(v6_bits), v4_mask_(mask_of(v4_bits, 32)), v6_mask_(mask_of(v6_bits, 64)) {}

  SourceKey of(const IpAddress& address) const {
    const uint64_t high = read_half(address.bytes.data());
    const uint64_t low = read_half(address.bytes.data() + 8);
    const bool is_v4 = high == 0 && low >> 32 == kMapped;
    const uint64_t key = is_v4 ? low & (v4_mask_ | kMapped << 32) : high & v6_mask_;
    return {key == 0 ? 1 : key};
  }
  // The network that has this key.
  AddressPrefix prefix_of(SourceKey key) const {
    AddressPrefix prefix;
    const bool is_v4 = key.value >> 32 == kMapped;
    const uint64_t half = swapped(key.value);
    std::memcpy(prefix.address.bytes.data() + (is_v4 ? 8 : 0), &half, sizeof half);
    prefix.bits = static_cast<uint8_t>(is_v4 ? 96 + v4_bits_ : v6_bits_);
    return prefix;
  }

 private:
  static constexpr uint64_t kMapped = 0xffff;

  static uint64_t mask_of(uint32_t prefix, uint32_t bits) { return prefix == 0 ? 0 : ~uint64_t{0} << (bits - prefix); }
  static uint64_t swapped(uint64_t value) {
    return std::endian::native == std::endian::little ? __builtin_bswap64(value) : value;
  }
  static uint64_t read_half(const uint8_t* bytes) {
    uint64_t value = 0;
    std::memcpy(&value, bytes, sizeof value);
    return swapped(value);
  }

  uint32_t v4_bits_, v6_bits_;
  uint64_t v4_mask_, v6_mask_;
};

}  // namespace vedette::engine
