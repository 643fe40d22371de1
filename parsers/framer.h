// Byte stream → whole messages (TCP, TLS; RFC 3261 §18.3, §7.5; keep-alives RFC 5626 §3.5.1).
// Stateless: the caller keeps the unread bytes and asks again when there are more. Each call reads them from their
// begin, so a message that comes in many pieces costs with its length times their number (tests/linearity); what bounds
// that is `message_bytes_max` and how often the caller asks: once a read, not once a byte.
#pragma once

#include <cstddef>
#include <string_view>

#include "parsers/parse_error.h"

namespace vedette::parsers {

struct Frame {
  enum class Kind : unsigned char { kMessage, kPing, kPong };  // kPing: CRLFCRLF to be answered by CRLF.
  Kind kind = Kind::kMessage;
  size_t skip = 0;      // Bytes before the message (line ends) to drop.
  size_t length = 0;    // Bytes of the message that follow them. For pings, 0.
};

// One CRLF may be half of a ping, so it is a pong only when something else follows it.
// kOk and a frame; kIncomplete when more bytes are needed; any other error means that framing is lost and
// the connection must be closed. `message_bytes_max` bounds start line, headers and body together.
ParseError find_frame(std::string_view stream, size_t message_bytes_max, Frame& out);

}  // namespace vedette::parsers
