// Who may see what of one presentity, once rules have been loaded for it (RFC 4745, RFC 5025): the compiled rule set,
// and the views that it made. A view is all watchers with equal rights; they share one document. Records only; what is
// done with them is rule_sets' (rules come, go and have to be asked anew) and views' (who has which view).
//
// A presentity without rules has none of this, and its watchers all see the one document that it keeps itself.
#pragma once

#include <array>
#include <cstdint>

#include "engine/base/handle.h"
#include "engine/base/time.h"
#include "engine/limits.h"
#include "engine/presence/document.h"
#include "engine/text_store.h"
#include "parsers/pres_rules.h"

namespace vedette::engine {

// Subscription::view, where it is in none.
inline constexpr uint8_t kNoView = UINT8_MAX;
// While rules are asked anew, views of the old answers stand beside those of the new ones.
inline constexpr uint32_t kViewSlots = 2 * kViewsPerPresentityMax;
static_assert(kViewSlots <= kNoView);

struct View {
  parsers::Permissions permissions;  // Of the rules as they are now, unless it is stale.
  uint32_t watchers = 0;             // Subscriptions that are in it.
  // Of what it shows; another one as soon as that is something else, so that a subscription that was told this number
  // has seen it. Views of a presentity that show the same may have one number, others never.
  uint32_t number = 0;
  DocumentRef document;              // Null: the store was full; or it shows none (see shows_document).
  bool is_outdated = true;           // The presentity has changed, or the rules, since the document was made.
  bool is_stale = false;             // Rules are being asked anew, and nobody was found to be in it yet.

  bool shows_document() const { return permissions.sub_handling >= parsers::SubHandling::kPoliteBlock; }
  bool is_pending() const { return permissions.sub_handling == parsers::SubHandling::kConfirm; }
};

struct Authorization {
  uint32_t presentity = kNoIndex;
  Text rules;                        // Null: they have been removed, and the domain's policy holds for its watchers.
  uint32_t names_length = 0;         // Behind the rule set: the ids of its rules, for operators.
  uint32_t rules_count = 0;
  uint32_t rules_document_bytes = 0; // Of the document they were compiled from.
  Instant loaded_at;
  parsers::RuleSetUses uses;
  uint64_t sphere = 0;               // A hash of the sphere that was asked with.
  int64_t valid_until = parsers::kRulesForever;  // When an answer may be another; seconds since the epoch.
  bool is_asked_anew = false;        // By the fan-out under way: subscriptions may still have a view of old answers.
  uint32_t last_number = 0;          // Of views.
  uint32_t number_before = 0;        // What subscriptions were told that have had no view yet.
  uint32_t view_count = 0;           // Without the stale ones.
  std::array<uint32_t, kViewSlots> views;
  uint32_t waiting = kNoIndex;       // Watchers who wait for a decision, newest first (waiting_watchers.h).
  uint32_t waiting_count = 0;

  Authorization() { views.fill(kNoIndex); }
};

}  // namespace vedette::engine
