// The laws of subscriptions and their NOTIFYs (RFC 6665), held against everything that leaves the server. The
// book of dialogs is kept from what the server's shards took and sent, so it has no doubt about losses.
#pragma once

#include <map>
#include <set>
#include <string>

#include "engine/presence/end_reason.h"
#include "parsers/notification_rates.h"
#include "parsers/subscription_state.h"
#include "tests/sim/entity_tags.h"
#include "tests/sim/facts.h"
#include "tests/sim/partial_document.h"
#include "tests/sim/presence_model.h"
#include "tests/sim/stage.h"
#include "tests/sim/watcher_rights.h"
#include "tests/sim/watcher_table.h"

namespace vedette::sim {

class DialogLaws {
 public:
  DialogLaws(Stage& stage, const engine::EngineConfig& config, const PresenceModel& model, const WatcherRights& rights)
      : stage_(stage), config_(config), model_(model), rights_(rights) {}

  // A 2xx to SUBSCRIBE that is no retransmission.
  void on_subscribed(const Facts& request, const Facts& response, const engine::Flow& flow);
  // The same answer to the same SUBSCRIBE again: a retransmission, or, where the server had to forget its
  // transaction, another refresh. The next NOTIFY will tell.
  void on_perhaps_refreshed(const Facts& request, const Facts& response, const engine::Flow& flow);
  // 481 to a SUBSCRIBE within a dialog.
  void on_dialog_refused(const Facts& request);
  // A NOTIFY leaves its shard: for the wire, or for the shard that has the bindings of its target.
  void on_notify(const Facts& notify, bool is_forward);
  // A response to a NOTIFY is taken by the shard that sent it.
  void on_answer(const Facts& response, bool corrupted);
  // One that is damaged, but has a branch: the server may have understood enough of it.
  void on_damaged_answer(std::string_view branch);
  // The shard with the bindings had none for this NOTIFY: its sender takes that as a 480.
  void on_forward_failed(const Facts& notify);
  // What is bound has changed, or may have by the passing of time: who watches by a GRUU may be out of reach now.
  void on_bindings_changed();
  // What watchers of the AOR may see is perhaps something else than before.
  void on_rights_changed(std::string_view aor);
  // 403 to a SUBSCRIBE.
  void on_forbidden(const Facts& request);
  // 480 to one, or 500.
  void on_share_refused(const Facts& request, const Facts& refusal);
  // Now and then: what is owed has been sent in time.
  void on_tick();
  void on_restart();
  void on_ended_by_operator(std::string_view aor, engine::EndReason reason);

  // Where a NOTIFY of this dialog may be sent to.
  bool may_target(const Facts& notify, const engine::Endpoint& to) const;
  // The AOR that a dialog is about; empty when there is no such dialog.
  std::string aor_of_dialog(const DialogId& id) const;
  // A document that was made at `made_at`, and the AOR that it is about.
  struct Shown {
    std::string aor;
    PackageView view;
    engine::Instant made_at;
    std::string watcher;
    engine::Duration pace = {};          // How far apart the watcher is told.
    bool goes_on = false;                // A list of watchers that had no room for everybody, perhaps.
  };
  // Empty when nobody should be shown anything else by now; else what is wrong with it.
  std::string find_fault(const Shown& shown) const;
  // How far apart its NOTIFYs are at least, where the watcher asks for nothing else.
  engine::Duration pace(Package package) const;
  // The same of one dialog, whatever it asked for (RFC 6446).
  engine::Duration pace_of(const DialogId& id, Package package) const;
  // Since when what the AOR shows in this package has been what it is.
  engine::Instant changed_at(Package package, const std::string& aor) const;
  bool is_live(const DialogId& id) const;
  // Or nobody could be told, as who watches by a GRUU that nothing is bound to.
  bool may_have_ended(const DialogId& id) const;
  size_t live_dialogs() const;

