// Decimal numbers of header fields: digits only, bounded by their type, leading zeros allowed.
#pragma once

#include <cstdint>
#include <string_view>

#include "parsers/parse_error.h"

namespace vedette::parsers {

// kNumber when empty, not all digits, or above `max`. Surrounding white space is not accepted.
ParseError parse_uint(std::string_view text, uint64_t max, uint64_t& out);
// Hexadecimal of either case, 1 to 16 digits: what Writer::put_hex writes. False for anything else.
bool parse_hex(std::string_view text, uint64_t& out);
// delta-seconds (RFC 3261 §25.1), optionally followed by a comment or parameters as in Retry-After (§20.33).
ParseError parse_delta_seconds(std::string_view text, uint32_t& out);

}  // namespace vedette::parsers
