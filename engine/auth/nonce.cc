// Minting and verifying nonces (RFC 7616 §3.3, §5.4). Pure; one HMAC each; one thread, the shard's.
#include "engine/auth/nonce.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "engine/auth/hex.h"

namespace vedette::engine {
namespace {

constexpr size_t kFieldBytes = NonceMint::kBytes - 16;  // All but the MAC.

// Most significant byte first.
void put_number(uint8_t*& at, uint64_t value, unsigned bytes) {
  for (unsigned i = bytes; i-- > 0;) *at++ = static_cast<uint8_t>(value >> (8 * i));
}

uint64_t take_number(const uint8_t*& at, unsigned bytes) {
  uint64_t value = 0;
  for (unsigned i = 0; i < bytes; ++i) value = value << 8 | *at++;
  return value;
}

std::string_view as_text(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

NonceMint::NonceMint(const Hashes& hashes, ShardIndex shard, Duration lifetime)
    : hashes_(hashes), shard_(shard), lifetime_(lifetime) {}

void NonceMint::set_keys(const NonceKey& current, const NonceKey& previous, const NonceKey& next) {
  current_ = {.usable = true, .id = current.id, .hmac = HmacKey(current.secret)};
  previous_ = believed(previous);
  next_ = believed(next);
}

// Anybody could sign with a secret that was never set.
NonceMint::Key NonceMint::believed(const NonceKey& key) {
  const bool set = std::any_of(key.secret.begin(), key.secret.end(), [](uint8_t b) { return b != 0; });
  return {.usable = set, .id = key.id, .hmac = HmacKey(key.secret)};
}

NonceMint::Text NonceMint::mint(Instant now, const NonceScope& scope) {
  std::array<uint8_t, kBytes> bytes;
  uint8_t* at = bytes.data();
  put_number(at, current_.id, 1);
  put_number(at, static_cast<uint64_t>(now.unix_nanoseconds() / 1'000'000), 6);
  put_number(at, shard_.value, 2);
  put_number(at, sequence_++, 4);
  const auto mac = sign(current_, as_text(std::span(bytes).first(kFieldBytes)), scope);
  std::copy(mac.begin(), mac.end(), at);
  Text text;
  write_hex(bytes, text.data());
  return text;
}

NonceVerdict NonceMint::verify(Instant now, std::string_view text, const NonceScope& scope,
                               Nonce& out) const {
  std::array<uint8_t, kBytes> bytes;
  if (!read_hex(text, bytes)) return NonceVerdict::kForged;
  const Key* key = find_key(bytes[0]);
  if (key == nullptr) return NonceVerdict::kStale;
  const auto mac = sign(*key, as_text(std::span(bytes).first(kFieldBytes)), scope);
  if (!equal_in_constant_time(mac, std::span(bytes).subspan(kFieldBytes))) return NonceVerdict::kForged;

  const uint8_t* at = bytes.data() + 1;
  out.issued = Instant::from_unix_nanoseconds(static_cast<int64_t>(take_number(at, 6)) * 1'000'000);
  out.minter = ShardIndex{static_cast<uint16_t>(take_number(at, 2))};
  out.mac = mac;
  return now - out.issued > lifetime_ ? NonceVerdict::kStale : NonceVerdict::kFresh;
}

const NonceMint::Key* NonceMint::find_key(uint8_t id) const {
  if (current_.usable && current_.id == id) return &current_;
  if (previous_.usable && previous_.id == id) return &previous_;
  if (next_.usable && next_.id == id) return &next_;
  return nullptr;
}

std::array<uint8_t, 16> NonceMint::sign(const Key& key, std::string_view fields,
                                        const NonceScope& scope) const {
  // The realm, of varying length, comes last, so that no two inputs give the same bytes.
  const std::array<std::string_view, 4> parts = {"nonce", fields, as_text(scope.source.bytes), scope.realm};
  const Sha256Digest whole = key.hmac.sign(hashes_, parts);
  std::array<uint8_t, 16> mac;
  std::copy_n(whole.begin(), mac.size(), mac.begin());
  return mac;
}

}  // namespace vedette::engine
