// Stateless nonces, and the HMAC and hexadecimal that they are made of.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "engine/auth/hex.h"
#include "engine/auth/hmac.h"
#include "engine/auth/nonce.h"
#include "engine/control/crypto.h"

namespace vedette::engine {
namespace {

const Hashes kHashes = control::openssl_hashes();
const Instant kNow = Instant::from_unix_seconds(1'700'000'000);
const IpAddress kClient = IpAddress::v4(0xc0000201);
const NonceScope kScope = {"example.com", kClient};

NonceKey key(uint8_t id) {
  NonceKey out{.id = id};
  out.secret.fill(static_cast<uint8_t>(0xa0 + id));
  return out;
}

NonceMint mint_with(const NonceKey& current, const NonceKey& previous = {}, ShardIndex shard = {}) {
  NonceMint mint(kHashes, shard, Duration::seconds(300));
  mint.set_keys(current, previous);
  return mint;
}

std::string text_of(const NonceMint::Text& text) { return {text.data(), text.size()}; }

std::string hex_of(std::span<const uint8_t> bytes) {
  std::string out(2 * bytes.size(), ' ');
  write_hex(bytes, out.data());
  return out;
}

TEST(Hex, GoesThereAndBackInBothCases) {
  const std::array<uint8_t, 4> bytes = {0x00, 0x9f, 0xa0, 0xff};
  EXPECT_EQ(hex_of(bytes), "009fa0ff");
  std::array<uint8_t, 4> back{};
  EXPECT_TRUE(read_hex("009fA0Ff", back));
  EXPECT_EQ(back, bytes);
  EXPECT_FALSE(read_hex("009fa0f", back));
  EXPECT_FALSE(read_hex("009fa0ff0", back));
  EXPECT_FALSE(read_hex("009fa0fg", back));
}

// Eight digits are taken at a time, where there are as many.
TEST(Hex, OfEveryLengthIsReadBackAndNoOtherCharacterIsTaken) {
  for (size_t length = 0; length <= 40; ++length) {
    std::vector<uint8_t> bytes(length), back(length);
    std::string expected;
    for (size_t i = 0; i < length; ++i) {
      bytes[i] = static_cast<uint8_t>(i * 37 + 11);
      expected += "0123456789abcdef"[bytes[i] >> 4];
      expected += "0123456789abcdef"[bytes[i] & 15];
    }
    const std::string text = hex_of(bytes);
    ASSERT_EQ(text, expected);
    ASSERT_TRUE(read_hex(text, back));
    ASSERT_EQ(back, bytes);
    for (size_t at = 0; at < text.size(); ++at) {
      for (const char odd : {'g', 'G', '/', ':', '@', '`', ' ', '\0', '\xb0'}) {
        std::string spoilt = text;
        spoilt[at] = odd;
        ASSERT_FALSE(read_hex(spoilt, back)) << length << " " << at << " " << odd;
      }
    }
  }
}

TEST(ConstantTimeEquality, SeesEveryByteAndTheLength) {
  const std::array<uint8_t, 3> a = {1, 2, 3};
  EXPECT_TRUE(equal_in_constant_time(a, a));
  for (size_t i = 0; i < a.size(); ++i) {
    std::array<uint8_t, 3> b = a;
    b[i] ^= 0x80;
    EXPECT_FALSE(equal_in_constant_time(a, b));
  }
  EXPECT_FALSE(equal_in_constant_time(a, std::span(a).first(2)));
}

// RFC 4231 §4.2, §4.3 (the text in parts), §4.4.
TEST(Hmac, KnownVectors) {
  std::array<uint8_t, 20> first;
  first.fill(0x0b);
  const std::array<std::string_view, 1> hi = {"Hi There"};
  EXPECT_EQ(hex_of(HmacKey(first).sign(kHashes, hi)),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");

  const std::array<uint8_t, 4> jefe = {'J', 'e', 'f', 'e'};
  const std::array<std::string_view, 3> what = {"what do ya want ", "", "for nothing?"};
  EXPECT_EQ(hex_of(HmacKey(jefe).sign(kHashes, what)),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");

  std::array<uint8_t, 20> third;
  third.fill(0xaa);
  const std::string data(50, '\xdd');
  const std::array<std::string_view, 1> fifty = {data};
  EXPECT_EQ(hex_of(HmacKey(third).sign(kHashes, fifty)),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
}

TEST(Nonce, IsFreshForItsLifetimeThenStale) {
  NonceMint mint = mint_with(key(1));
  const std::string text = text_of(mint.mint(kNow, kScope));
  Nonce nonce;
  EXPECT_EQ(mint.verify(kNow, text, kScope, nonce), NonceVerdict::kFresh);
  EXPECT_EQ(nonce.issued, kNow);
  EXPECT_EQ(mint.verify(kNow + Duration::seconds(300), text, kScope, nonce), NonceVerdict::kFresh);
  EXPECT_EQ(mint.verify(kNow + Duration::milliseconds(300'001), text, kScope, nonce), NonceVerdict::kStale);
}

TEST(Nonce, NeedsNoQuotingAndIsNeverTheSameTwice) {
  NonceMint mint = mint_with(key(1));
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string text = text_of(mint.mint(kNow, kScope));
    EXPECT_EQ(text.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_TRUE(seen.insert(text).second);
  }
}

// The client's port is no part of it: the scope has none.
TEST(Nonce, IsForgedForAnotherRealmAddressOrWithAnyByteChanged) {
  NonceMint mint = mint_with(key(1), key(2));
  const std::string text = text_of(mint.mint(kNow, kScope));
  Nonce nonce;
  EXPECT_EQ(mint.verify(kNow, text, {"example.org", kClient}, nonce), NonceVerdict::kForged);
  EXPECT_EQ(mint.verify(kNow, text, {"example.com", IpAddress::v4(0xc0000202)}, nonce),
            NonceVerdict::kForged);
  for (size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = changed[i] == '0' ? '1' : '0';
    EXPECT_NE(mint.verify(kNow, changed, kScope, nonce), NonceVerdict::kFresh) << "digit " << i;
    EXPECT_EQ(mint.verify(kNow, text.substr(0, i), kScope, nonce), NonceVerdict::kForged) << "length " << i;
  }
  EXPECT_EQ(mint.verify(kNow, text + "0", kScope, nonce), NonceVerdict::kForged);
  EXPECT_EQ(mint.verify(kNow, "", kScope, nonce), NonceVerdict::kForged);
  EXPECT_EQ(mint.verify(kNow, "awMt3msDLLLVTNNcKYuCTJ0nNwnwkSwj", kScope, nonce), NonceVerdict::kForged);
}

TEST(Nonce, SurvivesOneRotationOfTheKey) {
  NonceMint mint = mint_with(key(1));
  const std::string text = text_of(mint.mint(kNow, kScope));
  Nonce nonce;

  mint.set_keys(key(2), key(1));
  EXPECT_EQ(mint.verify(kNow, text, kScope, nonce), NonceVerdict::kFresh);
  EXPECT_NE(text_of(mint.mint(kNow, kScope)).substr(0, 2), text.substr(0, 2)) << "the new key signs";

  mint.set_keys(key(3), key(2));
  EXPECT_EQ(mint.verify(kNow, text, kScope, nonce), NonceVerdict::kStale);
}

TEST(Nonce, OfARestartedEngineWithTheSameKeyNumberIsNotBelieved) {
  const std::string text = text_of(mint_with(key(1)).mint(kNow, kScope));
  NonceKey other = key(1);
  other.secret[5] ^= 1;
  Nonce nonce;
  EXPECT_EQ(mint_with(other).verify(kNow, text, kScope, nonce), NonceVerdict::kForged);
}

TEST(Nonce, ASecretThatWasNeverSetSignsNothing) {
  const NonceKey never_set{.id = 0};
  const std::string forged = text_of(mint_with(never_set).mint(kNow, kScope));
  Nonce nonce;
  EXPECT_NE(mint_with(key(1)).verify(kNow, forged, kScope, nonce), NonceVerdict::kFresh);
}

TEST(Nonce, IsBelievedByOtherShardsAndNamesItsMinter) {
  const std::string text = text_of(mint_with(key(1), {}, ShardIndex{513}).mint(kNow, kScope));
  Nonce nonce;
  EXPECT_EQ(mint_with(key(1), {}, ShardIndex{2}).verify(kNow, text, kScope, nonce), NonceVerdict::kFresh);
  EXPECT_EQ(nonce.minter, ShardIndex{513});
}

}  // namespace
}  // namespace vedette::engine
