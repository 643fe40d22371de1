// What the fuzz targets of bodies share: an input is held to a law where the byte behind its end cannot be read, and
// where the one before its begin cannot; who breaks it is named, and the target ends.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tests/support/guarded_bytes.h"

namespace vedette::support {

inline constexpr size_t kFuzzBodyBytesMax = 20'000;   // Longer inputs are passed over.

// What stands before the body of a PUBLISH or NOTIFY is left away, so that recorded messages make a corpus.
inline std::string_view xml_body_of(std::string_view input) {
  if (input.starts_with("PUBLISH") || input.starts_with("NOTIFY")) {
    input.remove_prefix(std::min(input.find('<', input.find("\r\n\r\n")), input.size()));
  }
  return input;
}

// `broken_law(body)` says which law is broken; empty: none.
template <typename Law>
void expect_lawful(std::string_view body, Law&& broken_law) {
  static GuardedBytes guarded(kFuzzBodyBytesMax);
  if (body.size() > kFuzzBodyBytesMax) return;
  for (const bool at_front : {false, true}) {
    const std::string broken = broken_law(at_front ? guarded.copy_to_front(body) : guarded.copy(body));
    if (broken.empty()) continue;
    std::fprintf(stderr, "%s\n", broken.c_str());
    std::abort();
  }
}

}  // namespace vedette::support
