// A NOTIFY on the wire: our Via branch, which says which subscription it belongs to, and the message itself,
// the same bytes at every resend (RFC 3261 §17.1.2.2).
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/handle.h"
#include "engine/limits.h"
#include "engine/partition.h"
#include "engine/presence/local_ends.h"
#include "engine/presence/subscription.h"
#include "parsers/writer.h"

namespace vedette::engine {

// z9hG4bKv, the partition (3 digits), the record's index (8) and generation (4), a random token (8).
struct NotifyBranch {
  Partition partition;
  uint32_t index = kNoIndex;
  uint16_t generation = 0;
  uint32_t token = 0;

  static constexpr size_t kBytes = kBranchPrefix.size() + kPartitionDigits + 8 + 4 + 8;
  // Writes that many.
  void write(char* to) const;
  static bool parse(std::string_view text, NotifyBranch& out);
};

struct NotifyParts {
  const Subscription* subscription = nullptr;
  const LocalEnd* end = nullptr;
  std::string_view presentity;    // Its AOR.
  NotifyBranch branch;
  std::string_view full_media_type;   // Of its document as a <pidf-full>, if that is how it goes.
  uint64_t tag_of_nothing = 0;    // The entity-tag of what shows no document.
  uint32_t version = 0;           // The watcher's own, for a document that has one (see EventPackage).
  bool fits = true;               // False: the document is left out.
  bool is_pending = false;        // RFC 6665 §4.1.3: whether the watcher may watch has not been decided.
  bool final = false;
  uint32_t retry_after_seconds = 0;   // Of a final one, where its reason has use for it.
};

void write_notify(const NotifyParts& parts, parsers::Writer& writer);

// What a NOTIFY has besides its dialog lines and its body: start line, Via, CSeq, Subscription-State, ...
inline constexpr size_t kNotifyOverheadMax = 512;
// What is left for the body of one that every watcher's datagram can hold.
constexpr size_t notify_body_bytes_max(const Limits& limits) {
  const size_t others = limits.dialog_bytes_max + kNotifyOverheadMax;
  return limits.datagram_bytes_max > others ? limits.datagram_bytes_max - others : 0;
}

}  // namespace vedette::engine
