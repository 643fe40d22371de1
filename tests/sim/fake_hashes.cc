#include "tests/sim/fake_hashes.h"

#include <cstring>

namespace vedette::sim {
namespace {

constexpr uint64_t kPrime = 0x100000001b3;

uint64_t mix(uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

uint64_t hash_parts(std::span<const std::string_view> parts, uint64_t basis) {
  uint64_t hash = basis;
  for (const std::string_view part : parts) {
    for (const char c : part) hash = (hash ^ static_cast<uint8_t>(c)) * kPrime;
  }
  return hash;
}

template <typename Digest>
void spread(uint64_t hash, Digest& out) {
  for (size_t i = 0; i < out.size(); i += sizeof(uint64_t)) {
    const uint64_t word = mix(hash + (i + 1) * 0x9e3779b97f4a7c15);
    std::memcpy(out.data() + i, &word, sizeof word);
  }
}

void fake_md5(void*, std::span<const std::string_view> parts, engine::Md5Digest& out) {
  spread(hash_parts(parts, 0xcbf29ce484222325), out);
}

void fake_sha256(void*, std::span<const std::string_view> parts, engine::Sha256Digest& out) {
  spread(hash_parts(parts, 0x84222325cbf29ce4), out);
}

void fake_sha512_256(void*, std::span<const std::string_view> parts, engine::Sha256Digest& out) {
  spread(hash_parts(parts, 0x22312194fc2bf72c), out);
}

template <typename Digest>
std::string digest_hex(const Digest& digest) {
  return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace

engine::Hashes fake_hashes() {
  return {.md5 = fake_md5, .sha256 = fake_sha256, .sha512_256 = fake_sha512_256, .context = nullptr};
}

std::string fake_hash_hex(engine::DigestAlgorithm algorithm, std::string_view text) {
  const std::array<std::string_view, 1> parts = {text};
  if (algorithm == engine::DigestAlgorithm::kMd5) {
    engine::Md5Digest digest;
    fake_md5(nullptr, parts, digest);
    return digest_hex(digest);
  }
  engine::Sha256Digest digest;
  fake_sha256(nullptr, parts, digest);
  return digest_hex(digest);
}

std::string to_hex(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char c : bytes) {
    text += kDigits[static_cast<uint8_t>(c) >> 4];
    text += kDigits[static_cast<uint8_t>(c) & 15];
  }
  return text;
}

uint64_t hash_text(std::string_view text) {
  uint64_t hash = 0x9e3779b97f4a7c15 ^ text.size();
  size_t at = 0;
  for (; at + sizeof(uint64_t) <= text.size(); at += sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    hash = mix(hash ^ word);
  }
  for (; at < text.size(); ++at) hash = (hash ^ static_cast<uint8_t>(text[at])) * kPrime;
  return mix(hash);
}

}  // namespace vedette::sim
