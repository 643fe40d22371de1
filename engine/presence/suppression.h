// Conditional notification (RFC 5839): a watcher who says by Suppress-If-Match that it has what it would be shown is
// not shown it again, as long as it would be shown just that. Nothing is remembered of watchers who say nothing.
//
// What holds for a subscription stands in it: is_quenched for "*", which holds until its next SUBSCRIBE; else
// `suppresses`, and `document` is then the one that the watcher said it has; null, that it is shown none.
#pragma once

#include <cstdint>

#include "engine/core.h"
#include "engine/presence/filters.h"
#include "engine/presence/views.h"
#include "parsers/message.h"

namespace vedette::engine {

// What a SUBSCRIBE says.
struct SuppressCondition {
  enum class Kind : uint8_t { kNone, kEntityTag, kAnything };
  Kind kind = Kind::kNone;
  uint64_t entity_tag = 0;
};

// False when its value is no entity-tag. One that is not of ours is a condition that nothing meets, as if there were
// none.
bool read_suppress_condition(const parsers::Message& message, SuppressCondition& out);

class Suppression {
 public:
  Suppression(Core& core, Views& views)
      : core_(core), views_(views), filters_(core), tag_of_nothing_(core.hash(std::string_view())) {}

  // What the subscription is shown: of its view's document what its filter leaves. See Views::document_of.
  const DocumentRef* document_of(uint32_t subscription);

  // What a SUBSCRIBE says, in place of what the one before it said. Whether it is so. In the end the watcher has to
  // have what it is shown: where a NOTIFY in flight carries something else, the condition is over with it.
  bool try_begin(uint32_t subscription, const SuppressCondition& condition);
  // Whether it is still so, where `document` is what is shown now. Where it is not, it is over.
  bool holds(Subscription& subscription, const DocumentRef* document);
  // It holds, and the watcher need not be told: it has `document`, by another reference.
  void keep(Subscription& subscription, const DocumentRef* document);
  // Puts into `document` what the NOTIFY that is due carries of it, and says in the subscription how. A null pointer:
  // the watcher is shown none; a null document: there was no room for it.
  void take(Subscription& subscription, const DocumentRef* document, bool is_suppressed);

  // Of what a NOTIFY carries that shows no document, because its watcher is pending or blocked.
  uint64_t tag_of_nothing() const { return tag_of_nothing_; }

 private:
  const DocumentRef& choose(Subscription& subscription, const DocumentRef& document, bool is_answer);
  void end(Subscription& subscription);
  uint64_t tag_of(const Subscription& subscription, const DocumentRef& document) const;

  Core& core_;
  Views& views_;
  Filters filters_;
  const uint64_t tag_of_nothing_;
};

}  // namespace vedette::engine
