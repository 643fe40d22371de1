// A composed document, shared by reference count: the presentity holds the latest one, every NOTIFY in flight
// holds the one that it carries, so that a retransmission is byte-identical (RFC 3261 §17.1.2.2).
//
// In front of it stand the header lines that every NOTIFY with it ends in, its entity-tag (RFC 5839) among them: they
// are written once, and a NOTIFY copies both together.
//
// What partial presence (partial_presence.h) keeps of it is kept with it: the document before it, until the patch from
// there is written, then the patch. So is what filters leave of it, each a document of its own (filters.h). They go
// when the document goes.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/text_store.h"

namespace vedette::engine {

struct DocumentParts {
  std::string_view body;
  std::string_view media_type;
  uint64_t entity_tag = 0;          // Of the whole document.
  uint32_t version_offset = 0;      // Within the body; see DocumentRef::version_offset().
  bool is_partial = false;          // Partial presence: see partial_entity_tag().
};

class DocumentRef {
 public:
  // What stands in front of the bytes.
  struct Head;

  bool is_null() const { return head_ == nullptr; }
  std::string_view view() const;
  // SIP-ETag, Content-Type and Content-Length, the empty line, and the document.
  std::string_view lines_and_view() const;
  // RFC 5839 §6.1; a hash of the bytes, or of those that a patch makes. Of one that is not null.
  uint64_t entity_tag() const;
  // Where each watcher's own version number stands in it (see EventPackage); 0: it has none.
  uint32_t version_offset() const;
  // Which document a watcher has who has this one: see partial_presence.h. 0: nobody has to know.
  uint32_t serial() const;
  // Of one that is not null.
  Head& head() const { return *head_; }

  // A new document with one reference; null when the store is full.
  static DocumentRef try_make(TextStore& store, const DocumentParts& parts);
  DocumentRef share() const;
  void release(TextStore& store);
  uint32_t references() const;      // 0 for a null one.

 private:
  Head* head_ = nullptr;            // In the store.
};

struct DocumentRef::Head {
  uint32_t references = 0;
  uint32_t lines_length = 0;        // Of the header lines behind it,
  uint32_t length = 0;              // and of the document behind those.
  uint32_t version_offset = 0;
  uint32_t serial = 0;
  uint32_t patched_serial = 0;      // Of the document that `before` is, or that `patch` makes this one of; 0: none.
  uint32_t filter_serial = 0;       // Of the filter that left it; 0: none, it is whole.
  uint64_t entity_tag = 0;
  DocumentRef before;
  DocumentRef patch;
  DocumentRef unchanged;            // What tells a watcher who has this one that it still holds.
  DocumentRef filtered;             // What a filter leaves of it, the last one first;
  DocumentRef next_filtered;        // and of one of these, the next.
};

inline std::string_view DocumentRef::view() const {
  if (is_null()) return {};
  return {reinterpret_cast<const char*>(head_ + 1) + head_->lines_length, head_->length};
}
inline std::string_view DocumentRef::lines_and_view() const {
  if (is_null()) return {};
  return {reinterpret_cast<const char*>(head_ + 1), size_t{head_->lines_length} + head_->length};
}
inline uint64_t DocumentRef::entity_tag() const { return head_->entity_tag; }
inline uint32_t DocumentRef::version_offset() const { return is_null() ? 0 : head_->version_offset; }
inline uint32_t DocumentRef::serial() const { return is_null() ? 0 : head_->serial; }
inline uint32_t DocumentRef::references() const { return is_null() ? 0 : head_->references; }

}  // namespace vedette::engine
