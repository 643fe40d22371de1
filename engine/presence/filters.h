// What of a document a watcher is shown, beyond what his view says: by the event notification filters that watchers ask
// for (RFC 4660), and by what their package selects for them (EventPackage::select). Each filter is kept once however
// many have it, by its compiled bytes, since what people filter by is what their applications do. What filters leave of
// a document is kept with the document, for the last ones that were applied to it, and, until the next one is there,
// with the document before it: so a patch may be made for who has a filter. Runs on the shard's worker.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/core.h"
#include "engine/presence/packages/package.h"

namespace vedette::engine {

// Of one document. The one that was asked for the longest time ago goes.
inline constexpr size_t kFilteredDocumentsMax = 8;

struct FilterState {
  uint16_t filter = kNoFilter;
  bool is_off = false;        // RFC 4661 §3.4: disabled.
};

class Filters {
 public:
  explicit Filters(Core& core) : core_(core) {}

  // The filter with these compiled bytes, for one subscription more, of this watcher, that has had `filter` so far.
  // kFiltersFull, kDocumentsFull, kWatcherFiltersFull: it is not there.
  Reason try_enter(std::string_view compiled, std::string_view watcher, uint16_t& filter);
  // What the body of a SUBSCRIBE makes of the filter that its subscription has, which may be none (RFC 4660 §5.2.2):
  // afterwards `state` is what it is to have, for one subscription more. Otherwise all is as it was.
  Reason try_change(std::string_view body, const WatchQuestion& parties, FilterState& state);
  // The same, of what the package selects, whatever the subscription had before.
  Reason try_select(PackageId package, const PackageQuestion& question, FilterState& state);
  // A subscription has it no longer; kNoFilter afterwards.
  void leave(uint16_t& filter);
  // Whether what has become of its view's document is what the filter's watcher wants to be told, and that he is.
  bool has_triggers(uint16_t filter) const;
  bool fires(uint16_t filter, const DocumentRef& whole) const;
  void note_told(uint16_t filter, const DocumentRef& whole);
  // What the filter leaves of a document that is not null; null when the store is full. The document itself when it has
  // more elements than a scanner reads, unless the package hides what it does not select.
  const DocumentRef& apply(PackageId package, const DocumentRef& document, uint16_t filter);

 private:
  Reason check_room(uint64_t maker, uint16_t leaves) const;
  std::string_view bytes_of(uint16_t filter) const;
  void put_first(const DocumentRef& filtered, DocumentRef::Head& head);

  Core& core_;
  const DocumentRef none_;
};

// What the filter has left of the document; null when that is not known any more, or not yet.
const DocumentRef* find_filtered(const Core& core, const DocumentRef& document, uint16_t filter);

}  // namespace vedette::engine
