#include "engine/presence/document.h"

#include <cstring>
#include <new>

#include "engine/base/check.h"
#include "engine/presence/entity_tag.h"
#include "parsers/writer.h"

namespace vedette::engine {
namespace {

// Media types are those of packages.
constexpr size_t kLinesBytesMax = 192;

void write_lines(const DocumentParts& parts, parsers::Writer& writer) {
  const uint64_t tag = parts.is_partial ? partial_entity_tag(parts.entity_tag) : parts.entity_tag;
  writer.put("SIP-ETag: ").put_hex(tag, kEntityTagDigits).put("\r\n");
  writer.put_header("Content-Type", parts.media_type).put_header_uint("Content-Length", parts.body.size());
  writer.put("\r\n");
}

}  // namespace

DocumentRef DocumentRef::try_make(TextStore& store, const DocumentParts& parts) {
  char lines[kLinesBytesMax];
  parsers::Writer writer(lines, sizeof lines);
  write_lines(parts, writer);
  VEDETTE_CHECK(!writer.overflowed());
  DocumentRef document;
  const size_t bytes = sizeof(Head) + writer.length() + parts.body.size();
  const Text text = store.try_allocate(bytes, TextStore::Claim::kPromised);
  if (!text) return document;
  document.head_ = new (text.bytes) Head;
  document.head_->references = 1;
  document.head_->lines_length = static_cast<uint32_t>(writer.length());
  document.head_->length = static_cast<uint32_t>(parts.body.size());
  document.head_->version_offset = parts.version_offset;
  document.head_->entity_tag = parts.entity_tag;
  char* const behind = text.bytes + sizeof(Head);
  std::memcpy(behind, lines, writer.length());
  std::memcpy(behind + writer.length(), parts.body.data(), parts.body.size());
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
  // A chain of at most kFilteredDocumentsMax.
  head->filtered.release(store);
  head->next_filtered.release(store);
  const size_t bytes = sizeof(Head) + head->lines_length + head->length;
  Text text = {reinterpret_cast<char*>(head), static_cast<uint32_t>(bytes)};
  store.release(text);
}

}  // namespace vedette::engine
