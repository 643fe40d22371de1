#include "engine/presence/watcher_lists.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/presence/dialog_text.h"
#include "engine/presence/notify.h"
#include "engine/presence/packages/package.h"
#include "engine/presence/packages/watcher_info.h"
#include "engine/presence/watcher_machine.h"

namespace vedette::engine {
namespace {

// Subscriptions that one document looks at, whether they are listed in it or are over already.
constexpr uint32_t kLookedAtMax = 256;
// Where more watch the same watchers, changes are kept until there is no room for them.
constexpr uint32_t kAskedMax = 8;
constexpr uint32_t kGenerationMask = UINT32_MAX >> 1;

// RFC 3857 §4.7.2: "if an authorized watcher performs a fetch operation, this will cause the state machine to be
// created, transition from init to active, and then from active to terminated ... watcherinfo notifications SHOULD NOT
// be sent for any transient states."
bool is_fetch(const Subscription& subscription) { return subscription.created_at() == subscription.expires_at; }

}  // namespace

// One in the making, in the core's scratch.
class WatcherLists::Document {
 public:
  Document(Core& core, Instant now, std::string_view aor) : core_(core), now_(now), aor_(aor) { begin(true); }

  // What has been written is given up for a full list.
  void begin_anew() { begin(false); }
  bool is_partial() const { return is_partial_; }

  // False when there is no room left for it. What there never is room for is left out, and counted.
  bool put(const WatcherRow& row) {
    const size_t bytes = packages::watcher_bytes_max(row) + packages::kWatcherListEnd.size();
    const size_t bytes_max = std::min(notify_body_bytes_max(core_.limits), core_.scratch.size());
    if (head_bytes_ + bytes > bytes_max) {
      core_.counters.add(Counter::kWatchersLeftOut);
      return true;
    }
    if (writer_.length() + bytes > bytes_max) return false;
    packages::put_watcher(now_, row, writer_);
    return true;
  }
  // Null when the store is full.
  DocumentRef finish(uint32_t serial) {
    writer_.put(packages::kWatcherListEnd);
    VEDETTE_CHECK(!writer_.overflowed());
    DocumentRef made = DocumentRef::try_make(core_.texts, {.body = writer_.text(),
                                                           .media_type = package_of(PackageId::kWatcherInfo).media_type,
                                                           .entity_tag = core_.hash(writer_.text()),
                                                           .version_offset = version_offset_});
    if (!made.is_null()) made.head().serial = serial;
    return made;
  }

 private:
  void begin(bool is_partial) {
    is_partial_ = is_partial;
    writer_ = parsers::Writer(core_.scratch.data(), core_.scratch.size());
    version_offset_ = packages::open_watcher_list(aor_, !is_partial, writer_);
    head_bytes_ = writer_.length();
  }

