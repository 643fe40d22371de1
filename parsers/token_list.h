// Comma-separated tokens: Supported, Require, Proxy-Require, Unsupported, Allow, Allow-Events,
// Content-Encoding, SIP-ETag and SIP-If-Match (one token; RFC 3903 §11.3).
#pragma once

#include <string_view>

#include "parsers/header_id.h"
#include "parsers/message.h"
#include "parsers/parse_error.h"

namespace vedette::parsers {

// Takes the next token off `rest`; kEmpty when it holds no more. Empty elements are skipped (RFC 3261
// §7.3.1 lists). After kToken `rest` goes on behind the malformed element; the other lists end at their first error.
ParseError next_token(std::string_view& rest, std::string_view& out);
// Some field with this id lists `token` (case-insensitive).
bool lists_token(const Message& message, HeaderId id, std::string_view token);
// The whole of `value` is one token (SIP-ETag, SIP-If-Match): kEntityTag otherwise.
ParseError parse_entity_tag(std::string_view value, std::string_view& out);

}  // namespace vedette::parsers
