// Whether a watcher is where its Contact says (return routability). A digest says who sent the SUBSCRIBE, its nonce
// that he is where it came from; nothing says that he is where its Contact or Record-Route points. What goes there
// unasked has no body, and all together is about as long as what came for it, until a NOTIFY that was sent there is
// answered. Else anybody with an account could have us flood whom he likes. Pure; runs on the shard's worker.
#pragma once

#include "engine/core.h"
#include "engine/transaction/request.h"

namespace vedette::engine {

// The request has given the subscription its flow; `moves`: to another host than before. True when that host has to
// prove itself.
bool demand_proof(const Core& core, const Request& request, bool moves, Subscription& subscription);

// Whether one more NOTIFY, or the same once more, may go there; and one is about to.
inline bool may_send(const Subscription& subscription) {
  return subscription.is_proven || subscription.sends_left > 0;
}
inline bool try_spend_send(Subscription& subscription) {
  if (!may_send(subscription)) return false;
  if (subscription.is_proven) return true;
  subscription.sends_left = (subscription.sends_left - 1) & 3;
  return true;
}

// The NOTIFY in flight was answered. True when that has proved what had to be proved.
inline bool take_proof(Subscription& subscription) {
  if (subscription.is_proven || !subscription.asks_proof) return false;
  subscription.is_proven = true;
  return true;
}

}  // namespace vedette::engine
