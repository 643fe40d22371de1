// One subscription to a presentity's presence: the dialog (RFC 3261 §12, RFC 6665 §4.4), its place among the
// presentity's watchers and its one NOTIFY in flight, client transaction included.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "engine/base/handle.h"
#include "engine/base/time.h"
#include "engine/flow.h"
#include "engine/presence/authorization.h"
#include "engine/presence/document.h"
#include "engine/presence/end_reason.h"
#include "engine/presence/filter.h"
#include "engine/presence/pace.h"
#include "engine/presence/subscription_machine.h"
#include "engine/text_store.h"

namespace vedette::engine {

// Where a list of watchers goes on that was too long for one document: with a subscription, or with one who waits
// (WaitingWatcher). The handle of its record; kNoIndex: nowhere.
struct ListPlace {
  uint32_t index = kNoIndex;
  uint32_t generation : 31 = 0;
  uint32_t is_waiting : 1 = 0;
};

// Our tag says which record its dialog is. RFC 3261 §19.3: a tag "MUST be globally unique and cryptographically random
// with at least 32 bits of randomness."
constexpr uint64_t dialog_tag(uint32_t random, uint32_t index) { return uint64_t{random} << 32 | index; }
constexpr uint32_t index_of_dialog(uint64_t tag) { return static_cast<uint32_t>(tag); }

struct Subscription {
  // What its NOTIFYs have that no other dialog's have, written once:
  // [Request-URI][Route lines][From, if it is not `<sip:AOR>`][To][Call-ID][;id=][watcher's AOR, if To has it not]
  // [kKeptBytes][PaceText]
  Text dialog;
  uint16_t request_uri_length = 0;
  // The remote target: the Request-URI itself, or behind a strict router the last Route (RFC 3261 §12.2.1.1).
  uint16_t target_offset = 0, target_length = 0;           // Offsets are within `dialog`.
  uint16_t from_offset = 0, from_length = 0;
  uint16_t to_length = 0;
  uint16_t remote_tag_offset = 0, remote_tag_length = 0;
  uint16_t call_id_length = 0;
  uint16_t event_id_length = 0;
  uint16_t watcher_offset = 0, watcher_length = 0;         // The watcher's canonical AOR.

  uint64_t tag = 0;                        // Our tag without its partition: see dialog_tag().
  uint32_t local_cseq = 0;                 // Of the latest NOTIFY.
  uint32_t remote_cseq = 0;                // Of the latest SUBSCRIBE.
  uint32_t presentity = kNoIndex;
  uint32_t next = kNoIndex, previous = kNoIndex;           // The presentity's ring of watchers.
  union {
    uint32_t ready_next = kNoIndex;        // Of the presentity's who wait for their turn, or
    uint32_t resend_place;                 // if it awaits_first_resend, in Core::first_resends.
  };

  SubscriptionState state = SubscriptionState::kQuiet;
  EndReason end_reason = EndReason::kTimeout;
  uint8_t resends = 0;                     // Of the NOTIFY in flight.
  bool queued : 1 = false;                 // It waits for its turn.
  bool through_binding : 1 = false;        // The target is a GRUU or AOR of ours: routed through its bindings.
  bool has_pace : 1 = false;               // It asked for rates (RFC 6446): a PaceText stands in `dialog`.
  bool takes_patches : 1 = false;          // It is told what changed: RFC 5263, if its watcher takes that; RFC 3858.
  bool full_due : 1 = false;               // A SUBSCRIBE has to be answered, by everything; or a NOTIFY failed.
  bool sent_as_full : 1 = false;           // The NOTIFY in flight carries `document` as a <pidf-full>.
  bool is_told_pending : 1 = false;        // What the NOTIFY in flight says, so that a resend says the same.
  bool filter_is_off : 1 = false;          // RFC 4661 §3.4: its filter is disabled, and may be enabled again.
  bool was_approved : 1 = false;           // RFC 3857 §4.7.1: it was pending before it became active.
  bool sent_without_body : 1 = false;      // The NOTIFY in flight shows nothing, or nothing again; likewise.
  bool suppresses : 1 = false;             // RFC 5839: the watcher has `document`; see suppression.h,
  bool is_quenched : 1 = false;            // or wants to see none.
  bool follows_connection : 1 = false;     // Core::connection_users has it.
  bool is_proven : 1 = true;               // See contact_proof.h. Until then
  bool asks_proof : 1 = false;             // (the NOTIFY in flight was sent to where it has to be proved)
  uint8_t sends_left : 2 = 0;              // so many NOTIFYs go there, resends included, and none has a body.
  bool is_counted : 1 = false;             // Core::subscriptions_by_watcher has it.
  bool awaits_first_resend : 1 = false;    // Core::first_resends has it: then its NOTIFY in flight has no other timer.
  bool expiry_is_armed : 1 = false;        // Its timer is armed for expires_at.
  uint32_t branch_token = 0;               // Of the NOTIFY in flight.
  uint32_t told_expires = 0;               // What the NOTIFY in flight says, so that a resend says the same.
  uint32_t acknowledged = 0;               // If it takes_patches, the serial of the watcher's document; 0: none.
  uint16_t filter = kNoFilter;             // What it wants of a document (filters.h).
  uint8_t view = kNoView;                  // Where the presentity has rules: a place in Authorization::views,
  uint8_t uncounted = 0;                   // NOTIFYs without a document that versions count; at most 255.
  DocumentRef document;                    // What the NOTIFY in flight carries, or what the watcher has: `suppresses`.
  Instant expires_at;                      // See set_expires_at().
  Instant give_up_at;                      // Timer F of the NOTIFY in flight; afterwards it says when that was sent.
  Instant resend_at;                       // Timer E, but the first; in kBackoff and kPaced, when to go on.
  RemoteEnd remote;                        // Where NOTIFYs go,
  uint32_t local_end = kNoIndex;           // and by which way: in Core::local_ends.
  uint32_t told = 0;                       // and what of it was told last, a View::number. 0: nothing yet.

