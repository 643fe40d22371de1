// The engine's hashes by OpenSSL: known vectors, parts, and that a call never allocates.
#include "engine/control/crypto.h"

#include <gtest/gtest.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

namespace vedette::control {
namespace {

int allocations = 0;
void* count_malloc(size_t size, const char*, int) { return ++allocations, std::malloc(size); }
void* count_realloc(void* at, size_t size, const char*, int) { return ++allocations, std::realloc(at, size); }
void count_free(void* at, const char*, int) { std::free(at); }
// Before anything else in this process asks libcrypto for memory.
const int counting = CRYPTO_set_mem_functions(count_malloc, count_realloc, count_free);

std::string hex(std::span<const uint8_t> bytes) {
  std::string out;
  for (const uint8_t byte : bytes) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

std::string md5_of(std::span<const std::string_view> parts) {
  engine::Md5Digest digest{};
  const engine::Hashes hashes = openssl_hashes();
  hashes.md5(hashes.context, parts, digest);
  return hex(digest);
}

std::string sha256_of(std::span<const std::string_view> parts) {
  engine::Sha256Digest digest{};
  const engine::Hashes hashes = openssl_hashes();
  hashes.sha256(hashes.context, parts, digest);
  return hex(digest);
}

std::string sha512_256_of(std::span<const std::string_view> parts) {
  engine::Sha256Digest digest{};
  const engine::Hashes hashes = openssl_hashes();
  hashes.sha512_256(hashes.context, parts, digest);
  return hex(digest);
}

// The same by libcrypto's own SHA-512/256, which a poll thread may not use.
std::string sha512_256_by_evp(std::string_view text) {
  engine::Sha256Digest digest{};
  unsigned length = 0;
  EXPECT_EQ(EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha512_256(), nullptr), 1);
  EXPECT_EQ(length, digest.size());
  return hex(digest);
}

struct Vector {
  std::string text;
  std::string_view md5;
  std::string_view sha256;
};

// RFC 1321 appendix A.5 and FIPS 180-2 appendix B, the rest by two other implementations (coreutils, Python).
const Vector kVectors[] = {
    {"", "d41d8cd98f00b204e9800998ecf8427e",
     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "900150983cd24fb0d6963f7d28e17f72",
     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "8215ef0796a20bcaaae116d3876c664a",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {std::string(1'000'000, 'a'), "7707d6ae4e027c70eea2a935c2296f21",
     "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
};

TEST(Crypto, KnownVectors) {
  for (const Vector& vector : kVectors) {
    const std::array<std::string_view, 1> whole = {vector.text};
    EXPECT_EQ(md5_of(whole), vector.md5) << vector.text.substr(0, 20);
    EXPECT_EQ(sha256_of(whole), vector.sha256) << vector.text.substr(0, 20);
  }
}

// The first is NIST's example; the lengths run over both ends of SHA-512's padding.
TEST(Crypto, Sha512Slash256IsLibcryptosOwn) {
  const std::array<std::string_view, 2> abc = {"a", "bc"};
  EXPECT_EQ(sha512_256_of(abc), "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23");
  for (size_t length = 0; length <= 300; ++length) {
    const std::string text(length, static_cast<char>('a' + length % 26));
    const std::array<std::string_view, 2> parts = {std::string_view(text).substr(0, length / 3),
                                                   std::string_view(text).substr(length / 3)};
    ASSERT_EQ(sha512_256_of(parts), sha512_256_by_evp(text)) << length;
  }
}

TEST(Crypto, HashesTheConcatenationOfTheParts) {
  const Vector& vector = kVectors[2];
  const std::string_view text = vector.text;
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    const std::array<std::string_view, 3> parts = {text.substr(0, cut), std::string_view{}, text.substr(cut)};
    EXPECT_EQ(md5_of(parts), vector.md5) << cut;
    EXPECT_EQ(sha256_of(parts), vector.sha256) << cut;
  }
  EXPECT_EQ(md5_of({}), kVectors[0].md5);
}

// RFC 7616 §3.9.1: Mufasa's HA1 is the hash of "user:realm:password".
TEST(Crypto, HashesOnePersonsA1) {
  const std::array<std::string_view, 5> a1 = {"Mufasa", ":", "http-auth@example.org", ":", "Circle of Life"};
  EXPECT_EQ(md5_of(a1), "3d78807defe7de2157e2b0b6573a855f");
  EXPECT_EQ(sha256_of(a1), "7987c64c30e25f1b74be53f966b49b90f2808aa92faf9a00262392d7b4794232");
}

TEST(Crypto, APollThreadMayCallIt) {
  ASSERT_EQ(counting, 1) << "libcrypto had memory before this test could count it";
  const std::array<std::string_view, 1> parts = {kVectors[2].text};
  const int before = allocations;
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(md5_of(parts), kVectors[2].md5);
    ASSERT_EQ(sha256_of(parts), kVectors[2].sha256);
    ASSERT_EQ(sha512_256_of(parts).size(), 64u);
  }
  EXPECT_EQ(allocations, before);
}

TEST(Crypto, RandomBytesAndWiping) {
  std::array<uint8_t, 32> one{};
  std::array<uint8_t, 32> other{};
  fill_random(one);
  fill_random(other);
  EXPECT_NE(one, other);
  std::string secret = "Circle of Life";
  wipe(secret);
  EXPECT_TRUE(std::all_of(secret.begin(), secret.end(), [](char c) { return c == '\0'; }));
}

}  // namespace
}  // namespace vedette::control