  Core& core_;
  Instant now_;
  std::string_view aor_;
  bool is_partial_ = true;
  parsers::Writer writer_{nullptr, 0};
  uint32_t version_offset_ = 0;
  size_t head_bytes_ = 0;
};

// The AOR's presentity of presence.winfo, where somebody watches it.
uint32_t WatcherLists::find_watched(uint32_t index) const {
  const Presentity& presentity = core_.presentities[index];
  if (presentity.package != PackageId::kPresence) return kNoIndex;
  const uint32_t winfo = core_.find_presentity(presentity.aor.view(), PackageId::kWatcherInfo);
  return winfo != kNoIndex && core_.presentities[winfo].watcher_count > 0 ? winfo : kNoIndex;
}

uint32_t WatcherLists::on_changed(uint32_t index) {
  const Subscription& subscription = core_.subscriptions[index];
  if (is_fetch(subscription)) return kNoIndex;
  const uint32_t winfo = find_watched(subscription.presentity);
  if (winfo == kNoIndex) return kNoIndex;
  const uint32_t change = note(winfo, id_of(subscription));
  if (change != kNoIndex) core_.watcher_changes[change].subscription = index;
  return winfo;
}

uint32_t WatcherLists::on_ended(uint32_t index, EndReason reason) {
  const Subscription& subscription = core_.subscriptions[index];
  if (is_fetch(subscription) || find_watched(subscription.presentity) == kNoIndex) return kNoIndex;
  WatcherRow row = row_of(subscription);
  row.event = event_of(reason);
  // RFC 3857 §4.7.1: who would have to wait, and cannot, is over by the server's decision "to end a pending or waiting
  // subscription".
  if (status_after(row.status, row.event) == WatcherStatus::kWaiting) row.event = WatcherEvent::kGiveup;
  row.status = status_after(row.status, row.event);
  VEDETTE_CHECK(row.status == WatcherStatus::kTerminated);
  return on_row(subscription.presentity, row);
}

uint32_t WatcherLists::on_row(uint32_t presentity, const WatcherRow& row) {
  const uint32_t winfo = find_watched(presentity);
  const uint32_t index = winfo == kNoIndex ? kNoIndex : note(winfo, row.id);
  if (index == kNoIndex) return winfo;
  WatcherChange& change = core_.watcher_changes[index];
  change.subscription = kNoIndex;
  change.status = row.status;
  change.event = row.event;
  // Nobody changes his name.
  if (!change.watcher.text && !change.watcher.try_keep(core_.texts, row)) forget_all(winfo);
  return winfo;
}

// The record for a change of the watcher with this id, the last one of its presentity; kNoIndex when there is no room
// for it, and everybody is to be told everything.
uint32_t WatcherLists::note(uint32_t winfo_index, uint64_t id) {
  Presentity& winfo = core_.presentities[winfo_index];
  ++winfo.version;
  uint32_t index = take_known(winfo, id);
  if (index == kNoIndex) {
    if (count_changes(winfo) >= core_.limits.watcher_changes_per_presentity_max) forget_first(winfo);
    index = core_.watcher_changes.try_acquire();
  }
  if (index == kNoIndex) {
    forget_all(winfo_index);
    return kNoIndex;
  }
  uint32_t* link = &winfo.changes;
  while (*link != kNoIndex) link = &core_.watcher_changes[*link].next;
  *link = index;
  WatcherChange& change = core_.watcher_changes[index];
  change.next = kNoIndex;
  change.number = winfo.version;
  change.watcher.id = id;
  return index;
}

// Takes the change of the watcher with this id off its list; kNoIndex when there is none.
uint32_t WatcherLists::take_known(Presentity& winfo, uint64_t id) {
  uint32_t* link = &winfo.changes;
  while (*link != kNoIndex && core_.watcher_changes[*link].watcher.id != id) link = &core_.watcher_changes[*link].next;
  const uint32_t index = *link;
  if (index != kNoIndex) *link = core_.watcher_changes[index].next;
  return index;
}

uint32_t WatcherLists::count_changes(const Presentity& winfo) const {
  uint32_t count = 0;
  for (uint32_t i = winfo.changes; i != kNoIndex; i = core_.watcher_changes[i].next) ++count;
  return count;
}

void WatcherLists::drop_first(Presentity& winfo) {
  const uint32_t index = winfo.changes;
  WatcherChange& change = core_.watcher_changes[index];
  winfo.changes = change.next;
  core_.texts.release(change.watcher.text);
  core_.watcher_changes.release(index);
}

// Whoever has not been told of it is told everything.
void WatcherLists::forget_first(Presentity& winfo) {
  winfo.changes_floor = core_.watcher_changes[winfo.changes].number;
  core_.counters.add(Counter::kWatcherChangesForgotten);
  drop_first(winfo);
}

void WatcherLists::forget_all(uint32_t index) {
  Presentity& winfo = core_.presentities[index];
  while (winfo.changes != kNoIndex) drop_first(winfo);
  winfo.changes_floor = winfo.version;
  core_.counters.add(Counter::kWatcherChangesForgotten);
}

WatcherRow WatcherLists::row_of(const Subscription& subscription) const {
  return {.id = id_of(subscription),
          .status = core_.is_pending(subscription) ? WatcherStatus::kPending : WatcherStatus::kActive,
          .event = subscription.was_approved ? WatcherEvent::kApproved : WatcherEvent::kSubscribe,
          .aor = subscription.watcher(),
          .display_name = display_name_of(subscription),
          .created_at = subscription.created_at(),
          .expires_at = subscription.expires_at};
}

WatcherRow WatcherLists::row_of(const WatcherChange& change) const {
  if (change.subscription != kNoIndex) return row_of(core_.subscriptions[change.subscription]);
  return change.watcher.row(change.status, change.event);
}

// RFC 3857 §4.3: "Watcherinfo notifications triggered from a SUBSCRIBE contain full state ... Watcherinfo notifications
// triggered from a change in watcher state only contain information on the watcher whose state has changed." One that
// has nothing to tell, at a minimum rate (RFC 6446 §6), says everything again.
DocumentRef WatcherLists::compose(Instant now, uint32_t index) {
  Subscription& subscription = core_.subscriptions[index];
  Presentity& winfo = core_.presentities[subscription.presentity];
  winfo.version = std::max(winfo.version, uint32_t{1});  // Nobody acknowledges 0.
  const uint32_t found = core_.find_presentity(winfo.aor.view());
  const Presentity& presence = found == kNoIndex ? Presentity() : core_.presentities[found];
  ListPlace place;
  Document document(core_, now, winfo.aor.view());
  const bool is_partial = !is_full_due(subscription) && put_changes(subscription, document);
  if (is_partial) {
    place = where_it_goes_on(subscription, presence);
  } else {
    document.begin_anew();
    put_ended(subscription, document);
    place = beginning_of(presence);
  }
  place = put_list(subscription, place, document);
  DocumentRef made = document.finish(winfo.version);
  if (made.is_null()) return made;
  core_.counters.add(Counter::kDocumentsComposed);
  if (is_partial) core_.counters.add(Counter::kNotifiesPartial);
  subscription.full_due = false;
  subscription.set_goes_on_with(place);
  return made;
}

bool WatcherLists::is_full_due(const Subscription& subscription) const {
  const Presentity& winfo = core_.presentities[subscription.presentity];
  const bool has_news = subscription.acknowledged != winfo.version || goes_on(subscription);
  return subscription.full_due || subscription.acknowledged == 0 || subscription.acknowledged < winfo.changes_floor ||
         !has_news;
}

// A full list lets its reader forget what was before; still he is told how it ended, once.
void WatcherLists::put_ended(const Subscription& subscription, Document& document) const {
  if (subscription.acknowledged == 0) return;
  const Presentity& winfo = core_.presentities[subscription.presentity];
  for (uint32_t i = winfo.changes; i != kNoIndex; i = core_.watcher_changes[i].next) {
    const WatcherChange& change = core_.watcher_changes[i];
    const bool is_news = change.number > subscription.acknowledged && change.status == WatcherStatus::kTerminated &&
                         change.subscription == kNoIndex;
    if (is_news && !document.put(row_of(change))) return;
  }
}

// False when there is no room for all of it.
bool WatcherLists::put_changes(const Subscription& subscription, Document& document) const {
  const Presentity& winfo = core_.presentities[subscription.presentity];
  for (uint32_t i = winfo.changes; i != kNoIndex; i = core_.watcher_changes[i].next) {
    const WatcherChange& change = core_.watcher_changes[i];
    if (change.number > subscription.acknowledged && !document.put(row_of(change))) return false;
  }
  return true;
}

// Those who wait, as it is for them that who is watched looks, and those who watch; from there on. Gives where it goes
// on.
ListPlace WatcherLists::put_list(const Subscription& subscription, const ListPlace& from, Document& document) const {
  if (from.index == kNoIndex) return {};
  uint32_t i = from.index;
  if (from.is_waiting) {
    const Presentity& presence = core_.presentities[core_.waiting_watchers[i].presentity];
    for (; i != kNoIndex; i = core_.waiting_watchers[i].next) {
      if (!put_listed(subscription, core_.waiting_watchers[i].row(), document)) return place_of_waiting(i);
    }
    i = presence.watchers;
  }
  if (i == kNoIndex) return {};
  const uint32_t begin = core_.presentities[core_.subscriptions[i].presentity].watchers;
  uint32_t looked_at = 0;
  do {
    const Subscription& watcher = core_.subscriptions[i];
    if (looked_at++ == kLookedAtMax) return place_of_live(i);
    if (!is_ending(watcher.state) && !put_listed(subscription, row_of(watcher), document)) return place_of_live(i);
    i = watcher.next;
  } while (i != begin);
  return {};
}

// False when there is no room. RFC 3858 §3: an id is unique within a document, and changes stand there already.
bool WatcherLists::put_listed(const Subscription& subscription, const WatcherRow& row, Document& document) const {
  uint32_t i = document.is_partial() ? core_.presentities[subscription.presentity].changes : kNoIndex;
  for (; i != kNoIndex; i = core_.watcher_changes[i].next) {
    const WatcherChange& change = core_.watcher_changes[i];
    if (change.watcher.id == row.id && change.number > subscription.acknowledged) return true;
  }
  return document.put(row);
}

ListPlace WatcherLists::place_of_waiting(uint32_t index) const {
  return {.index = index,
          .generation = core_.waiting_watchers.handle(index).generation & kGenerationMask,
          .is_waiting = 1};
}

ListPlace WatcherLists::place_of_live(uint32_t index) const {
  return {.index = index, .generation = core_.subscriptions.handle(index).generation & kGenerationMask};
}

ListPlace WatcherLists::beginning_of(const Presentity& presence) const {
  const uint32_t authorization = presence.authorization;
  const uint32_t waiting = authorization == kNoIndex ? kNoIndex : core_.authorizations[authorization].waiting;
  if (waiting != kNoIndex) return place_of_waiting(waiting);
  return presence.watchers == kNoIndex ? ListPlace{} : place_of_live(presence.watchers);
}

// If he has left meanwhile with whom it would, it begins again: who is told twice knows no more than before.
ListPlace WatcherLists::where_it_goes_on(const Subscription& subscription, const Presentity& presence) const {
  const ListPlace place = subscription.goes_on_with();
  if (place.index == kNoIndex) return {};
  const bool is_live = place.is_waiting ? core_.waiting_watchers.is_live(place.index)
                                        : core_.subscriptions.is_live(place.index);
  if (!is_live) return beginning_of(presence);
  const ListPlace now = place.is_waiting ? place_of_waiting(place.index) : place_of_live(place.index);
  return now.generation == place.generation ? place : beginning_of(presence);
}

// What everybody has acknowledged nobody needs any more.
void WatcherLists::on_acknowledged(uint32_t index) {
  Presentity& winfo = core_.presentities[index];
  if (winfo.changes == kNoIndex || winfo.watcher_count > kAskedMax) return;
  uint32_t least = winfo.version;
  uint32_t i = winfo.watchers;
  do {
    const Subscription& subscription = core_.subscriptions[i];
    // Who has acknowledged nothing is told everything; what is on its way may become what he has acknowledged.
    if (subscription.acknowledged != 0) least = std::min(least, subscription.acknowledged);
    if (!subscription.document.is_null()) least = std::min(least, subscription.document.serial());
    i = subscription.next;
  } while (i != winfo.watchers);
  while (winfo.changes != kNoIndex && core_.watcher_changes[winfo.changes].number <= least) drop_first(winfo);
}

void WatcherLists::on_left(uint32_t index) {
  Presentity& winfo = core_.presentities[index];
  if (winfo.watcher_count > 0) return on_acknowledged(index);
  while (winfo.changes != kNoIndex) drop_first(winfo);
}

void WatcherLists::check_invariants() const {
  uint32_t changes = 0;
  for (uint32_t p = 0; p < core_.presentities.high_water(); ++p) {
    if (!core_.presentities.is_live(p)) continue;
    const Presentity& winfo = core_.presentities[p];
    VEDETTE_CHECK(winfo.changes == kNoIndex || winfo.package == PackageId::kWatcherInfo);
    VEDETTE_CHECK(winfo.changes == kNoIndex || winfo.watcher_count > 0);
    VEDETTE_CHECK(count_changes(winfo) <= core_.limits.watcher_changes_per_presentity_max);
    uint32_t number = winfo.changes_floor;
    for (uint32_t i = winfo.changes; i != kNoIndex; i = core_.watcher_changes[i].next, ++changes) {
      const WatcherChange& change = core_.watcher_changes[i];
      VEDETTE_CHECK(change.number > number && change.number <= winfo.version);
      number = change.number;
      if (change.subscription == kNoIndex) continue;
      const Subscription& watcher = core_.subscriptions[change.subscription];
      VEDETTE_CHECK(id_of(watcher) == change.watcher.id && !is_ending(watcher.state));
      VEDETTE_CHECK(core_.presentities[watcher.presentity].aor.view() == winfo.aor.view());
    }
  }
  VEDETTE_CHECK(changes == core_.watcher_changes.size());
}

}  // namespace vedette::engine
