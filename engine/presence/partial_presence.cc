#include "engine/presence/partial_presence.h"

#include <utility>

#include "engine/presence/packages/package.h"
#include "engine/presence/pidf_diff.h"

namespace vedette::engine {

void PartialPresence::end(DocumentRef& document, DocumentRef& before) {
  if (document.is_null()) return;
  before.release(core_.texts);
  retire(document);
  // What filters left of it, too, is kept for who was told its number.
  DocumentRef* link = &document.head().filtered;
  while (!link->is_null()) {
    retire(*link);
    if (link->serial() != 0) {
      link = &link->head().next_filtered;
      continue;
    }
    DocumentRef over = *link;
    *link = std::exchange(over.head().next_filtered, {});
    over.release(core_.texts);
  }
  if (document.serial() == 0 && document.head().filtered.is_null()) return document.release(core_.texts);
  before = std::exchange(document, {});
}

// What took watchers there takes nobody on.
void PartialPresence::retire(const DocumentRef& document) {
  DocumentRef::Head& head = document.head();
  head.patched_serial = 0;
  head.before.release(core_.texts);
  head.patch.release(core_.texts);
  head.unchanged.release(core_.texts);
}

uint32_t PartialPresence::number(const DocumentRef& document) {
  DocumentRef::Head& head = document.head();
  if (head.serial != 0) return head.serial;
  if (++last_serial_ == 0) ++last_serial_;
  return head.serial = last_serial_;
}

void PartialPresence::follow(DocumentRef& document, DocumentRef& before) {
  if (document.is_null() || before.is_null()) return;
  document.head().patched_serial = before.serial();
  document.head().before = std::exchange(before, {});
}

const DocumentRef& PartialPresence::choose(const DocumentRef& document, uint32_t acknowledged) {
  DocumentRef::Head& head = document.head();
  if (acknowledged == number(document)) return unchanged(document);
  if (acknowledged == 0 || acknowledged != head.patched_serial) return document;
  if (head.patch.is_null()) write_patch(document);
  return head.patch.is_null() ? document : head.patch;
}

// RFC 6446 §6.2: "either the current full state or the partial state showing the difference between the current state
// and the last successfully communicated state", which are the same: a patch without an operation.
const DocumentRef& PartialPresence::unchanged(const DocumentRef& document) {
  DocumentRef::Head& head = document.head();
  if (head.unchanged.is_null()) {
    parsers::Writer writer(core_.scratch.data(), core_.scratch.size());
    uint32_t version_offset = 0;
    if (!write_pidf_diff(document.view(), document.view(), writer, version_offset)) return document;
    head.unchanged = try_make_patch(head, writer.text(), version_offset);
    if (head.unchanged.is_null()) return document;
    head.unchanged.head().serial = head.serial;
  }
  return head.unchanged;
}

// RFC 5839 §6.4: "When state differentials are sent, the SIP-ETag header field MUST contain an entity-tag that
// corresponds to the full resource state." Only presence has partial documents.
DocumentRef PartialPresence::try_make_patch(const DocumentRef::Head& whole, std::string_view text,
                                            uint32_t version_offset) {
  return DocumentRef::try_make(core_.texts, {.body = text,
                                             .media_type = package_of(PackageId::kPresence).partial_media_type,
                                             .entity_tag = whole.entity_tag,
                                             .version_offset = version_offset,
                                             .is_partial = true});
}

// Afterwards the document before it has done its part, whether there is a patch or not; but for what filters left of
// it.
void PartialPresence::write_patch(const DocumentRef& document) {
  DocumentRef::Head& head = document.head();
  parsers::Writer writer(core_.scratch.data(), core_.scratch.size());
  uint32_t version_offset = 0;
  const bool is_shorter = write_pidf_diff(head.before.view(), document.view(), writer, version_offset);
  if (head.before.head().filtered.is_null()) head.before.release(core_.texts);
  if (is_shorter) head.patch = try_make_patch(head, writer.text(), version_offset);
  if (head.patch.is_null()) {
    head.patched_serial = 0;
    return;
  }
  head.patch.head().serial = head.serial;
  core_.counters.add(Counter::kPatchesWritten);
}

}  // namespace vedette::engine
