// A NOTIFY on the wire: our Via branch, which says which subscription it belongs to, and the message itself,
// the same bytes at every resend (RFC 3261 §17.1.2.2).
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/handle.h"
#include "engine/partition.h"
#include "engine/presence/subscription.h"
#include "parsers/writer.h"

namespace vedette::engine {

// z9hG4bKv, the partition (3 digits), the record's index (8) and generation (4), a random token (8).
struct NotifyBranch {
  Partition partition;
  uint32_t index = kNoIndex;
  uint16_t generation = 0;
  uint32_t token = 0;

  void write(parsers::Writer& writer) const;
  static bool parse(std::string_view text, NotifyBranch& out);
};

struct NotifyParts {
  const Subscription* subscription = nullptr;
  NotifyBranch branch;
  std::string_view body;          // Empty: none.
  bool final = false;
};

void write_notify(const NotifyParts& parts, parsers::Writer& writer);

}  // namespace vedette::engine
