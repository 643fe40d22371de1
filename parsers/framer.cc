#include "parsers/framer.h"

#include "parsers/header_id.h"
#include "parsers/lines.h"
#include "parsers/message.h"
#include "parsers/number.h"

namespace vedette::parsers {
namespace {

// What the header fields say about the length of the body.
class BodyLength {
 public:
  void on_header(const Line& line) {
    std::string_view name;
    std::string_view value;
    if (line.stray_return || !split_header(line.text, name, value) ||
        parse_header_name(name) != HeaderId::kContentLength)
      return;
    uint64_t length = 0;
    const bool is_number = parse_uint(value, UINT32_MAX, length) == ParseError::kOk;
    if (!is_number || (is_known_ && length != length_)) is_lost_ = true;
    is_known_ = true;
    length_ = length;
  }
  bool is_lost() const { return is_lost_ || !is_known_; }
  size_t bytes() const { return length_; }

 private:
  bool is_known_ = false;
  bool is_lost_ = false;
  size_t length_ = 0;
};

// RFC 5626 §3.5.1 at the front of a stream: CRLFCRLF asks, CRLF answers. One CRLF may be half of two, so it
// is known for an answer only when something else follows.
ParseError find_keep_alive(std::string_view stream, Frame& out) {
  constexpr std::string_view kPing = "\r\n\r\n";
  if (stream.starts_with(kPing)) {
    out = {.kind = Frame::Kind::kPing, .skip = kPing.size(), .length = 0};
    return ParseError::kOk;
  }
  if (kPing.starts_with(stream)) return ParseError::kIncomplete;
  if (!stream.starts_with("\r\n") || stream[2] == '\r') return ParseError::kEmpty;
  out = {.kind = Frame::Kind::kPong, .skip = 2, .length = 0};
  return ParseError::kOk;
}

}  // namespace

ParseError find_frame(std::string_view stream, size_t message_bytes_max, Frame& out) {
  out = {};
  if (const ParseError error = find_keep_alive(stream, out); error != ParseError::kEmpty) return error;
  const size_t skip = count_leading_line_ends(stream);
  if (skip > message_bytes_max) return ParseError::kMessageTooLong;
  const std::string_view text = stream.substr(skip, message_bytes_max);
  const ParseError unfinished =
      text.size() == message_bytes_max ? ParseError::kMessageTooLong : ParseError::kIncomplete;
  LineReader reader(text);
  BodyLength body;
  // A CR alone ends a line for some readers, which may see another Content-Length behind it.
  bool is_ambiguous = reader.take_start_line().stray_return;
  while (true) {
    const Line line = reader.take_line();
    if (line.kind == Line::Kind::kUnfinished) return unfinished;
    if (line.kind == Line::Kind::kEmpty) break;
    is_ambiguous |= line.stray_return;
    body.on_header(line);
  }
  // RFC 4475 §3.1.2.3, §3.3.9: a length that is no number, or not one, leaves the next message unfindable. So does one
  // that is missing (RFC 3261 §18.3 wants it here): a body behind it would be read as the next message.
  if (is_ambiguous) return ParseError::kHeaderSyntax;
  if (body.is_lost()) return ParseError::kContentLength;
  const size_t head = reader.offset();
  if (body.bytes() > message_bytes_max - head) return ParseError::kMessageTooLong;
  if (stream.size() - skip < head + body.bytes()) return ParseError::kIncomplete;
  out = {.kind = Frame::Kind::kMessage, .skip = skip, .length = head + body.bytes()};
  return ParseError::kOk;
}

}  // namespace vedette::parsers
