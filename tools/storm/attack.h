// A flood beside the users: as many datagrams as the wire takes beside theirs, from addresses that are not theirs.
// Answers to it are counted and thrown away. Stands between the session and the wire; on only in the measured phase.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/storm/ring_wire.h"

namespace vedette::storm {

enum class AttackKind : uint8_t {
  kSingleSource,  // SUBSCRIBEs without credentials, from one address.
  kSpread,        // From 65,536 addresses, of which each comes up at random.
  kWrongDigest,   // Likewise, with credentials that look right, and a nonce that is of our making.
  kMalformed,     // Likewise, cut off in their middle.
  kRandom         // As kSpread, from eight million addresses.
};
std::string_view to_string(AttackKind kind);
std::optional<AttackKind> attack_called(std::string_view name);

class AttackWire final : public Wire {
 public:
  AttackWire(RingWire& wire, AttackKind kind, std::string_view domain);

  void set_on(bool on) { is_on_ = on; }
  uint64_t sent() const { return sent_; }
  uint64_t answered() const { return answered_; }

  std::span<const Incoming> receive() override;
  char* lend() override { return wire_.lend(); }
  void send(size_t length, const engine::Endpoint& from, unsigned lane) override { wire_.send(length, from, lane); }
  void flush() override;
  engine::Endpoint endpoint(uint32_t user, unsigned device) const override { return wire_.endpoint(user, device); }
  unsigned lane_of(std::string_view aor) const override { return wire_.lane_of(aor); }
  uint64_t damaged() const override { return wire_.damaged(); }
  uint64_t not_taken() const override { return wire_.not_taken(); }

 private:
  void attack();

  RingWire& wire_;
  const AttackKind kind_;
  std::string template_;          // Of one datagram; where its number goes.
  std::vector<size_t> numbers_;
  uint64_t state_ = 1;
  bool is_on_ = false;
  uint64_t sent_ = 0, answered_ = 0;
  std::vector<Incoming> incoming_;
};

}  // namespace vedette::storm
