// Which connections lead to where a message may go whose own connection is gone, or that never had one: those that we
// opened, and those that a peer lent (RFC 5923). And whom connections have proved to be. Of all threads: a message that
// comes to one may leave by another. Any thread; no worker ever waits for the lock.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "engine/flow.h"

namespace vedette::control {

// A connection whose other end has proved domains.
struct StreamProof {
  uint32_t connection;
  engine::Endpoint remote;
  bool is_ours;                         // We opened it.
  bool is_alias;
  std::string peer;                     // The domains of each [[peer]] that it speaks for; empty: of none.
  std::vector<std::string> domains;     // All that its certificate has.
};

class StreamRoutes {
 public:
  // The connection that leads where `flow` may open one; 0: none.
  uint32_t find(const engine::Flow& flow) const;
  // As find(); where there is none, `connection` is the one from now on, which the caller is to open.
  uint32_t claim(const engine::Flow& flow, uint32_t connection);
  // `peer` (as in Flow::peer) lends the connection of `flow`. False: it did so before.
  bool lend(uint16_t peer, const engine::Flow& flow);
  bool is_lent(uint16_t peer, uint32_t connection) const;
  void add(StreamProof proof);            // Whether it is an alias is known here.
  // The connection of `flow`, ours or a peer's, is gone.
  void forget(const engine::Flow& flow);

  std::vector<StreamProof> proofs(size_t max) const;   // By their numbers.

 private:
  // Where a connection leads that we opened. By TLS besides: as whom we called.
  struct Destination {
    std::array<uint8_t, 16> address{};
    uint16_t port = 0;
    uint16_t peer = engine::kNoPeer;
    engine::Transport transport{};
    auto operator<=>(const Destination&) const = default;
  };
  struct Lent {
    uint32_t connection;
    bool is_v4;
  };

  uint32_t find_locked(const engine::Flow& flow) const;
  static Destination destination_of(const engine::Flow& flow);

  mutable std::mutex mutex_;
  std::map<Destination, uint32_t> opened_;
  std::map<uint16_t, Lent> lent_;         // By Flow::peer.
  std::map<uint32_t, StreamProof> proofs_;
};

}  // namespace vedette::control
