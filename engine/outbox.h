// What a shard gives out: a fixed number of slots over buffers that the caller lends for one call and drains
// after it. No callbacks: the shard writes, the caller moves the bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/base/prefetch.h"
#include "engine/flow.h"
#include "engine/partition.h"

namespace vedette::engine {

enum class OutKind : uint8_t {
  kDatagram,      // A SIP message for the wire, to `flow`: a datagram, or a message for a connection.
  kPeer,          // A message for another shard's on_peer, `peer_kind` and `flow` go with it.
  kControl,       // A record for the control thread (ControlReply bytes).
};

// What one shard says to another, or the control thread to one. The bytes are a whole SIP message, but of a loss.
enum class PeerKind : uint8_t {
  kDatagram,      // A datagram that arrived on a core that does not own its partition. `flow` is where it came from.
  kForwardNotify, // A NOTIFY of the sending shard for a GRUU whose bindings the receiving shard owns.
  kForwardResend, // The same again, by Timer E: only for bindings that are reached by UDP.
  kNotifyFailed,  // Its answer when there is no such binding: the same NOTIFY back; the sender takes it as a 480.
  kNotifyUndeliverable,  // A NOTIFY of any shard back, by the thread of connections: there is none for it.
  kConnectionLost,       // By a thread of connections: no bytes, flow.connection is gone.
  kVerified,             // A request whose Identity was to be verified, with the verdict (PeerMessage::verdict).
};

struct OutSlot {
  // Lent by the caller:
  char* bytes = nullptr;
  uint32_t capacity = 0;
  // Filled in by the shard:
  uint32_t length = 0;
  OutKind kind = OutKind::kDatagram;
  PeerKind peer_kind = PeerKind::kDatagram;   // kPeer only.
  ShardIndex shard{};                         // kPeer only: who gets it.
  Flow flow;                                  // kDatagram: where to send it. kPeer: passed on.
};

class Outbox {
 public:
  explicit Outbox(std::span<OutSlot> slots) : slots_(slots) {
    fetch(0);
    fetch(1);
  }

  size_t room() const { return slots_.size() - used_; }
  // The next free slot, to be filled and then committed; null when all are used. Asking twice without a
  // commit gives the same slot, so a message that turns out not to fit is simply never committed.
  OutSlot* try_slot() { return used_ < slots_.size() ? &slots_[used_] : nullptr; }
  void commit() {
    ++used_;
    fetch(used_ + 1);
  }
  std::span<const OutSlot> committed() const { return slots_.first(used_); }
  void clear() { used_ = 0; }

  // How many slots of kind kControl the control thread has room for: a listing that finds none goes on in a
  // later turn. The caller says so before each call; without a word there is room.
  size_t control_room() const { return control_room_; }
  void set_control_room(size_t room) { control_room_ = room; }
  void commit_control() {
    commit();
    --control_room_;
  }

  // The same for messages to connections that can wait: NOTIFYs that nothing would send again if they were dropped.
  // Answers go out without asking.
  size_t stream_room() const { return stream_room_; }
  void set_stream_room(size_t room) { stream_room_ = room; }
  // A slot of kind kDatagram.
  void commit_message() {
    if (is_reliable(slots_[used_].flow.transport) && stream_room_ > 0) --stream_room_;
    commit();
  }

 private:
  // Where a message will be written that is as long as most, and what the caller writes in front of it. Its buffer was
  // last read by a port, or by another core.
  void fetch(size_t slot) {
    constexpr size_t kInFront = 64, kBytes = 1'216;
    if (slot < slots_.size()) prefetch_for_writing(reinterpret_cast<uintptr_t>(slots_[slot].bytes) - kInFront, kBytes);
  }

  std::span<OutSlot> slots_;
  size_t used_ = 0;
  size_t control_room_ = SIZE_MAX;
  size_t stream_room_ = SIZE_MAX;
};

}  // namespace vedette::engine