 private:
  enum class End : uint8_t { kNo, kPerhaps, kSurely };
  struct Dialog {
    Package package = Package::kPresence;
    std::string aor;
    std::string watcher;                 // Its AOR, by its From.
    engine::Instant created_at;
    engine::Instant over_at = engine::Instant::never();     // It was seen to be over for certain.
    engine::Instant gone_at = engine::Instant::never();     // Its last NOTIFY was answered: nobody knows it now.
    uint32_t notifies = 0;               // How many have left; each once.
    uint32_t partial_documents = 0;      // How many of them had a <pidf-full> or <pidf-diff>.
    std::string event_id;                // RFC 6665 §8.2.1; empty when it has none.
    parsers::NotificationRates rates;    // What its last SUBSCRIBE asked for,
    uint32_t granted = 0;                // and for how many seconds it was let in.
    bool rates_unsure = false;           // Perhaps another SUBSCRIBE was the last one.
    std::string gruu;                    // Its Contact when that is an address of record of ours, not of a host.
    engine::Instant expires_at;
    engine::Instant perhaps_expires_at;  // Later than that if its last SUBSCRIBE was carried out twice.
    std::set<std::string> ended_as;      // By an operator, for these reasons, since:
    engine::Instant ended_at = engine::Instant::never();
    bool unsubscribed = false;           // Its last SUBSCRIBE said Expires: 0.
    End end = End::kNo;
    bool final_sent = false;             // A NOTIFY with "terminated" left.
    uint32_t cseq = 0;                   // Of the last NOTIFY.
    std::string branch;
    std::map<std::string, unsigned> forwarded;    // By branch: copies handed to other shards that have not left yet.
    uint64_t bytes = 0;                  // Hash of that NOTIFY, without its first line.
    engine::Instant sent_at;             // When it left for the first time.
    engine::Instant refreshed_at;        // When its watcher last said where it is.
    bool in_flight = false;              // It has no final answer, as far as the server can know.
    bool perhaps_answered = false;       // A damaged answer came: the server may have taken it.
    bool perhaps_owed = false;           // One was, perhaps, carried out twice.
    bool owed = false;                   // A SUBSCRIBE was accepted and no NOTIFY has left since.
    engine::Instant owed_since;
    std::string last_fault;              // What its last document lacks, by the tick's comparison.
    bool perhaps_blocked = false;        // Rules block its watcher, or did when the server may have asked them.
    engine::Instant blocked_since = engine::Instant::never();     // Rules certainly block its watcher.
    engine::Instant answered_at;         // When its last NOTIFY was.
    engine::Instant retry_by = engine::Instant::never();          // It was refused for now.
    bool told_pending = false;           // By its last NOTIFY that was not the end.
    bool waits = false;                  // It ended as that, for want of time.
    bool perhaps_decided = false;        // Rules said since then, perhaps for a moment, that it is the other.
    std::vector<Rights> told_as;         // What its watcher might see when that was made.
    Shown shown;                         // Its last document.
    bool shown_any = false;
    std::string condition;               // RFC 5839: what its last SUBSCRIBE said, while it holds.
    bool takes_partial = false;          // By the Accept of its last SUBSCRIBE.
    bool full_due = false;               // A SUBSCRIBE was accepted and no NOTIFY has left since.
    bool refused = false;                // Its last NOTIFY was answered by a failure.
    PartialDocument partial;             // What was told to a watcher that takes_partial.
    WatcherTable watchers;               // What was told to a watcher of watchers.
    std::set<engine::Endpoint, EndpointLess> targets;
  };

  void broken(const DialogId& id, std::string law, std::string seen);
  void check_share(const DialogId& id, const Dialog& made);
  void check_new_notify(const DialogId& id, Dialog& dialog, const Facts& notify);
  void check_state(const DialogId& id, Dialog& dialog, const Facts& notify);
  void check_pace(const DialogId& id, const Dialog& dialog);
  void learn_rates(const Facts& request, uint32_t granted, Dialog& dialog);
  void check_rates_told(const DialogId& id, const Dialog& dialog, std::string_view state);
  void check_minimum_rate(const DialogId& id, const Dialog& dialog);
  void check_retried(const DialogId& id, const Dialog& dialog);
  void check_list_is_whole(const DialogId& id, const Dialog& dialog);
  parsers::NotificationRates rates_due(const Dialog& dialog) const;
  engine::Duration interval_between(const Dialog& dialog) const;
  bool may_be_told_again(const Dialog& dialog) const;
  std::vector<Rights> rights_of(const Dialog& dialog) const;
  void note_rights(Dialog& dialog);
  void check_rights(const DialogId& id, Dialog& dialog, const Facts& notify, bool is_pending);
  void check_told_rights(const DialogId& id, const Dialog& dialog);
  void check_discreet(const DialogId& id, const Dialog& dialog, const std::vector<Rights>& rights);
  void check_permitted(const DialogId& id, const Dialog& dialog, std::string_view body);
  bool may_lack_a_view(const Dialog& dialog) const;
  bool may_be_rejected(const Dialog& dialog, std::string_view reason) const;
  void check_final(const DialogId& id, const Dialog& dialog, const parsers::SubscriptionState& state);
  void check_partial(const DialogId& id, Dialog& dialog, const Facts& notify);
  void check_watcher_list(const DialogId& id, Dialog& dialog);
  void on_kept(const DialogId& id, Dialog& dialog, const Facts& request, uint32_t granted);
  void check_left_out(const DialogId& id, Dialog& dialog, const Facts& notify);
  void show_again(const DialogId& id, Dialog& dialog, const std::string& tag);
  void learn_tag(const DialogId& id, Dialog& dialog, const Facts& notify);
  void check_body(const DialogId& id, Dialog& dialog, const Facts& notify);
  void check_overdue(const DialogId& id, Dialog& dialog);
  std::string find_watchers_fault(const Shown& shown) const;
  bool may_be_pending(const Shown& shown, const ElementView& watcher) const;
  std::string find_waiting_fault(const Shown& shown) const;
  bool must_wait(const Shown& shown, const Dialog& dialog) const;
  engine::Instant ended_by_operator_at(std::string_view aor) const;
  void note_end(Dialog& dialog);
  void learn_targets(const Facts& request, const engine::Flow& flow, Dialog& dialog);
  bool has_timed_out(const Dialog& dialog) const;
  // The server has no more reason to know this dialog.
  bool is_over(const Dialog& dialog) const;

  Stage& stage_;
  const engine::EngineConfig& config_;
  const PresenceModel& model_;
  const WatcherRights& rights_;
  std::map<DialogId, Dialog> dialogs_;
  std::map<std::string, DialogId, std::less<>> by_branch_;
  std::map<std::string, engine::Instant, std::less<>> ended_at_;      // By an operator: all of an AOR.
  EntityTags tags_;
};

}  // namespace vedette::sim
