// One publication (RFC 3903 §6): what one device last said, normalised into fragments, under an entity tag.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/base/handle.h"
#include "engine/base/time.h"
#include "engine/text_store.h"
#include "parsers/pidf.h"

namespace vedette::engine {

struct Publication {
  uint32_t presentity = kNoIndex;
  uint32_t next = kNoIndex;          // The next older one of this presentity.
  uint32_t number = 0;               // Never changes while the publication lives; counts up per presentity.
  uint32_t fragment_count = 0;
  uint64_t entity_tag = 0;           // Changes with every PUBLISH (RFC 3903 §6, step 6).
  Instant expires_at;
  uint64_t device = 0;               // Hash of where its last PUBLISH with a body came from, see publish.cc.
  Text text;                         // The fragments' index, then their bytes.

  std::span<const parsers::Fragment> fragments() const {
    return {reinterpret_cast<const parsers::Fragment*>(text.bytes), fragment_count};
  }
  std::string_view bytes() const { return text.view().substr(fragment_count * sizeof(parsers::Fragment)); }
};

}  // namespace vedette::engine
