#include "engine/presence/document.h"

#include <cstring>

#include "engine/base/check.h"

namespace vedette::engine {

DocumentRef DocumentRef::try_make(TextStore& store, std::string_view bytes) {
  DocumentRef document;
  document.text_ = store.try_allocate(sizeof(uint32_t) + bytes.size(), TextStore::Claim::kPromised);
  if (document.is_null()) return document;
  const uint32_t one = 1;
  std::memcpy(document.text_.bytes, &one, sizeof one);
  std::memcpy(document.text_.bytes + sizeof one, bytes.data(), bytes.size());
  return document;
}

uint32_t DocumentRef::references() const {
  uint32_t count = 0;
  if (!is_null()) std::memcpy(&count, text_.bytes, sizeof count);
  return count;
}

DocumentRef DocumentRef::share() const {
  VEDETTE_CHECK(!is_null());
  const uint32_t count = references() + 1;
  std::memcpy(text_.bytes, &count, sizeof count);
  return *this;
}

void DocumentRef::release(TextStore& store) {
  if (is_null()) return;
  const uint32_t count = references() - 1;
  std::memcpy(text_.bytes, &count, sizeof count);
  if (count == 0) {
    store.release(text_);
  } else {
    text_ = {};
  }
}

}  // namespace vedette::engine
