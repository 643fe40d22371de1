// Which document each subscription is shown: that of its view of the presentity. All who may see the same have one
// view and share its document; it is composed when somebody needs it and kept until the presentity changes.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/core.h"
#include "engine/presence/partial_presence.h"

namespace vedette::engine {

class Registrar;

class Views {
 public:
  Views(Core& core, const Registrar& registrations) : core_(core), registrations_(registrations), partial_(core) {}

  // The latest document of the subscription's view, composed when there is none yet. A null one when the store is full.
  const DocumentRef& document_of(uint32_t subscription) {
    const uint32_t presentity = core_.subscriptions[subscription].presentity;
    const DocumentRef& document = core_.presentities[presentity].document;
    return document.is_null() ? compose(presentity) : document;
  }
  // What watchers may see has changed: documents are to be composed anew.
  void on_presentity_changed(uint32_t presentity);
  PartialPresence& partial() { return partial_; }
  // Whether what is registered now shows in a document that a watcher may have seen.
  bool shows_registrations(uint32_t presentity);

 private:
  const DocumentRef& compose(uint32_t presentity);
  std::string_view compose_document(uint32_t presentity, uint32_t& version_offset);

  Core& core_;
  const Registrar& registrations_;
  PartialPresence partial_;
};

}  // namespace vedette::engine
