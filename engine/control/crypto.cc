// MD5, SHA-256 and SHA-512/256 by libcrypto's direct functions. Not by EVP, though OpenSSL 3 recommends it: measured
// with 3.0, EVP_DigestInit_ex2 allocates at every call even for a context that is used again (1,000,000 calls,
// 1,000,000 allocations) and takes 40 to 50 ns longer on a 100-byte input. A poll thread must not allocate.
#define OPENSSL_SUPPRESS_DEPRECATED  // NOLINT: read by OpenSSL's headers.

#include "engine/control/crypto.h"

#include <openssl/crypto.h>
#include <openssl/md5.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <climits>

#include "engine/base/check.h"

namespace vedette::control {
namespace {

void md5(void* /*context*/, std::span<const std::string_view> parts, engine::Md5Digest& out) {
  MD5_CTX state;
  MD5_Init(&state);
  for (const std::string_view part : parts) MD5_Update(&state, part.data(), part.size());
  MD5_Final(out.data(), &state);
}

void sha256(void* /*context*/, std::span<const std::string_view> parts, engine::Sha256Digest& out) {
  SHA256_CTX state;
  SHA256_Init(&state);
  for (const std::string_view part : parts) SHA256_Update(&state, part.data(), part.size());
  SHA256_Final(out.data(), &state);
}

// FIPS 180-4 §5.3.6.2: SHA-512/256 is SHA-512 that begins with these and ends after 256 bits. libcrypto has no direct
// function that begins so; its SHA512_Final() gives as many bytes as md_len says.
void sha512_256(void* /*context*/, std::span<const std::string_view> parts, engine::Sha256Digest& out) {
  constexpr std::array<SHA_LONG64, 8> kInitial = {0x22312194fc2bf72c, 0x9f555fa3c84c64c2, 0x2393b86b6f53b151,
                                                  0x963877195940eabd, 0x96283ee2a88effe3, 0xbe5e1e2553863992,
                                                  0x2b0199fc2c85b8aa, 0x0eb72ddc81c52ca2};
  SHA512_CTX state;
  SHA512_Init(&state);
  std::copy(kInitial.begin(), kInitial.end(), state.h);
  state.md_len = SHA256_DIGEST_LENGTH;
  for (const std::string_view part : parts) SHA512_Update(&state, part.data(), part.size());
  SHA512_Final(out.data(), &state);
}

}  // namespace

engine::Hashes openssl_hashes() {
  return engine::Hashes{.md5 = md5, .sha256 = sha256, .sha512_256 = sha512_256, .context = nullptr};
}

void fill_random(std::span<uint8_t> out) {
  VEDETTE_CHECK(out.size() <= INT_MAX);
  VEDETTE_CHECK(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1);
}

void wipe(std::span<char> secret) { OPENSSL_cleanse(secret.data(), secret.size()); }

}  // namespace vedette::control
