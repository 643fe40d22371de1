// A composed document, shared by reference count: the presentity holds the latest one, every NOTIFY in flight
// holds the one that it carries, so that a retransmission is byte-identical (RFC 3261 §17.1.2.2).
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/text_store.h"

namespace vedette::engine {

class DocumentRef {
 public:
  bool is_null() const { return !text_; }
  std::string_view view() const { return is_null() ? std::string_view{} : text_.view().substr(sizeof(Head)); }
  // Where each watcher's own version number stands in it (see EventPackage); 0: it has none.
  uint32_t version_offset() const { return is_null() ? 0 : head().version_offset; }

  // A new document with one reference; null when the store is full.
  static DocumentRef try_make(TextStore& store, std::string_view bytes, uint32_t version_offset = 0);
  DocumentRef share() const;
  void release(TextStore& store);
  uint32_t references() const;      // 0 for a null one.

 private:
  struct Head {
    uint32_t references;
    uint32_t version_offset;
  };
  Head head() const;
  void put_head(const Head& head);

  Text text_;                       // The head, then the bytes.
};

}  // namespace vedette::engine