  void set_expires_at(Instant at) {
    expires_at = at;
    expiry_is_armed = false;
  }

  std::string_view part(uint16_t offset, uint16_t length) const { return dialog.view().substr(offset, length); }
  std::string_view request_uri() const { return part(0, request_uri_length); }
  std::string_view target() const { return part(target_offset, target_length); }
  std::string_view call_id() const { return part(call_id_offset(), call_id_length); }
  std::string_view remote_tag() const { return part(remote_tag_offset, remote_tag_length); }
  std::string_view watcher() const { return part(watcher_offset, watcher_length); }
  // Each with its name and its line end. The route set of the dialog.
  std::string_view route_lines() const {
    return part(request_uri_length, static_cast<uint16_t>(from_offset - request_uri_length));
  }
  // What From has in front of our tag; empty: the presentity's AOR in angle brackets.
  std::string_view from() const { return part(from_offset, from_length); }
  // All of To.
  std::string_view to() const { return part(static_cast<uint16_t>(from_offset + from_length), to_length); }
  // RFC 6665 §4.5.2: the id of the SUBSCRIBE is that of its NOTIFYs; with its name, or empty.
  std::string_view event_id() const {
    return dialog.view().substr(size_t{call_id_offset()} + call_id_length, event_id_length);
  }

  // What is seldom needed and stands in `dialog`, behind what is told. Of all packages but presence.winfo: when the
  // SUBSCRIBE came that made it. Of that one: with whom of the watchers what it is being told goes on.
  static constexpr uint16_t kKeptBytes = 8;
  Instant created_at() const { return kept<Instant>(); }
  void set_created_at(Instant at) { keep(at); }
  ListPlace goes_on_with() const { return kept<ListPlace>(); }
  void set_goes_on_with(const ListPlace& place) { keep(place); }

  // What it asked for and got, if it has_pace.
  std::string_view pace_text() const { return dialog.view().substr(size_t{kept_offset()} + kKeptBytes); }
  std::string_view rates() const { return rates_in(pace_text()); }
  Pace pace() const {
    Pace pace;
    std::memcpy(&pace, pace_text().data(), sizeof pace);
    return pace;
  }
  void set_pace(const Pace& pace) { std::memcpy(dialog.bytes + kept_offset() + kKeptBytes, &pace, sizeof pace); }

 private:
  uint16_t call_id_offset() const { return static_cast<uint16_t>(from_offset + from_length + to_length); }
  // Behind the watcher's AOR, which may stand in To.
  uint16_t kept_offset() const {
    const auto end = static_cast<uint16_t>(call_id_offset() + call_id_length + event_id_length);
    return watcher_offset == end ? static_cast<uint16_t>(end + watcher_length) : end;
  }
  template <typename T>
  T kept() const {
    static_assert(sizeof(T) == kKeptBytes);
    T value;
    std::memcpy(&value, dialog.bytes + kept_offset(), sizeof value);
    return value;
  }
  template <typename T>
  void keep(const T& value) {
    static_assert(sizeof(T) == kKeptBytes);
    std::memcpy(dialog.bytes + kept_offset(), &value, sizeof value);
  }
};

}  // namespace vedette::engine
