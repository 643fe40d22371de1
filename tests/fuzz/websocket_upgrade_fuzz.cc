// Any bytes of a peer, in pieces that the first byte chooses, into SIP over WebSocket: the HTTP upgrade, frames, pings,
// closes, what is too long, fragments. Which messages come out does not depend on the pieces, and is what the frames
// say when they are read by the letter of RFC 6455; what is sent back is one HTTP answer and then frames. One input, a
// connection or two.
//
// Byte 0: the pieces. Byte 1: the habits below. The rest: what the peer sends.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/control/websocket_stream.h"
#include "tests/support/fuzzed_stream.h"
#include "tests/support/naive_websocket.h"

using namespace vedette;
using support::expect;

namespace {

enum Habit : unsigned {
  kUpgraded = 1,       // The upgrade is a good one, made here: the input begins with frames.
  kImpatient = 2,      // The peer does not wait for the answer to its upgrade.
  kNoRoom = 4,
  kAnswered = 8,
  kDeaf = 16,
  kHalfClose = 32,     // In the end, else it closes both ways.
  kOrigins = 64,       // Pages of one origin alone are let in.
};
constexpr std::string_view kUpgrade =
    "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nOrigin: https://a.test\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: sip\r\n\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr size_t kBytesMax = 8'192;
constexpr size_t kByteByByteMax = 600;

const std::vector<std::string>& origins(unsigned habits) {
  static const std::vector<std::string> some = {"https://a.test"}, any;
  return (habits & kOrigins) != 0 ? some : any;
}

struct Outcome {
  std::string status;                    // Of the answer to the upgrade; empty: there was none.
  std::vector<std::string> delivered;
  bool operator==(const Outcome&) const = default;
};

std::string status_of(std::string_view heard) {
  return heard.starts_with("HTTP/1.1 ") ? std::string(heard.substr(9, 3)) : std::string();
}

// One answer in HTTP, and frames when it was 101.
void check_heard(std::string_view heard, const support::FuzzedStream& stream) {
  const std::string status = status_of(heard);
  if (status.empty()) return expect(heard.empty(), "something is said before the upgrade");
  const bool is_upgraded = status == "101";
  const size_t end = heard.find(kHeadEnd);
  expect(end != std::string_view::npos, "the answer has no end");
  if (!is_upgraded) {
    return expect((status == "400" || status == "403" || status == "426") && stream.delivered.empty(),
                  "a refusal is not said as one");
  }
  std::vector<std::string> messages;
  expect(support::are_frames_of_server(heard.substr(end + kHeadEnd.size()), messages), "what is sent is no frames");
  for (const std::string& message : messages) {
    expect(message == support::kStreamAnswer || message == "\r\n", "a message is sent that nobody has sent");
  }
}

// What the frames hold, as far as it is for the shards (RFC 5626 §3.5.1: line ends alone are not).
std::vector<std::string> expected(std::string_view frames) {
  std::vector<std::string> messages = support::messages_of_client(frames, support::FuzzedStream::kMessageBytesMax);
  std::erase_if(messages, [](const std::string& one) { return one.empty() || one == "\r\n" || one == kHeadEnd; });
  return messages;
}

Outcome receive(std::string_view bytes, unsigned habits, unsigned seed) {
  const support::StreamHabits stream_habits{.has_room = (habits & kNoRoom) == 0,
                                            .is_answered = (habits & kAnswered) != 0,
                                            .is_deaf = (habits & kDeaf) != 0};
  const auto make = [&](support::FuzzedStream::Socket socket) {
    return control::make_websocket_stream(control::make_tcp_stream(std::move(socket)),
                                          {support::FuzzedStream::kMessageBytesMax, origins(habits)});
  };
  support::FuzzedStream stream(engine::Transport::kWs, make, stream_habits);
  support::Pieces pieces(seed);
  bool is_taken = (habits & kUpgraded) == 0 || stream.send(kUpgrade, pieces);
  std::string_view rest = bytes;
  // As far as each head's end, until one is answered.
  while (is_taken && !rest.empty() && stream.heard.empty() && (habits & kImpatient) == 0) {
    const size_t end = rest.find(kHeadEnd);
    const size_t head = end == std::string_view::npos ? rest.size() : end + kHeadEnd.size();
    is_taken = stream.send(rest.substr(0, head), pieces);
    rest.remove_prefix(head);
  }
  if (is_taken) is_taken = stream.send(rest, pieces);
  const std::string status = status_of(stream.heard);
  if (is_taken && status == "101" && (habits & kImpatient) == 0) {
    expect(stream.delivered == expected(rest), "what is delivered is not what the frames say");
  }
  stream.finish((habits & kHalfClose) != 0);
  check_heard(stream.heard, stream);
  return {status, stream.delivered};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* input, size_t size) {
  if (size < 2 || size > kBytesMax) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(input) + 2, size - 2);
  const unsigned habits = input[1], seed = input[0];
  const Outcome whole = receive(bytes, habits, 0);
  // Who does not wait for an answer may be told that it should have, and who is deaf may be closed at any place.
  const bool depends_on_pieces = (habits & (kImpatient | kDeaf)) != 0;
  if (seed == 1 && bytes.size() > kByteByByteMax) return 0;
  Outcome cut = receive(bytes, habits, seed);
  // A head that is wrong is refused where that is seen, at the latest at its end: without one, it may be earlier.
  const bool has_end = (habits & kUpgraded) != 0 || bytes.find(kHeadEnd) != std::string_view::npos;
  if (!has_end && cut.status.empty() && whole.status == "400") cut.status = whole.status;
  if (!has_end && whole.status.empty() && cut.status == "400") cut.status = whole.status;
  expect(depends_on_pieces || cut == whole, "what comes out depends on the pieces");
  return 0;
}
