// What must be true of normalise_pidf for every body there is. For unit tests and for the fuzzer.
#pragma once

#include <string>
#include <string_view>

#include "parsers/pidf.h"
#include "tests/support/normal_form_laws.h"

namespace vedette::support {

// The document that these fragments make.
inline std::string document_of(const parsers::PidfDocument& document, std::string_view bytes) {
  std::string text(parsers::kPresenceOpen);
  text.append(quotable_entity(document));
  text.append(parsers::kPresenceOpenEnd).append(bytes).append(parsers::kPresenceClose);
  return text;
}

// The first law that this body breaks, or nothing.
inline std::string broken_pidf_law(std::string_view body) {
  return broken_normal_form_law(body, parsers::normalise_pidf, document_of);
}

}  // namespace vedette::support
