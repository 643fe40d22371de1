// Partial presence in NOTIFYs (RFC 5263): whether a watcher who takes it is told everything or what changed. A patch
// takes a watcher from the document that it acknowledged last to the latest one, and is written once for all who have
// the same; it is there for those who have the document just before, the others are told everything.
//
// Documents are told apart by serial numbers, which they get when the first watcher of this kind is told them. A
// subscription keeps that of the document that its watcher has: whatever happened between, another view included, a
// patch fits if it starts there. Numbers are never used twice while anybody waits for an answer: there are 2^32.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/core.h"

namespace vedette::engine {

class PartialPresence {
 public:
  explicit PartialPresence(Core& core) : core_(core) {}

  // `document` is over, and `before` what was over before it. Afterwards `document` is null, and `before` what a patch
  // may start from: it, if a watcher of this kind was told it.
  void end(DocumentRef& document, DocumentRef& before);
  // `document` is new and comes after `before`, which is null afterwards.
  static void follow(DocumentRef& document, DocumentRef& before);

  // What a NOTIFY carries to a watcher who has the document `acknowledged` (0: none): a patch, or `document` itself, to
  // be sent as <pidf-full>.
  const DocumentRef& choose(const DocumentRef& document, uint32_t acknowledged);
  // The document's serial number, one of its own from now on.
  uint32_t number(const DocumentRef& document);

 private:
  void retire(const DocumentRef& document);
  void write_patch(const DocumentRef& document);
  const DocumentRef& unchanged(const DocumentRef& document);
  DocumentRef try_make_patch(const DocumentRef::Head& whole, std::string_view text, uint32_t version_offset);

  Core& core_;
  uint32_t last_serial_ = 0;
};

}  // namespace vedette::engine
