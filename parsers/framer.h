// Byte stream → whole messages (TCP, TLS; RFC 3261 §18.3, §7.5; keep-alives RFC 5626 §3.5.1).
// Keeps nothing itself: the caller has the unread bytes, and beside them how far they were read, so that a message
// costs with its length in however many pieces it comes (tests/linearity).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "parsers/parse_error.h"

namespace vedette::parsers {

struct Frame {
  enum class Kind : unsigned char { kMessage, kPing, kPong };  // kPing: CRLFCRLF to be answered by CRLF.
  Kind kind = Kind::kMessage;
  size_t skip = 0;      // Bytes before the message (line ends) to drop.
  size_t length = 0;    // Bytes of the message that follow them. For pings, 0.
};

// What is known of the frame at the front of a stream that has not come whole: offsets into the unread bytes. Made
// once for a connection; find_frame() clears it behind each frame.
struct FrameProgress {
  size_t skip = 0;               // Line ends that were passed over.
  size_t line = 0;               // Where the first line begins that has not been read; `skip` for the start line.
  size_t looked = 0;             // Up to here that line has no end.
  size_t head = 0;               // Where the body begins; 0 when that is not known.
  uint64_t body_bytes = 0;       // What Content-Length says.
  bool has_length = false;
  bool has_lost_length = false;  // It is no number, or not one.
  bool has_stray_return = false;
};

// One CRLF may be half of a ping, so it is a pong only when something else follows it.
// kOk and a frame; kIncomplete when more bytes are needed: then come again with `stream` as it was and more behind it.
// Any other error means that framing is lost and the connection must be closed. If the head is whole, `out` is that
// alone, so that it can be answered before (RFC 4475 §3.1.2.3, §3.3.9); else its length is 0. `message_bytes_max`
// bounds start line, headers and body together.
ParseError find_frame(std::string_view stream, size_t message_bytes_max, FrameProgress& progress, Frame& out);

// The same for bytes that are not expected to go on.
inline ParseError find_frame(std::string_view stream, size_t message_bytes_max, Frame& out) {
  FrameProgress progress;
  return find_frame(stream, message_bytes_max, progress, out);
}

}  // namespace vedette::parsers
