// See nonce_keys.h. Control thread only.
#include "engine/control/nonce_keys.h"

#include <utility>

namespace vedette::control {

NonceKeys::NonceKeys(Random random) : random_(std::move(random)) {
  random_({&current_.id, 1});
  random_(current_.secret);
  // Until the first rotation nothing else is believed: the previous key is the current one.
  previous_ = current_;
  make_next();
}

void NonceKeys::rotate() {
  previous_ = current_;
  current_ = next_;
  make_next();
}

void NonceKeys::make_next() {
  next_.id = static_cast<uint8_t>(current_.id + 1);
  random_(next_.secret);
}

engine::ControlMessage NonceKeys::message() const {
  engine::ControlMessage message;
  message.kind = engine::ControlMessage::Kind::kNonceKeys;
  message.current = current_;
  message.previous = previous_;
  message.next = next_;
  return message;
}

}  // namespace vedette::control
