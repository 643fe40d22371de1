// The notifier (RFC 6665 §4.2): who has to be told, in which order, and the one NOTIFY in flight of every
// subscription, which is also its client transaction (RFC 3261 §17.1.2). Work is bounded: whoever has to be told
// joins a queue, a fan-out walks its ring a step at a time, and run() sends as much as the Outbox takes.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/core.h"
#include "engine/presence/filters.h"
#include "engine/presence/notify_response.h"
#include "engine/presence/subscription_machine.h"
#include "engine/presence/suppression.h"
#include "engine/presence/turns.h"
#include "engine/presence/views.h"
#include "engine/presence/waiting_watchers.h"
#include "engine/presence/watcher_lists.h"

namespace vedette::engine {

class BindingRouter;
enum class Transmission : uint8_t;

class Notifier {
 public:
  Notifier(Core& core, RuleSets& rules, Views& views, BindingRouter& bindings) :
      core_(core), views_(views), bindings_(bindings), filters_(core), suppression_(core, views), watchers_(core),
      waiting_(core, rules, watchers_), turns_(core) {}

  // What watchers may see of this presentity has changed: a new version, and a fan-out to its ring.
  void on_presentity_changed(Instant now, uint32_t presentity);
  // A registration came, went or says something else. Watchers are told if that shows in the document.
  void on_registrations_changed(Instant now, uint32_t presentity);
  // Rules came, went or may have other answers now: watchers are asked for anew, and told what that changes.
  void on_rules_changed(Instant now, uint32_t presentity);
  // Takes a new subscription into the presentity's ring; its first NOTIFY waits for its turn.
  void on_subscription_created(Instant now, uint32_t subscription);
  // RFC 6665 §4.2.1.2: a refresh is answered by a NOTIFY, too.
  void on_subscription_refreshed(Instant now, uint32_t subscription);
  // RFC 5839 §6.3: but not if its watcher has the state. Nor is the end, if it says so when it leaves.
  void on_subscription_kept(Instant now, uint32_t subscription);
  void conclude(Instant now, uint32_t subscription);
  void end(Instant now, uint32_t subscription, EndReason reason);
  // A watcher who waits for a decision is ended likewise.
  void end_waiting(uint32_t waiting, EndReason reason) { tell_watchers_of(waiting_.on_ended(waiting, reason)); }

  Suppression& suppression() { return suppression_; }
  // Rules that have to be asked anew for this watcher are asked now. It may end here.
  void settle(Instant now, uint32_t subscription);
  // Whether its next NOTIFY would say something that the one before did not, whatever the document.
  bool has_news_in_header(const Subscription& subscription) const;

  // When the subscription's next change may be told, as far as its pace goes, and how far apart changes are told.
  Instant paced_until(const Subscription& subscription) const { return told_at(subscription) + pace(subscription); }
  Duration pace(const Subscription& subscription) const;

  // False when no NOTIFY of ours with this branch is in flight.
  bool on_response(Instant now, const NotifyResponse& response);
  // The NOTIFY in flight could not be sent: there is no connection for it. False as above.
  bool on_undeliverable(Instant now, const NotifyBranch& branch, uint32_t cseq);

  // The connection is gone that it depended on.
  void on_connection_lost(Instant now, uint32_t subscription);

  void on_timer(Instant now, uint32_t subscription, Outbox& out);
  // Of Core::first_resends: so many as are due, at most. How many there were.
  uint32_t run_first_resends(Instant now, uint32_t most, Outbox& out);
  // Of Core::waiting_timer().
  void on_waiting_timer(Instant now) { tell_watchers_of(waiting_.on_timer(now)); }
  // Sends what waits, as far as room and the turn's budget go.
  void run(Instant now, Outbox& out);
  bool has_work() const { return turns_.has_work(); }

  void check_invariants() const;

 private:
  void apply(Instant now, uint32_t subscription, SubscriptionEvent event);
  void forget_ended(Presentity& presentity);
  void start_fanout(uint32_t presentity);
  void on_visited(Instant now, uint32_t subscription);
  void visit(Instant now, uint32_t subscription);
  bool concerns(uint32_t subscription);
  void note_told(uint32_t subscription, const DocumentRef* document);
  void finish_if_visited(uint32_t presentity);
  void send(Instant now, uint32_t subscription, Outbox& out);
  void on_document_acknowledged(Instant now, uint32_t subscription);
  DocumentRef take_watcher_list(Instant now, uint32_t subscription);
  void on_proved(Instant now, uint32_t subscription);
  void hold_back(Instant now, uint32_t subscription, const DocumentRef* document);
  void give_up_unreachable(Instant now, uint32_t subscription);
  bool transmit(uint32_t subscription, Outbox& out, Transmission transmission);
  bool is_awaited(const NotifyBranch& branch, uint32_t cseq) const;
  // When the last NOTIFY went out, until when the next one has to wait, and when it is due though nothing has changed.
  Instant told_at(const Subscription& subscription) const { return subscription.give_up_at - core_.config.t1 * 64; }
  Instant unchanged_due(const Subscription& subscription) const;
  void start_transaction(Instant now, uint32_t subscription);
  void await_answer(uint32_t subscription);
  void finish_transaction(uint32_t subscription);
  void arm_timer(uint32_t subscription);
  void leave(Instant now, uint32_t subscription, SubscriptionEvent event);
  void release(uint32_t subscription);
  void leave_ring(uint32_t subscription);
  void ask_anew(Instant now, uint32_t presentity);
  void note_end(Instant now, uint32_t subscription, EndReason reason);
  void tell_watchers_of(uint32_t winfo);
  NotifyBranch branch_of(uint32_t subscription) const;

  Core& core_;
  Views& views_;
  BindingRouter& bindings_;
  Filters filters_;
  Suppression suppression_;
  WatcherLists watchers_;
  WaitingWatchers waiting_;
  Turns turns_;
};

}  // namespace vedette::engine
