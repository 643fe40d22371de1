// A watcher's side of one subscription (RFC 6665 §4.1): subscribes, refreshes, leaves, fetches, and misbehaves as real
// watchers do: it vanishes, forgets, answers NOTIFYs with failures, asks for what it may not have.
#pragma once

#include <functional>
#include <string>

#include "tests/sim/package_view.h"
#include "tests/sim/partial_document.h"
#include "tests/sim/user_agent.h"
#include "tests/sim/watcher_table.h"

namespace vedette::sim {

// What is watched.
struct Watch {
  Package package = Package::kPresence;
  std::string aor;
};

class SubscriptionClient {
 public:
  // `contact` says what to give as Contact at the moment.
  SubscriptionClient(UserAgent& agent, Watch watch, std::function<std::string()> contact, Random random);

  // Safety phase: does something that a watcher might do now.
  void whim();
  // SUBSCRIBEs once more, whatever is under way; in its dialog if it has one and does not forget it.
  void insist(bool forgets);
  // Liveness phase: subscribes and stays.
  void settle();
  // Leaves, or falls silent and lets it expire.
  void wind_down();
  void forget();

  bool owns(const Facts& notify) const {
    return !call_id_.empty() && notify.call_id == call_id_ && notify.to_tag == own_tag_;
  }
  Reply on_notify(const Facts& notify);

  // Told so by the last NOTIFY.
  bool is_pending() const { return is_pending_; }
  bool is_active() const { return state_ == State::kActive; }
  bool was_forbidden() const { return last_status_ == 403 || last_status_ == 404 || last_status_ == 401; }
  const Watch& watch() const { return watch_; }
  const PackageView& seen() const { return seen_; }
  engine::Instant seen_at() const { return seen_at_; }
  bool has_seen() const { return has_seen_; }
  unsigned last_status() const { return last_status_; }
  DialogId dialog() const { return {call_id_, remote_tag_, own_tag_}; }

 private:
  enum class State : uint8_t { kIdle, kSubscribing, kActive, kLeaving };

  struct Wish {
    uint32_t expires = 60;
    std::string event = {};        // Instead of the package's.
    bool has_contact = true;
    std::string accept;            // Header lines, here and below.
    std::string more;
  };
  void subscribe(const Wish& wish);
  // `cseq` is 0 for the next one.
  void subscribe_in_dialog(uint32_t expires, uint32_t cseq = 0);
  void on_subscribe_answer(const Answer& answer, uint64_t life);
  void on_refresh_answer(const Answer& answer, uint64_t life);
  void act_when_idle();
  std::string record_route(const std::string& parameter) const;
  void act_when_active();
  void take_state(const Facts& notify);
  void take_document(const Facts& notify);
  std::string random_accept();
  std::string random_rates();
  void put_filter(RequestPlan& plan);
  void put_condition(RequestPlan& plan);
  void see_again();
  void end();
  void try_again(engine::Duration delay);
  void refresh_later(uint32_t expires);

  UserAgent& agent_;
  Watch watch_;
  std::function<std::string()> contact_;
  Random random_;
  State state_ = State::kIdle;
  bool stays_ = false;                    // Since settle(): whatever ends it, subscribe again.
  bool busy_ = false;                     // A SUBSCRIBE of this dialog has no answer yet.
  uint64_t life_ = 0;                     // Counts dialogs: what belongs to an earlier one is ignored.
  uint64_t refresh_number_ = 0;
  std::string call_id_, own_tag_, remote_tag_, remote_target_, event_;
  std::string rates_;                     // Parameters of Event (RFC 6446), or nothing.
  uint32_t last_cseq_ = 0;
  std::string accept_;                    // What the last SUBSCRIBE said: a header line, or nothing.
  PartialDocument partial_;               // What NOTIFYs of partial presence have told.
  WatcherTable watchers_;                 // What NOTIFYs of watchers have told.
  unsigned last_status_ = 0;
  unsigned refusal_ = 0;                  // What NOTIFYs are answered with; 0: properly, 1: not at all.
  engine::Instant refuses_until_;
  PackageView seen_;
  engine::Instant seen_at_;
  bool has_seen_ = false;
  // RFC 5839: the document that was seen last, in whatever dialog, its tag, and what the last SUBSCRIBE said of it.
  PackageView kept_;
  std::string tag_, condition_;
  bool is_pending_ = false;
};

}  // namespace vedette::sim
