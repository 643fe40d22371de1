// base64url without padding (RFC 4648 §5, RFC 7515 §2). No state; any thread.
#pragma once

#include <cstddef>
#include <string_view>

#include "parsers/writer.h"

namespace vedette::parsers {

// False when `text` is none (padding, other letters, bits behind the last byte), or longer than `capacity` holds.
bool decode_base64url(std::string_view text, char* out, size_t capacity, size_t& length);
void put_base64url(Writer& writer, std::string_view bytes);

}  // namespace vedette::parsers
