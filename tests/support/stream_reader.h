// The receiving end of a connection: bytes arrive in pieces, whole frames come out. What a TCP listener does with
// parsers/framer, for tests and fuzzers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parsers/framer.h"

namespace vedette::support {

struct ReceivedFrame {
  parsers::Frame::Kind kind = parsers::Frame::Kind::kMessage;
  std::string bytes;
  bool operator==(const ReceivedFrame&) const = default;
};

class StreamReader {
 public:
  explicit StreamReader(size_t message_bytes_max) : message_bytes_max_(message_bytes_max) {}

  void arrive(std::string_view piece) {
    if (last_ != parsers::ParseError::kIncomplete) return;      // The connection is closed.
    waiting_ += piece;
    parsers::Frame frame;
    while ((last_ = find(frame)) == parsers::ParseError::kOk) {
      frames_.push_back({frame.kind, waiting_.substr(frame.skip, frame.length)});
      waiting_.erase(0, frame.skip + frame.length);
    }
    lost_head_ = waiting_.substr(frame.skip, frame.length);
  }

  const std::vector<ReceivedFrame>& frames() const { return frames_; }
  // kIncomplete, or the error that closed the connection.
  parsers::ParseError last() const { return last_; }
  const std::string& waiting() const { return waiting_; }
  // Of the message that closed the connection; empty when that was not whole.
  const std::string& lost_head() const { return lost_head_; }

 private:
  parsers::ParseError find(parsers::Frame& out) {
    return parsers::find_frame(waiting_, message_bytes_max_, progress_, out);
  }

  size_t message_bytes_max_;
  parsers::FrameProgress progress_;
  parsers::ParseError last_ = parsers::ParseError::kIncomplete;
  std::string waiting_;
  std::string lost_head_;
  std::vector<ReceivedFrame> frames_;
};

}  // namespace vedette::support
