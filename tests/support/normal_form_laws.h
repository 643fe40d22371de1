// What must be true of every reader that normalises a published body into fragments, for every body there is: the
// fragments lie one behind the other, their ids within them, and the document that they make is read again as the same.
// For unit tests and for the fuzzers.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/pidf.h"

namespace vedette::support {

inline constexpr size_t kNormalFormRoom = 32'768;

// The first thing that is wrong with where the fragments lie, or nothing.
inline std::string broken_fragment_law(const parsers::PidfDocument& document, size_t room) {
  if (document.length > room) return "longer than its output";
  if (document.count > parsers::kFragmentsMax) return "too many fragments";
  size_t end = 0;
  for (size_t i = 0; i < document.count; ++i) {
    const parsers::Fragment& fragment = document.fragments[i];
    if (fragment.offset != end) return "a gap between fragments";
    end += fragment.length;
    if (size_t{fragment.id_offset} + fragment.id_length > fragment.length) return "an id outside of its fragment";
    if (size_t{fragment.device_id_offset} + fragment.device_id_length > fragment.length) {
      return "a deviceID outside of its fragment";
    }
  }
  return end == document.length ? std::string() : "bytes that no fragment has";
}

// The first law that this body breaks, or nothing. `normalise` is the reader; `make(document, bytes)` gives the
// document that the fragments make.
template <typename Normalise, typename Make>
std::string broken_normal_form_law(std::string_view body, Normalise normalise, Make make) {
  std::vector<char> out(kNormalFormRoom);
  parsers::PidfDocument document;
  if (normalise(body, out, document) != parsers::ParseError::kOk) return {};
  const std::string misplaced = broken_fragment_law(document, out.size());
  if (!misplaced.empty()) return misplaced;

  const std::string_view once(out.data(), document.length);
  const std::string text = make(document, once);
  std::vector<char> again(kNormalFormRoom);
  parsers::PidfDocument reread;
  if (normalise(text, again, reread) != parsers::ParseError::kOk) return "its own output is refused: " + text;
  if (std::string_view(again.data(), reread.length) != once) return "not a fixed point: " + text;
  for (size_t i = 0; i < document.count; ++i) {
    if (reread.fragments[i].kind != document.fragments[i].kind) return "a fragment changes its kind: " + text;
    if (reread.fragments[i].basic != document.fragments[i].basic) return "a tuple changes its status: " + text;
  }
  std::vector<char> less(document.length);
  if (document.length > 0 &&
      normalise(body, std::span(less).first(document.length - 1), reread) == parsers::ParseError::kOk) {
    return "it fits where there is no room";
  }
  return {};
}

// The entity as it can stand between double quotes.
inline std::string_view quotable_entity(const parsers::PidfDocument& document) {
  return document.entity.find('"') == std::string_view::npos ? document.entity : std::string_view("x");
}

}  // namespace vedette::support
