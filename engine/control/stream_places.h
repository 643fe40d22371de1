// The places that there are for connections, for handshakes and for connections that we open, and how many of them each
// peer has: limits of all threads together (stream_config.h). Any thread; no worker ever waits for the lock.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <optional>

#include "engine/control/stream_config.h"
#include "engine/control/stream_counters.h"
#include "engine/flow.h"

namespace vedette::control {

class StreamPlaces {
 public:
  explicit StreamPlaces(const StreamConfig& config) : config_(config) {}
  StreamPlaces(const StreamPlaces&) = delete;
  StreamPlaces& operator=(const StreamPlaces&) = delete;

  struct Verdict {
    std::optional<StreamCounter> refused;   // Why there is no place.
    uint32_t dropped = 0;                   // A connection whose place for its handshake this one has now; 0: none's.
  };
  // For a connection that a peer opened.
  Verdict take(uint32_t connection, const engine::IpAddress& peer, bool shakes_hands);
  void leave(const engine::IpAddress& peer);
  void on_handshake_over(uint32_t connection);            // Nothing for one without such a place.

  // For one that we open. Empty: it has one. Else why not.
  std::optional<StreamCounter> take_for_ours(const engine::IpAddress& peer);
  void on_opening_over(const engine::IpAddress& peer);    // Also when nothing came of it.
  void leave_ours();

  uint32_t connections() const;

 private:
  using Address = std::array<uint8_t, 16>;
  // How many connections a peer has opened, how many of them have yet to shake hands, and how many we are opening to
  // it.
  struct Peer {
    uint32_t connections = 0, handshakes = 0, openings = 0;
  };
  struct Handshake {
    uint32_t connection;
    Address peer;
  };
  using Handshakes = std::list<Handshake>;

  void end_handshake(Handshakes::iterator handshake);
  void forget_if_idle(const Address& address);
  static Address peer_of(const engine::IpAddress& address);

  const StreamConfig& config_;
  mutable std::mutex mutex_;
  std::map<Address, Peer> peers_;
  uint32_t connections_ = 0, openings_ = 0;
  Handshakes handshakes_;                                 // In the order in which they came.
  std::map<uint32_t, Handshakes::iterator> handshake_of_;
};

}  // namespace vedette::control
