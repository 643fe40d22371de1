// Identities that were right, for as long as they could be used again: the same request is recognised without looking
// at its signature, and another one that carries its token is a replay. Nothing that is signed names the request (RFC
// 8224 §12.1): From, To and the second are all there is. Time is handed in. Control thread only.
#pragma once

#include <cstdint>
#include <deque>
#include <map>

#include "engine/auth/identity.h"
#include "engine/base/time.h"
#include "engine/hashes.h"

namespace vedette::control {

class IdentityTokens {
 public:
  IdentityTokens(size_t tokens_max, engine::Duration freshness);

  enum class Verdict : uint8_t { kUnknown, kKnown, kReplayed };
  // Of a token in a request: what came with it is the same as then, or is not.
  Verdict look_up(engine::Instant now, const engine::IdentityClaim& claim, const engine::Request& request);
  // It was right. True when another one had to be forgotten for it.
  bool remember(engine::Instant now, const engine::IdentityClaim& claim, const engine::Request& request);
  size_t size() const { return known_.size(); }

 private:
  using Hash = engine::Sha256Digest;
  Hash hash_of(const engine::IdentityClaim& claim) const;
  Hash hash_of(const engine::Request& request) const;
  void forget_oldest();

  struct Entry {
    Hash token;
    engine::Instant until;
  };
  const size_t tokens_max_;
  const engine::Duration kept_for_;
  const engine::Hashes hashes_;
  std::map<Hash, Hash> known_;       // Tokens, and the requests that they came in.
  std::deque<Entry> by_age_;
};

}  // namespace vedette::control
