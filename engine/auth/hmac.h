// HMAC-SHA-256 (RFC 2104, RFC 4231) on the hash function that was handed in. Keys of up to one hash block.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "engine/hashes.h"

namespace vedette::engine {

class HmacKey {
 public:
  HmacKey() : HmacKey(std::span<const uint8_t>()) {}
  // The key is at most 64 bytes long.
  explicit HmacKey(std::span<const uint8_t> key);

  // The MAC of the concatenation of `parts`, of which there are at most kPartsMax.
  static constexpr size_t kPartsMax = 4;
  Sha256Digest sign(const Hashes& hashes, std::span<const std::string_view> parts) const;

 private:
  std::array<char, 64> inner_;  // The key, xor ipad and opad.
  std::array<char, 64> outer_;
};

}  // namespace vedette::engine
