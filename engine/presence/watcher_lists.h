// Who watches, as presence.winfo tells it (RFC 3857, RFC 3858). Each who watches that is told everything in answer to a
// SUBSCRIBE, and from then on what has changed since the NOTIFY that he acknowledged last; so each has documents of his
// own, made when they are sent. Where a list is too long for one NOTIFY, the others follow it with the rest, each as
// soon as the one before it was acknowledged.
//
// What has changed is kept in a log for each presentity, as long as somebody watches its watchers and has not
// acknowledged it; what the log has no room for (limits.watcher_changes_max, watcher_changes_per_presentity_max) makes
// the next document a full one. Runs on the shard's worker.
#pragma once

#include <cstdint>

#include "engine/core.h"
#include "engine/presence/watcher_row.h"

namespace vedette::engine {

class WatcherLists {
 public:
  explicit WatcherLists(Core& core) : core_(core) {}

  // A subscription was made, approved, or has to be decided on anew; and that it is over. Each gives the presentity of
  // presence.winfo whose watchers are to be told; kNoIndex: nobody is.
  uint32_t on_changed(uint32_t subscription);
  uint32_t on_ended(uint32_t subscription, EndReason reason);
  // The same of a watcher of this presentity of presence that waits, or waited until now.
  uint32_t on_row(uint32_t presentity, const WatcherRow& row);
  WatcherRow row_of(const Subscription& subscription) const;

  // The rest is for subscriptions to presence.winfo.

  // What a NOTIFY of this moment has to tell; null: the store is full. Its serial is the version that it leads to.
  DocumentRef compose(Instant now, uint32_t subscription);
  // What was composed for it last had no room for everybody.
  bool goes_on(const Subscription& subscription) const { return subscription.goes_on_with().index != kNoIndex; }
  // Subscription::acknowledged has changed; one has left.
  void on_acknowledged(uint32_t presentity);
  void on_left(uint32_t presentity);

  void check_invariants() const;

 private:
  class Document;
  uint32_t find_watched(uint32_t presentity) const;
  uint32_t note(uint32_t winfo, uint64_t id);
  uint32_t take_known(Presentity& winfo, uint64_t id);
  uint32_t count_changes(const Presentity& winfo) const;
  void drop_first(Presentity& winfo);
  void forget_first(Presentity& winfo);
  void forget_all(uint32_t winfo);
  uint64_t id_of(const Subscription& subscription) const { return core_.hash(subscription.tag); }
  WatcherRow row_of(const WatcherChange& change) const;
  void put_ended(const Subscription& subscription, Document& document) const;
  bool is_full_due(const Subscription& subscription) const;
  bool put_changes(const Subscription& subscription, Document& document) const;
  ListPlace put_list(const Subscription& subscription, const ListPlace& from, Document& document) const;
  bool put_listed(const Subscription& subscription, const WatcherRow& row, Document& document) const;
  ListPlace beginning_of(const Presentity& presence) const;
  ListPlace place_of_waiting(uint32_t waiting) const;
  ListPlace place_of_live(uint32_t subscription) const;
  ListPlace where_it_goes_on(const Subscription& subscription, const Presentity& presence) const;

  Core& core_;
};

}  // namespace vedette::engine
