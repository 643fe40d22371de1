#include "engine/presence/published_state.h"

#include <cstring>

namespace vedette::engine {

using parsers::PidfDocument;

size_t PublishedState::text_bytes(const PidfDocument& document) {
  return document.count * sizeof(parsers::Fragment) + document.parts_count * sizeof(parsers::FragmentPart) +
         document.length;
}

PublishedState PublishedState::write(const PidfDocument& document, std::string_view bytes, char* room) {
  const size_t fragment_bytes = document.count * sizeof(parsers::Fragment);
  const size_t part_bytes = document.parts_count * sizeof(parsers::FragmentPart);
  std::memcpy(room, document.fragments.data(), fragment_bytes);
  std::memcpy(room + fragment_bytes, document.parts.data(), part_bytes);
  std::memcpy(room + fragment_bytes + part_bytes, bytes.data(), bytes.size());
  return {{room, static_cast<uint32_t>(text_bytes(document))},
          static_cast<uint16_t>(document.count),
          static_cast<uint16_t>(document.parts_count)};
}

bool PublishedState::try_store(TextStore& store, const PidfDocument& document, std::string_view bytes) {
  const Text room = store.try_allocate(text_bytes(document), TextStore::Claim::kNew);
  if (!room) return false;
  *this = write(document, bytes, room.bytes);
  return true;
}

}  // namespace vedette::engine
