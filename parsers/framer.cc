#include "parsers/framer.h"

#include <algorithm>

#include "parsers/header_id.h"
#include "parsers/lines.h"
#include "parsers/number.h"

namespace vedette::parsers {
namespace {

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

// Goes on where `progress` ends.
class HeadReader {
 public:
  // `text`: the stream as far as its first message may go.
  HeadReader(std::string_view text, FrameProgress& progress) : text_(text), progress_(progress) {}

  // False when the head has not come whole.
  bool read() {
    while (progress_.head == 0) {
      const bool is_start_line = progress_.line == progress_.skip;
      const Line line = take_line(is_start_line);
      if (line.kind == Line::Kind::kUnfinished) return false;
      if (line.kind == Line::Kind::kEmpty) {
        progress_.head = progress_.line;
        break;
      }
      progress_.has_stray_return |= line.stray_return;
      if (!is_start_line) read_length(line.text);
    }
    return true;
  }

 private:
  // A line that is there with its end and cannot go on by a fold. It is read when that is known, once.
  Line take_line(bool is_start_line) {
    for (;;) {
      const size_t feed = text_.find('\n', progress_.looked);
      progress_.looked = std::min(feed, text_.size());
      if (feed == std::string_view::npos) return {};
      const std::string_view line = text_.substr(progress_.line, feed - progress_.line);
      const bool may_fold = !is_start_line && !line.empty() && line != "\r";
      if (may_fold && feed + 1 == text_.size()) return {};
      progress_.looked = feed + 1;
      if (may_fold && (text_[feed + 1] == ' ' || text_[feed + 1] == '\t')) continue;
      LineReader reader(text_.substr(0, feed + 1), progress_.line);
      progress_.line = feed + 1;
      return is_start_line ? reader.take_start_line() : reader.take_line();
    }
  }

  void read_length(std::string_view line) {
    std::string_view name;
    std::string_view value;
    if (!split_header(line, name, value) || parse_header_name(name) != HeaderId::kContentLength) return;
    uint64_t length = 0;
    const bool is_number = parse_uint(value, UINT32_MAX, length) == ParseError::kOk;
    if (!is_number || (progress_.has_length && length != progress_.body_bytes)) progress_.has_lost_length = true;
    progress_.has_length = true;
    progress_.body_bytes = length;
  }

  const std::string_view text_;
  FrameProgress& progress_;
};

// Of a message, behind what may be a keep-alive.
ParseError find_message(std::string_view stream, size_t message_bytes_max, FrameProgress& progress, Frame& out) {
  if (progress.line == progress.skip) {
    progress.skip += count_leading_line_ends(stream.substr(progress.skip));
    progress.line = progress.skip;
    progress.looked = std::max(progress.looked, progress.skip);
    if (progress.skip > message_bytes_max) return ParseError::kMessageTooLong;
  }
  const size_t arrived = stream.size() - progress.skip;
  if (!HeadReader(stream.substr(0, progress.skip + std::min(arrived, message_bytes_max)), progress).read()) {
    return arrived >= message_bytes_max ? ParseError::kMessageTooLong : ParseError::kIncomplete;
  }
  const size_t head = progress.head - progress.skip;
  out = {.kind = Frame::Kind::kMessage, .skip = progress.skip, .length = head};
  // A CR alone ends a line for some readers, which may see another Content-Length behind it.
  if (progress.has_stray_return) return ParseError::kHeaderSyntax;
  // RFC 4475 §3.1.2.3, §3.3.9: a length that is no number, or not one, leaves the next message unfindable. So does one
  // that is missing (RFC 3261 §18.3 wants it here): a body behind it would be read as the next message.
  if (progress.has_lost_length || !progress.has_length) return ParseError::kContentLength;
  if (progress.body_bytes > message_bytes_max - head) return ParseError::kMessageTooLong;
  if (arrived < head + progress.body_bytes) return ParseError::kIncomplete;
  out.length += progress.body_bytes;
  return ParseError::kOk;
}

}  // namespace

ParseError find_frame(std::string_view stream, size_t message_bytes_max, FrameProgress& progress, Frame& out) {
  out = {};
  ParseError error = find_keep_alive(stream, out);
  if (error == ParseError::kEmpty) error = find_message(stream, message_bytes_max, progress, out);
  if (error == ParseError::kIncomplete) {
    out = {};
  } else {
    progress = {};
  }
  return error;
}

}  // namespace vedette::parsers
