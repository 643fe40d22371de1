// The event notification filters that watchers have asked for (RFC 4660): each kept once however many have it, by its
// compiled bytes, since what people filter by is what their applications do. What a filter leaves of a document is kept
// with the document, for the last filter that was applied to it. Runs on the shard's worker.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/core.h"

namespace vedette::engine {

struct FilterState {
  uint16_t filter = kNoFilter;
  uint8_t id = 0;             // A hash of what its subscriber calls it.
  bool is_off = false;        // RFC 4661 §3.4: disabled.
};

class Filters {
 public:
  explicit Filters(Core& core) : core_(core) {}

  // The filter with these compiled bytes, for one subscription more. kFiltersFull, kDocumentsFull: it is not there.
  Reason try_enter(std::string_view compiled, uint16_t& filter);
  // What the body of a SUBSCRIBE makes of the filter that its subscription has, which may be none (RFC 4660 §5.2.2):
  // afterwards `state` is what it is to have, for one subscription more. Otherwise all is as it was.
  Reason try_change(std::string_view body, std::string_view aor, FilterState& state);
  // A subscription has it no longer; kNoFilter afterwards.
  void leave(uint16_t& filter);
  // What the filter leaves of a document that is not null; null when the store is full. The document itself when it has
  // more elements than a scanner reads.
  const DocumentRef& apply(const DocumentRef& document, uint16_t filter);

 private:
  Core& core_;
};

}  // namespace vedette::engine
