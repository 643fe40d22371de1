#include "engine/presence/document.h"

#include <cstring>

#include "engine/base/check.h"

namespace vedette::engine {

DocumentRef DocumentRef::try_make(TextStore& store, std::string_view bytes, uint32_t version_offset) {
  DocumentRef document;
  document.text_ = store.try_allocate(sizeof(Head) + bytes.size(), TextStore::Claim::kPromised);
  if (document.is_null()) return document;
  document.put_head({1, version_offset});
  std::memcpy(document.text_.bytes + sizeof(Head), bytes.data(), bytes.size());
  return document;
}

DocumentRef::Head DocumentRef::head() const {
  Head head{};
  std::memcpy(&head, text_.bytes, sizeof head);
  return head;
}

void DocumentRef::put_head(const Head& head) { std::memcpy(text_.bytes, &head, sizeof head); }

uint32_t DocumentRef::references() const { return is_null() ? 0 : head().references; }

DocumentRef DocumentRef::share() const {
  VEDETTE_CHECK(!is_null());
  DocumentRef shared = *this;
  shared.put_head({references() + 1, version_offset()});
  return shared;
}

void DocumentRef::release(TextStore& store) {
  if (is_null()) return;
  const uint32_t count = references() - 1;
  put_head({count, version_offset()});
  if (count == 0) {
    store.release(text_);
  } else {
    text_ = {};
  }
}

}  // namespace vedette::engine
