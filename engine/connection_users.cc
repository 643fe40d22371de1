#include "engine/connection_users.h"

#include "engine/base/check.h"

namespace vedette::engine {

bool ConnectionUsers::follow(uint32_t user, const Flow& flow) {
  const uint32_t wanted = connection_in(flow);
  if (links_[user].connection == wanted) return true;
  leave(user);
  if (wanted == 0) return true;
  const uint32_t second = find(wanted);
  if (second == kNoIndex && first_.size() == connections_max_) return false;
  if (second != kNoIndex) {
    links_[second].previous = user;
    first_.erase(hash_of(wanted), second);
  }
  links_[user] = {wanted, kNoIndex, second};
  first_.insert(hash_of(wanted), user);
  // There is room: it has a place for each that first_ may have.
  if (user < counted_) VEDETTE_CHECK(counts_.try_add(hash_of(wanted)));
  return true;
}

void ConnectionUsers::leave(uint32_t user) {
  const Links links = links_[user];
  if (links.connection == 0) return;
  if (user < counted_) counts_.remove(hash_of(links.connection));
  if (links.next != kNoIndex) links_[links.next].previous = links.previous;
  if (links.previous != kNoIndex) {
    links_[links.previous].next = links.next;
  } else {
    first_.erase(hash_of(links.connection), user);
    if (links.next != kNoIndex) first_.insert(hash_of(links.connection), links.next);
  }
  links_[user] = {};
}

uint32_t ConnectionUsers::find(uint32_t connection) const {
  return first_.find(hash_of(connection), [&](uint32_t user) { return links_[user].connection == connection; });
}

}  // namespace vedette::engine
