// Comparison of URI components whose characters may stand escaped (RFC 3261 §19.1.4, RFC 2396 §2). Nothing is
// copied: escapes are undone octet by octet while reading. Used by the parsers of this folder only.
#pragma once

#include <cstdint>
#include <string_view>

namespace vedette::parsers {

enum class Case : uint8_t { kSensitive, kIgnored };

// Characters other than reserved ones are equivalent to their escapes; a reserved one is not.
bool equal_escaped(std::string_view a, std::string_view b, Case letters);

}  // namespace vedette::parsers
