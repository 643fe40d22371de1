// See stream_places.h. Any thread.
#include "engine/control/stream_places.h"

#include <algorithm>
#include <iterator>

namespace vedette::control {

using engine::IpAddress;

StreamPlaces::Verdict StreamPlaces::take(uint32_t connection, const IpAddress& address, bool shakes_hands) {
  const std::lock_guard lock(mutex_);
  if (connections_ >= config_.connections_max) return {StreamCounter::kRefusedFull};
  const Address key = peer_of(address);
  Peer& peer = peers_[key];
  if (peer.connections >= config_.connections_per_peer_max) return {StreamCounter::kRefusedPeer};
  if (shakes_hands && peer.handshakes >= config_.handshakes_per_peer_max) {
    return {StreamCounter::kRefusedPeerHandshakes};
  }
  ++connections_;
  ++peer.connections;
  if (!shakes_hands) return {};
  // Who is silent takes the place of nobody else: the handshake that has taken longest makes room.
  Verdict verdict;
  ++peer.handshakes;
  if (handshakes_.size() >= config_.handshakes_max) {
    verdict.dropped = handshakes_.front().connection;
    end_handshake(handshakes_.begin());
  }
  handshakes_.push_back({connection, key});
  handshake_of_.emplace(connection, std::prev(handshakes_.end()));
  return verdict;
}

void StreamPlaces::leave(const IpAddress& address) {
  const std::lock_guard lock(mutex_);
  --connections_;
  const Address peer = peer_of(address);
  --peers_.at(peer).connections;
  forget_if_idle(peer);
}

void StreamPlaces::on_handshake_over(uint32_t connection) {
  const std::lock_guard lock(mutex_);
  const auto found = handshake_of_.find(connection);
  if (found != handshake_of_.end()) end_handshake(found->second);
}

void StreamPlaces::end_handshake(Handshakes::iterator handshake) {
  --peers_.at(handshake->peer).handshakes;
  handshake_of_.erase(handshake->connection);
  handshakes_.erase(handshake);
}

std::optional<StreamCounter> StreamPlaces::take_for_ours(const IpAddress& address) {
  const std::lock_guard lock(mutex_);
  const Address key = peer_of(address);
  const auto peer = peers_.find(key);
  if (peer != peers_.end() && peer->second.openings >= config_.openings_per_peer_max) {
    return StreamCounter::kRefusedPeerOpenings;
  }
  if (openings_ >= config_.openings_max) return StreamCounter::kRefusedOpenings;
  if (connections_ >= config_.connections_max) return StreamCounter::kRefusedFull;
  ++connections_;
  ++openings_;
  ++peers_[key].openings;
  return {};
}

void StreamPlaces::on_opening_over(const IpAddress& address) {
  const std::lock_guard lock(mutex_);
  --openings_;
  const Address peer = peer_of(address);
  --peers_.at(peer).openings;
  forget_if_idle(peer);
}

void StreamPlaces::leave_ours() {
  const std::lock_guard lock(mutex_);
  --connections_;
}

uint32_t StreamPlaces::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

void StreamPlaces::forget_if_idle(const Address& address) {
  const auto peer = peers_.find(address);
  if (peer->second.connections == 0 && peer->second.openings == 0) peers_.erase(peer);
}

// One customer has one IPv4 address, or an IPv6 /64.
StreamPlaces::Address StreamPlaces::peer_of(const IpAddress& address) {
  Address peer = address.bytes;
  if (!address.is_v4()) std::fill(peer.begin() + 8, peer.end(), uint8_t{0});
  return peer;
}

}  // namespace vedette::control
