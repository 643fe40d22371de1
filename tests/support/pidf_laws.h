// What must be true of normalise_pidf for every body there is. For unit tests and for the fuzzer.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/pidf.h"

namespace vedette::support {

// The document that these fragments make.
inline std::string document_of(const parsers::PidfDocument& document, std::string_view bytes) {
  std::string text(parsers::kPresenceOpen);
  text.append(document.entity.find('"') == std::string_view::npos ? document.entity : "x");
  text.append(parsers::kPresenceOpenEnd).append(bytes).append(parsers::kPresenceClose);
  return text;
}

// The first law that this body breaks, or nothing.
inline std::string broken_pidf_law(std::string_view body) {
  constexpr size_t kRoom = 32'768;
  std::vector<char> out(kRoom);
  parsers::PidfDocument document;
  if (parsers::normalise_pidf(body, out, document) != parsers::ParseError::kOk) return {};
  if (document.length > out.size()) return "longer than its output";
  if (document.count > parsers::kFragmentsMax) return "too many fragments";
  size_t end = 0;
  for (size_t i = 0; i < document.count; ++i) {
    const parsers::Fragment& fragment = document.fragments[i];
    if (fragment.offset != end) return "a gap between fragments";
    end += fragment.length;
    if (size_t{fragment.id_offset} + fragment.id_length > fragment.length)
      return "an id outside of its fragment";
    if (size_t{fragment.device_id_offset} + fragment.device_id_length > fragment.length) {
      return "a deviceID outside of its fragment";
    }
  }
  if (end != document.length) return "bytes that no fragment has";

  const std::string_view once(out.data(), document.length);
  const std::string text = document_of(document, once);
  std::vector<char> again(kRoom);
  parsers::PidfDocument reread;
  const parsers::ParseError error = parsers::normalise_pidf(text, again, reread);
  if (error != parsers::ParseError::kOk) return "its own output is refused: " + text;
  if (std::string_view(again.data(), reread.length) != once) return "not a fixed point: " + text;
  for (size_t i = 0; i < document.count; ++i) {
    if (reread.fragments[i].kind != document.fragments[i].kind) return "a fragment changes its kind: " + text;
    if (reread.fragments[i].basic != document.fragments[i].basic)
      return "a tuple changes its status: " + text;
  }
  return {};
}

}  // namespace vedette::support
