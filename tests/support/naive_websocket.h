// WebSocket frames (RFC 6455 §5) read by the letter of the RFC, as a second opinion for fuzz targets: which messages a
// client's frames hold, and whether what a server sent is frames as it may send them. One call, no state.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vedette::support {

struct WebSocketFrame {
  bool is_final = false, is_masked = false;
  unsigned reserved = 0, opcode = 0;
  std::string payload;

  bool is_control() const { return opcode >= 8; }
};

enum class FrameRead : uint8_t { kOk, kIncomplete, kWrong };

// RFC 6455 §5.2. Takes one from the front. A length beyond `payload_max` is wrong: nobody waits for its end.
inline FrameRead take_frame(std::string_view& bytes, uint64_t payload_max, WebSocketFrame& out) {
  const auto byte = [&](size_t at) { return static_cast<uint8_t>(bytes[at]); };
  if (bytes.size() < 2) return FrameRead::kIncomplete;
  out = {.is_final = (byte(0) & 0x80) != 0, .is_masked = (byte(1) & 0x80) != 0,
         .reserved = byte(0) >> 4 & 7U, .opcode = byte(0) & 15U, .payload = {}};
  uint64_t length = byte(1) & 0x7f;
  size_t at = 2;
  if (length > 125) {
    const size_t digits = length == 126 ? 2 : 8;
    if (bytes.size() < at + digits) return FrameRead::kIncomplete;
    for (length = 0; at < 2 + digits; ++at) length = length << 8 | byte(at);
    // "the minimal number of bytes MUST be used to encode the length"
    if (length < (digits == 2 ? 126U : 65'536U)) return FrameRead::kWrong;
  }
  if (length > payload_max) return FrameRead::kWrong;
  const size_t mask = at;
  if (out.is_masked) at += 4;
  if (bytes.size() < at + length) return FrameRead::kIncomplete;
  out.payload = bytes.substr(at, length);
  for (size_t i = 0; out.is_masked && i < length; ++i) {
    out.payload[i] = static_cast<char>(out.payload[i] ^ bytes[mask + i % 4]);
  }
  bytes.remove_prefix(at + length);
  return FrameRead::kOk;
}

// RFC 3629 §4.
inline bool is_utf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const auto lead = static_cast<uint8_t>(text[at]);
    const size_t length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (length == 0 || at + length > text.size()) return false;
    uint32_t value = length == 1 ? lead : lead & (0x7fU >> length);
    for (size_t i = 1; i < length; ++i) {
      const auto next = static_cast<uint8_t>(text[at + i]);
      if ((next & 0xc0) != 0x80) return false;
      value = value << 6 | (next & 0x3fU);
    }
    if ((length == 3 && value < 0x800) || (length == 4 && value < 0x10000)) return false;
    if (value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) return false;
    at += length;
  }
  return true;
}

// The messages of a client's frames that came whole, up to the first frame that closes or is wrong.
inline std::vector<std::string> messages_of_client(std::string_view bytes, uint64_t message_bytes_max) {
  enum : unsigned { kContinuation = 0, kText = 1, kBinary = 2, kPing = 9, kPong = 10 };
  std::vector<std::string> messages;
  std::string message;
  unsigned kind = kContinuation;            // Of the message that has begun; kContinuation: none has.
  WebSocketFrame frame;
  while (take_frame(bytes, message_bytes_max, frame) == FrameRead::kOk) {
    // §5.1: "The server MUST close the connection upon receiving a frame that is not masked."
    if (!frame.is_masked || frame.reserved != 0) break;
    if (frame.is_control()) {
      // §5.5: "All control frames MUST have a payload length of 125 bytes or less and MUST NOT be fragmented."
      if (!frame.is_final || frame.payload.size() > 125) break;
      if (frame.opcode != kPing && frame.opcode != kPong) break;
      continue;
    }
    if (frame.opcode > kBinary || (frame.opcode == kContinuation) != (kind != kContinuation)) break;
    if (frame.opcode != kContinuation) kind = frame.opcode;
    message += frame.payload;
    if (message.size() > message_bytes_max) break;
    if (!frame.is_final) continue;
    // §8.1
    if (kind == kText && !is_utf8(message)) break;
    messages.push_back(message);
    message.clear();
    kind = kContinuation;
  }
  return messages;
}

// What a server sent, whole: frames that are not masked, nothing in fragments, the last of them a close, if any is.
// `messages` are those that are SIP's.
inline bool are_frames_of_server(std::string_view bytes, std::vector<std::string>& messages) {
  WebSocketFrame frame;
  bool has_closed = false;
  while (!bytes.empty()) {
    if (has_closed || take_frame(bytes, UINT64_MAX, frame) != FrameRead::kOk) return false;
    if (!frame.is_final || frame.is_masked || frame.reserved != 0) return false;
    has_closed = frame.opcode == 8;
    if (frame.is_control() ? frame.opcode > 10 || frame.payload.size() > 125 : frame.opcode != 1 && frame.opcode != 2) {
      return false;
    }
    if (frame.opcode == 1 && !is_utf8(frame.payload)) return false;
    if (!frame.is_control()) messages.push_back(frame.payload);
  }
  return true;
}

}  // namespace vedette::support
