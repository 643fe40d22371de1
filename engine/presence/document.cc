#include "engine/presence/document.h"

#include <cstring>
#include <new>

#include "engine/base/check.h"

namespace vedette::engine {

DocumentRef DocumentRef::try_make(TextStore& store, std::string_view bytes, uint32_t version_offset) {
  DocumentRef document;
  const Text text = store.try_allocate(sizeof(Head) + bytes.size(), TextStore::Claim::kPromised);
  if (!text) return document;
  document.head_ = new (text.bytes) Head;
  document.head_->references = 1;
  document.head_->length = static_cast<uint32_t>(bytes.size());
  document.head_->version_offset = version_offset;
  std::memcpy(text.bytes + sizeof(Head), bytes.data(), bytes.size());
  return document;
}

DocumentRef DocumentRef::share() const {
  VEDETTE_CHECK(!is_null());
  ++head_->references;
  return *this;
}

void DocumentRef::release(TextStore& store) {
  if (is_null()) return;
  Head* const head = head_;
  head_ = nullptr;
  if (--head->references > 0) return;
  // A document before this one keeps none itself (see follow()), so this ends here.
  head->before.release(store);
  head->patch.release(store);
  head->unchanged.release(store);
  head->filtered.release(store);
  Text text = {reinterpret_cast<char*>(head), static_cast<uint32_t>(sizeof(Head) + head->length)};
  store.release(text);
}

}  // namespace vedette::engine
