#include "engine/presence/published_state.h"

#include <cstring>

namespace vedette::engine {

bool PublishedState::try_store(TextStore& store, const parsers::PidfDocument& document, std::string_view published) {
  const size_t fragment_bytes = document.count * sizeof(parsers::Fragment);
  const size_t part_bytes = document.parts_count * sizeof(parsers::FragmentPart);
  text = store.try_allocate(fragment_bytes + part_bytes + published.size(), TextStore::Claim::kNew);
  if (!text) return false;
  fragment_count = static_cast<uint16_t>(document.count);
  part_count = static_cast<uint16_t>(document.parts_count);
  std::memcpy(text.bytes, document.fragments.data(), fragment_bytes);
  std::memcpy(text.bytes + fragment_bytes, document.parts.data(), part_bytes);
  std::memcpy(text.bytes + fragment_bytes + part_bytes, published.data(), published.size());
  return true;
}

}  // namespace vedette::engine
