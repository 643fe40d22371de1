// See stream_routes.h. Any thread.
#include "engine/control/stream_routes.h"

#include <utility>

namespace vedette::control {

using engine::Flow;

uint32_t StreamRoutes::find(const Flow& flow) const {
  const std::lock_guard lock(mutex_);
  return find_locked(flow);
}

uint32_t StreamRoutes::claim(const Flow& flow, uint32_t connection) {
  const std::lock_guard lock(mutex_);
  if (const uint32_t found = find_locked(flow)) return found;
  opened_.emplace(destination_of(flow), connection);
  return connection;
}

uint32_t StreamRoutes::find_locked(const Flow& flow) const {
  const auto ours = opened_.find(destination_of(flow));
  if (ours != opened_.end()) return ours->second;
  if (flow.transport != engine::Transport::kTls || flow.peer == engine::kNoPeer) return 0;
  const auto lent = lent_.find(flow.peer);
  // Of another family of addresses it would be another place.
  return lent != lent_.end() && lent->second.is_v4 == flow.remote.address.is_v4() ? lent->second.connection : 0;
}

bool StreamRoutes::lend(uint16_t peer, const Flow& flow) {
  const std::lock_guard lock(mutex_);
  Lent& lent = lent_[peer];
  if (lent.connection == flow.connection) return false;
  lent = {flow.connection, flow.remote.address.is_v4()};
  return true;
}

bool StreamRoutes::is_lent(uint16_t peer, uint32_t connection) const {
  const std::lock_guard lock(mutex_);
  const auto lent = lent_.find(peer);
  return lent != lent_.end() && lent->second.connection == connection;
}

void StreamRoutes::add(StreamProof proof) {
  const std::lock_guard lock(mutex_);
  proofs_.insert_or_assign(proof.connection, std::move(proof));
}

void StreamRoutes::forget(const Flow& flow) {
  const std::lock_guard lock(mutex_);
  const auto ours = opened_.find(destination_of(flow));
  if (ours != opened_.end() && ours->second == flow.connection) opened_.erase(ours);
  std::erase_if(lent_, [&](const auto& lent) { return lent.second.connection == flow.connection; });
  proofs_.erase(flow.connection);
}

std::vector<StreamProof> StreamRoutes::proofs(size_t max) const {
  const std::lock_guard lock(mutex_);
  std::vector<StreamProof> out;
  for (const auto& [number, proof] : proofs_) {
    if (out.size() == max) break;
    StreamProof& shown = out.emplace_back(proof);
    for (const auto& [peer, lent] : lent_) shown.is_alias = shown.is_alias || lent.connection == number;
  }
  return out;
}

StreamRoutes::Destination StreamRoutes::destination_of(const Flow& flow) {
  return {flow.remote.address.bytes, flow.remote.port, flow.peer, flow.transport};
}

}  // namespace vedette::control
