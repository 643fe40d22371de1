// What one device says of its user, normalised: the fragments' index, the parts', then their bytes, in one
// text. A PUBLISH makes one; so does a registration, which is a publication that the registrar makes for a
// device, and hard state, which is one that an operator makes.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/text_store.h"
#include "parsers/pidf.h"

namespace vedette::engine {

struct PublishedState {
  Text text;
  uint16_t fragment_count = 0;
  uint16_t part_count = 0;

  // Makes one of a document, of which `bytes` are what normalise_pidf wrote, in room for text_bytes().
  static size_t text_bytes(const parsers::PidfDocument& document);
  static PublishedState write(const parsers::PidfDocument& document, std::string_view bytes, char* room);
  // False when the store is full.
  bool try_store(TextStore& store, const parsers::PidfDocument& document, std::string_view bytes);

  std::span<const parsers::Fragment> fragments() const {
    return {reinterpret_cast<const parsers::Fragment*>(text.bytes), fragment_count};
  }
  std::span<const parsers::FragmentPart> parts() const {
    return {reinterpret_cast<const parsers::FragmentPart*>(text.bytes + fragment_count * sizeof(parsers::Fragment)),
            part_count};
  }
  std::string_view bytes() const {
    return text.view().substr(fragment_count * sizeof(parsers::Fragment) + part_count * sizeof(parsers::FragmentPart));
  }
};

}  // namespace vedette::engine
