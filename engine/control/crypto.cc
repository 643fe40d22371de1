// MD5 and SHA-256 by libcrypto's direct functions. Not by EVP, though OpenSSL 3 recommends it: measured with
// 3.0, EVP_DigestInit_ex2 allocates at every call even for a context that is used again (1,000,000 calls,
// 1,000,000 allocations) and takes 40 to 50 ns longer on a 100-byte input. A poll thread must not allocate.
#define OPENSSL_SUPPRESS_DEPRECATED  // NOLINT: read by OpenSSL's headers.

#include "engine/control/crypto.h"

#include <openssl/crypto.h>
#include <openssl/md5.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

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

}  // namespace

engine::Hashes openssl_hashes() { return engine::Hashes{.md5 = md5, .sha256 = sha256, .context = nullptr}; }

void fill_random(std::span<uint8_t> out) {
  VEDETTE_CHECK(out.size() <= INT_MAX);
  VEDETTE_CHECK(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1);
}

void wipe(std::span<char> secret) { OPENSSL_cleanse(secret.data(), secret.size()); }

}  // namespace vedette::control
