// Stateless nonces: who made it (key, shard), when, and a MAC over that, the realm and the client's address.
// Nothing is stored for a request that has not proved itself. The client's port is left out: a NAT may change
// it.
//
// Keys are rotated by the control thread; all shards have the same ones, so each believes what another
// minted.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "engine/auth/hmac.h"
#include "engine/base/time.h"
#include "engine/control_message.h"
#include "engine/flow.h"
#include "engine/hashes.h"
#include "engine/partition.h"

namespace vedette::engine {

struct Nonce {
  Instant issued;  // To the millisecond.
  ShardIndex minter{};
  std::array<uint8_t, 16> mac{};  // HMAC-SHA-256, truncated. No two nonces have the same.
};

enum class NonceVerdict : uint8_t {
  kFresh,
  kStale,   // Once ours: too old, or its key was rotated away.
  kForged,  // Not ours, or ours for another address or realm.
};

// What a nonce is for. It is believed for this alone.
struct NonceScope {
  std::string_view realm;
  IpAddress source;
};

class NonceMint {
 public:
  // Key id, milliseconds, shard, sequence number, MAC; in hexadecimal.
  static constexpr size_t kBytes = 1 + 6 + 2 + 4 + 16;
  static constexpr size_t kTextLength = 2 * kBytes;
  using Text = std::array<char, kTextLength>;

  NonceMint(const Hashes& hashes, ShardIndex shard, Duration lifetime);

  // `current` signs from now on, `previous` is still believed, and `next` already: another shard may have been told
  // sooner. An all-zero secret of these two is no key.
  void set_keys(const NonceKey& current, const NonceKey& previous, const NonceKey& next = {});

  Text mint(Instant now, const NonceScope& scope);
  // `out` is filled in unless the verdict is kForged or the key is gone.
  NonceVerdict verify(Instant now, std::string_view text, const NonceScope& scope, Nonce& out) const;

 private:
  struct Key {
    bool usable = false;
    uint8_t id = 0;
    HmacKey hmac;
  };
  static Key believed(const NonceKey& key);
  const Key* find_key(uint8_t id) const;
  std::array<uint8_t, 16> sign(const Key& key, std::string_view fields, const NonceScope& scope) const;

  Hashes hashes_;
  ShardIndex shard_;
  Duration lifetime_;
  Key current_;
  Key previous_;
  Key next_;
  uint32_t sequence_ = 0;  // Keeps apart what one shard mints within a millisecond.
};

}  // namespace vedette::engine
