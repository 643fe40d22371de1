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
  std::string_view view() const { return is_null() ? std::string_view{} : text_.view().substr(sizeof(uint32_t)); }

  // A new document with one reference; null when the store is full.
  static DocumentRef try_make(TextStore& store, std::string_view bytes);
  DocumentRef share() const;
  void release(TextStore& store);
  uint32_t references() const;      // 0 for a null one.

 private:
  Text text_;                       // The count, then the bytes.
};

}  // namespace vedette::engine
