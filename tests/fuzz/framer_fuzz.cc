// A byte stream that arrives in pieces, whose sizes the first byte chooses: what is received does not depend on the
// pieces, what was read before makes no difference, no frame is found before it is whole, every frame lies within the
// limit, and what is framed ends where the parser says so. One input, no state.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "parsers/framer.h"
#include "parsers/message.h"
#include "tests/support/guarded_bytes.h"

using namespace vedette::parsers;

namespace {

constexpr size_t kMessageMax = 4096;
constexpr size_t kStreamMax = 4 * kMessageMax;
constexpr size_t kByteByByteMax = 600;      // Longer streams would take long: each step copies all that is waiting.

void expect(bool good) {
  if (!good) std::abort();
}

struct Received {
  Frame::Kind kind;
  size_t begin = 0, length = 0;
  bool operator==(const Received&) const = default;
};

// What a connection sees: frames, and what the last call said of the rest.
struct Connection {
  std::vector<Received> frames;
  ParseError last = ParseError::kIncomplete;
  bool operator==(const Connection&) const = default;
};

// What is not found is nowhere; the head of what is lost is there as a whole.
void check_end(std::string_view unread, ParseError error, const Frame& frame) {
  expect(error != ParseError::kIncomplete || frame.skip + frame.length == 0);
  if (frame.length == 0) return;
  const std::string_view head = unread.substr(frame.skip, frame.length);
  expect(head.ends_with("\n\r\n") || head.ends_with("\n\n"));
}

// Reads all frames that the first `arrived` bytes hold, from `begin` on.
void read_frames(std::string_view stream, size_t arrived, size_t& begin, FrameProgress& progress, Connection& out) {
  static vedette::support::GuardedBytes guarded(kStreamMax);
  while (out.last == ParseError::kIncomplete || out.last == ParseError::kOk) {
    const std::string_view unread = guarded.copy(stream.substr(begin, arrived - begin));
    Frame frame, again;
    out.last = find_frame(unread, kMessageMax, progress, frame);
    expect(find_frame(unread, kMessageMax, again) == out.last);
    expect(again.kind == frame.kind && again.skip == frame.skip && again.length == frame.length);
    if (out.last != ParseError::kOk) return check_end(unread, out.last, frame);
    expect(frame.skip + frame.length > 0 && frame.skip + frame.length <= arrived - begin);
    expect(frame.length <= kMessageMax && (frame.kind == Frame::Kind::kMessage) == (frame.length > 0));
    out.frames.push_back({frame.kind, begin + frame.skip, frame.length});
    begin += frame.skip + frame.length;
  }
}

Connection receive(std::string_view stream, unsigned pieces) {
  Connection connection;
  uint32_t state = pieces * 2654435761U;
  FrameProgress progress;
  for (size_t arrived = 0, begin = 0; arrived < stream.size();) {
    state = state * 1664525U + 1013904223U;
    const size_t piece = pieces == 1 ? 1 : 1 + (state >> 24) * (state >> 16 & 7) / 7;
    arrived = pieces == 0 ? stream.size() : std::min(stream.size(), arrived + piece);
    read_frames(stream, arrived, begin, progress, connection);
    if (connection.last != ParseError::kIncomplete) break;
  }
  return connection;
}

// A frame is a message that lacks neither its head's end nor any of its body.
void check_message_of(std::string_view framed) {
  Message message;
  const ParseError error = parse_stream_message(framed, message);
  expect(error != ParseError::kIncomplete && error != ParseError::kHeaderEnd && error != ParseError::kEmpty);
  // A field that the index has no room for counts for the framer alone.
  if (message.header_count() < kHeadersMax) expect(error != ParseError::kContentLength);
  if (error == ParseError::kOk) expect(message.bytes().size() == framed.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* input, size_t size) {
  if (size == 0) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(input) + 1, std::min(size - 1, kStreamMax));
  const Connection whole = receive(stream, 0);
  if (stream.size() <= kByteByByteMax) expect(receive(stream, 1) == whole);
  expect(receive(stream, 2 + input[0]) == whole);
  for (const Received& frame : whole.frames) {
    if (frame.kind == Frame::Kind::kMessage) check_message_of(stream.substr(frame.begin, frame.length));
  }
  return 0;
}
