// The hash functions that the engine needs, handed in: pure computation, no allocation, no failure. In
// production they are OpenSSL's (engine/control/crypto); tests and fuzzers hand in their own.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace vedette::engine {

using Md5Digest = std::array<uint8_t, 16>;
using Sha256Digest = std::array<uint8_t, 32>;     // Of SHA-512/256 (FIPS 180-4 §6.7), too.

struct Hashes {
  // Each hashes the concatenation of its parts. `context` is the caller's scratch memory or null.
  void (*md5)(void* context, std::span<const std::string_view> parts, Md5Digest& out) = nullptr;
  void (*sha256)(void* context, std::span<const std::string_view> parts, Sha256Digest& out) = nullptr;
  void (*sha512_256)(void* context, std::span<const std::string_view> parts, Sha256Digest& out) = nullptr;
  void* context = nullptr;
};

}  // namespace vedette::engine
