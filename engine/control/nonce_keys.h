// The keys that digest nonces are signed with: one signs, the one before it is still believed, and the one after it is
// known already, so that no shard meets a nonce of a key that it has yet to be told of. A new one is
// made every nonce_key_lifetime; shards are told by the control thread.
#pragma once

#include <functional>
#include <span>

#include "engine/control/crypto.h"
#include "engine/control_message.h"

namespace vedette::control {

class NonceKeys {
 public:
  using Random = std::function<void(std::span<uint8_t>)>;
  // The first key has a random id, so that a restarted engine is not mistaken for its predecessor.
  explicit NonceKeys(Random random = fill_random);

  const engine::NonceKey& current() const { return current_; }
  void rotate();
  engine::ControlMessage message() const;  // What shards are told.

 private:
  void make_next();

  Random random_;
  engine::NonceKey current_;
  engine::NonceKey previous_;
  engine::NonceKey next_;
};

}  // namespace vedette::control
