// Two versions of a list of elements: which of them are the same one, and which may stay where they stand when the
// first becomes the second. For pidf_diff, which writes what has to be done with the others. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "parsers/xml_list.h"

namespace vedette::engine {

// Of one list; a document with more is told whole.
inline constexpr size_t kPairedElementsMax = 256;

struct PairedElement {
  static constexpr uint16_t kNoTwin = UINT16_MAX;

  std::string_view text;    // All of it.
  std::string_view id;      // Unique in its list; empty: it has none, or none that a selector can hold.
  uint32_t hash;            // Of what tells it from others.
  uint16_t twin;            // The same one's index in the other list.
  bool stays;               // It has a twin, and no two that stay change places.
};
using PairedElements = parsers::XmlList<PairedElement, kPairedElementsMax>;

// Reads a text that is nothing but elements, as XmlRewriter wrote them. False when it is not, or has too many.
// `with_ids`: tuples, persons and devices have ids, by which one that changed is known again; otherwise only what did
// not change is.
bool read_elements(std::string_view text, bool with_ids, PairedElements& out);

// Says of every element who its twin is and whether it stays: the heaviest elements that need no move among each other.
// Takes n log n steps for n elements.
void pair_elements(PairedElements& before, PairedElements& after);

}  // namespace vedette::engine
