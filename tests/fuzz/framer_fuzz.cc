// A byte stream, cut into frames: each frame lies within the stream, is found in no shorter prefix, and every
// call that succeeds moves on. What is framed ends where the parser says so.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "parsers/framer.h"
#include "parsers/message.h"

using namespace vedette::parsers;

namespace {

constexpr size_t kMessageMax = 4096;

void check_frame(std::string_view stream, const Frame& frame) {
  const size_t taken = frame.skip + frame.length;
  if (taken == 0 || taken > stream.size() || frame.length > kMessageMax) std::abort();
  Frame early;
  // An answer to a keep-alive is known by the byte behind it.
  const size_t needed = frame.kind == Frame::Kind::kPong ? taken + 1 : taken;
  for (const size_t less : {size_t{1}, size_t{2}, size_t{3}, frame.length / 2}) {
    if (less == 0 || less > needed) continue;
    if (find_frame(stream.substr(0, needed - less), kMessageMax, early) != ParseError::kIncomplete)
      std::abort();
  }
  if (frame.kind != Frame::Kind::kMessage) return;
  Message message;
  const std::string_view framed = stream.substr(frame.skip, frame.length);
  if (parse_stream_message(framed, message) == ParseError::kOk && message.bytes().size() != framed.size())
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* input, size_t size) {
  std::string_view stream(reinterpret_cast<const char*>(input), std::min(size, 4 * kMessageMax));
  Frame frame;
  while (find_frame(stream, kMessageMax, frame) == ParseError::kOk) {
    check_frame(stream, frame);
    stream.remove_prefix(frame.skip + frame.length);
  }
  return 0;
}
