// Which document each subscription is shown: that of its view of the presentity. All who may see the same have one
// view and share its document; it is composed when somebody needs it and kept until the presentity changes.
//
// Where no rules have been loaded there is one view, the presentity's own document, and a subscription need not know
// it. Rules make more of them (authorization.h), at most limits.views_per_presentity_max.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/core.h"
#include "engine/presence/composition.h"
#include "engine/presence/partial_presence.h"
#include "engine/presence/rule_sets.h"

namespace vedette::engine {

class Registrar;
struct PackageState;

class Views {
 public:
  Views(Core& core, const Registrar& registrations, RuleSets& rules);

  // The latest document of the subscription's view, composed when there is none yet. Null: it is shown none, because
  // its watcher is pending or blocked. A null document: the store is full.
  const DocumentRef* document_of(uint32_t subscription) {
    const uint32_t index = core_.subscriptions[subscription].presentity;
    const Presentity& presentity = core_.presentities[index];
    if (presentity.authorization != kNoIndex) return document_of_view(subscription);
    return presentity.document.is_null() ? &compose_whole(index) : &presentity.document;
  }
  // What watchers may see has changed: documents are to be composed anew. True when rules have to be asked anew, too.
  bool on_presentity_changed(uint32_t presentity);
  PartialPresence& partial() { return partial_; }
  // Whether what is registered now shows in a document that a watcher may have seen.
  bool shows_registrations(uint32_t presentity);

  // The rest is for presentities with an Authorization.

  // The watchers of this presentity are to be looked at, one by one; then finish() is called. Until then views that
  // nobody was found to be in any more stay as they are.
  void ask_anew(uint32_t presentity);
  void finish(uint32_t presentity);
  bool is_settled(Instant now, uint32_t subscription) const;

  // What has become of a watcher since it was told last.
  enum class Look : uint8_t {
    kSame,
    kChanged,   // It is in another view, or its view shows something else.
    kBlocked,   // It may not watch any more, and is in no view.
    kNoRoom     // It would need one view more than there may be; it is in none.
  };
  // Asks the rules where that is to be done anew.
  Look look(Instant now, uint32_t subscription);
  // A NOTIFY carries what document_of() says.
  void on_told(uint32_t subscription);

  // Whether a watcher with these permissions can be taken in: kNone, or the limit that is reached.
  Reason check_room(uint32_t presentity, const parsers::Permissions& permissions) const;
  void enter(uint32_t subscription, const parsers::Permissions& permissions);
  void leave(uint32_t subscription);
  // Null for one that is in none.
  const View* view_of(const Subscription& subscription) const;

  // Its rooms, of which one shard has one each.
  static uint64_t bytes(const Limits& limits) {
    return limits.datagram_bytes_max + kComposedElementsMax * sizeof(ComposedElement);
  }
  void check_invariants() const;

 private:
  const DocumentRef* document_of_view(uint32_t subscription);
  const DocumentRef& compose_whole(uint32_t presentity);
  std::string_view compose_document(uint32_t presentity, ComposedElements* elements, uint32_t& version_offset);
  std::string_view compose_view(const Authorization& authorization, const View& view);
  void refresh(Authorization& authorization, View& view);
  const View* find_twin(const Authorization& authorization, std::string_view text) const;
  void make_whole_view(Authorization& authorization);
  uint32_t find(const Authorization& authorization, const parsers::PermissionsKey& key) const;
  uint32_t free_slot(const Authorization& authorization) const;
  View& make(Authorization& authorization, uint32_t slot);
  void drop(Authorization& authorization, uint32_t slot);

  Core& core_;
  const Registrar& registrations_;
  RuleSets& rules_;
  PartialPresence partial_;
  std::vector<char> scratch_;                // Room for a view of what stands in the core's.
  std::vector<ComposedElement> elements_;
};

}  // namespace vedette::engine
