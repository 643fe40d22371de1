// What happened on the wire: a running hash over every message with its time (two runs of a seed must agree),
// the last messages in full for the report of a failure, and, if wanted, a line for each as it happens.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/event_queue.h"
#include "tests/sim/packet.h"

namespace vedette::sim {

enum class WireEvent : uint8_t { kSent, kReceived };

enum class TracePrint : uint8_t { kNothing, kLines, kMessages };

class Trace {
 public:
  Trace(const EventQueue& clock, TracePrint print) : clock_(clock), print_(print) {}

  void record(WireEvent event, const Packet& packet);
  // Something that is no message but belongs between them: a restart, a change of phase.
  void note(std::string_view text);

  uint64_t hash() const { return hash_; }
  uint64_t messages() const { return messages_; }
  // The last `count` messages with this Call-ID (all messages when it is empty), oldest first, whole.
  void print_last(std::FILE* to, std::string_view call_id, size_t count) const;

 private:
  struct Entry {
    engine::Instant when;
    WireEvent event = WireEvent::kSent;
    Packet packet;
  };
  static constexpr size_t kKept = 20'000;

  void print_line(std::FILE* to, const Entry& entry) const;

  const EventQueue& clock_;
  TracePrint print_;
  uint64_t hash_ = 0;
  uint64_t messages_ = 0;
  std::vector<Entry> kept_;       // A ring, next_ is its oldest once it is full.
  size_t next_ = 0;
};

}  // namespace vedette::sim
