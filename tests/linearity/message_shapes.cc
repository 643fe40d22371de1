// Messages and streams: long lines, many lines, lines that hold what ends others; and what walks over many fields.
// Answers to a NOTIFY are read in the quick way, too.
#include <algorithm>
#include <array>

#include "parsers/framer.h"
#include "parsers/media_type.h"
#include "parsers/message.h"
#include "parsers/plain_response.h"
#include "parsers/token_list.h"
#include "tests/linearity/shapes.h"

namespace vedette::linearity {

using namespace vedette::parsers;

namespace {

constexpr std::string_view kStart = "OPTIONS sip:a@b SIP/2.0\r\n";
constexpr std::string_view kHead = "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP a\r\n";

constexpr auto kLongFieldBytes = [] {
  std::array<char, 500> line{};
  line.fill('v');
  constexpr std::string_view kName = "X: ";
  std::copy(kName.begin(), kName.end(), line.begin());
  line[498] = '\r';
  line[499] = '\n';
  return line;
}();
constexpr std::string_view kLongField(kLongFieldBytes.data(), kLongFieldBytes.size());

struct Pattern {
  const char* name;
  std::string_view begin, piece, end;
};

constexpr std::array kPatterns = {
    Pattern{"nothing but x", "", "x", ""},
    Pattern{"nothing but LF", "", "\n", ""},
    Pattern{"nothing but CR", "", "\r", ""},
    Pattern{"nothing but CRLF", "", "\r\n", ""},
    Pattern{"nothing but spaces", "", " ", ""},
    Pattern{"nothing but NUL", "", std::string_view("\0", 1), ""},
    Pattern{"line ends before", "", "\r\n", "OPTIONS sip:a@b SIP/2.0\r\n\r\n"},
    Pattern{"a long method", "", "M", " sip:a@b SIP/2.0\r\n\r\n"},
    Pattern{"a long Request-URI", "OPTIONS sip:", "a", " SIP/2.0\r\n\r\n"},
    Pattern{"spaces in the start line", "OPTIONS ", " ", "sip:a SIP/2.0\r\n\r\n"},
    Pattern{"words in the start line", "OPTIONS", " a", " SIP/2.0\r\n\r\n"},
    Pattern{"a long reason phrase", "SIP/2.0 200 ", "OK ", "\r\n\r\n"},
    Pattern{"a long status code", "SIP/2.0 ", "2", " OK\r\n\r\n"},
    Pattern{"short fields", kStart, "X:\r\n", "\r\n"},
    Pattern{"short Vias", kStart, "v:a\r\n", "\r\n"},
    Pattern{"Content-Lengths", kStart, "l:0\r\n", "\r\n"},
    Pattern{"single fields", kStart, "To:a\r\n", "\r\n"},
    Pattern{"fields of each kind", kStart, "v:a\r\nf:a\r\nt:a\r\ni:a\r\nm:a\r\nk:a\r\nX-Y:a\r\nRoute:a\r\n", "\r\n"},
    Pattern{"plain fields", kStart, "To: a\r\n", "\r\n"},
    Pattern{"plain fields of 500 bytes", kStart, kLongField, "\r\n"},
    Pattern{"plain fields and odd ones", kStart, "X: a\r\nX:a\r\nRoute: a\r\nY : b\r\n", "\r\n"},
    Pattern{"plain fields and folded ones", kStart, "X: a\r\nX: a\r\n b\r\n", "\r\n"},
    Pattern{"plain fields and lines of LF", kStart, "X: a\r\nX: a\n", "\r\n"},
    Pattern{"plain fields and malformed ones", kStart, "X: a\r\n(: a\r\n", "\r\n"},
    Pattern{"lines without a colon", kStart, "xy\r\n", "\r\n"},
    Pattern{"lines of a colon", kStart, ":\r\n", "\r\n"},
    Pattern{"lines with a stray CR", kStart, "X:\ra\r\n", "\r\n"},
    Pattern{"CRs in one line", kHead, "\r", "\r\n\r\n"},
    Pattern{"CRs that end nothing", kHead, "\rX", ""},
    Pattern{"a long name", kStart, "N", ": a\r\n\r\n"},
    Pattern{"a long value", "OPTIONS sip:a@b SIP/2.0\r\nX: ", "v", "\r\n\r\n"},
    Pattern{"a value of colons", "OPTIONS sip:a@b SIP/2.0\r\nX: ", ":", "\r\n\r\n"},
    Pattern{"a value of quotes", "OPTIONS sip:a@b SIP/2.0\r\nX: ", "\"", "\r\n\r\n"},
    Pattern{"a value of brackets", "OPTIONS sip:a@b SIP/2.0\r\nX: ", "<>", "\r\n\r\n"},
    Pattern{"spaces before a colon", "OPTIONS sip:a@b SIP/2.0\r\nX", " ", ": a\r\n\r\n"},
    Pattern{"spaces around a value", "OPTIONS sip:a@b SIP/2.0\r\nX:", "  ", "\r\n\r\n"},
    Pattern{"folds in one field", "OPTIONS sip:a@b SIP/2.0\r\nX: a", "\r\n b", "\r\n\r\n"},
    Pattern{"empty folds", "OPTIONS sip:a@b SIP/2.0\r\nX: a", "\r\n ", "\r\n\r\n"},
    Pattern{"empty folds of LF", "OPTIONS sip:a@b SIP/2.0\nX:", "\n\t", "\n\n"},
    Pattern{"fields of one fold each", kStart, "X: a\r\n b\r\n", "\r\n"},
    Pattern{"folds of nothing", kStart, " a\r\n", "\r\n"},
    Pattern{"folds that never end", kHead, "X: a\r\n ", ""},
    Pattern{"no empty line", kStart, "X: a\r\n", ""},
    Pattern{"zeros in Content-Length", "OPTIONS sip:a@b SIP/2.0\r\nl: ", "0", "\r\n\r\n"},
    Pattern{"a body", "OPTIONS sip:a@b SIP/2.0\r\nVia: a\r\n\r\n", "b", ""},
    Pattern{"a body of line ends", "OPTIONS sip:a@b SIP/2.0\r\nVia: a\r\n\r\n", "\r\n", ""},
    Pattern{"messages", "", "OPTIONS sip:a@b SIP/2.0\r\n\r\n", ""},
    Pattern{"Accept fields", kStart, "Accept: a/b;q=0, */*;x=y, application/*\r\n", "\r\n"},
    Pattern{"Accept ranges", "OPTIONS sip:a@b SIP/2.0\r\nAccept: a/b", ",*/*;a;b;c;d;e;q=0.5", "\r\n\r\n"},
    Pattern{"an Accept with parameters", "OPTIONS sip:a@b SIP/2.0\r\nAccept: */*", ";q=0", "\r\n\r\n"},
    Pattern{"Supported tokens", "OPTIONS sip:a@b SIP/2.0\r\nSupported: a", ",b", "\r\n\r\n"},
    Pattern{"Supported that is none", "OPTIONS sip:a@b SIP/2.0\r\nSupported: a", ",(", "\r\n\r\n"}};

// What a connection meets besides, or for longer: all of them go on to the end.
constexpr std::array kStreamPatterns = {
    Pattern{"messages", "", "OPTIONS sip:a@b SIP/2.0\r\nl: 2\r\n\r\nab", ""},
    Pattern{"keep-alives", "", "\r\n\r\n", ""},
    Pattern{"line feeds", "", "\n", "OPTIONS"},
    Pattern{"a start line", "OPTIONS sip:", "a", " SIP/2.0\r\nl: 0\r\n\r\n"},
    Pattern{"short fields", kStart, "X:\r\n", "l: 0\r\n\r\n"},
    Pattern{"plain fields", kStart, "To: a\r\n", "l: 0\r\n\r\n"},
    Pattern{"plain fields of 500 bytes", kStart, kLongField, "l: 0\r\n\r\n"},
    Pattern{"Content-Lengths", kStart, "l:0\r\n", "\r\n"},
    Pattern{"a long name", kStart, "N", ": a\r\nl: 0\r\n\r\n"},
    Pattern{"a long value", "OPTIONS sip:a@b SIP/2.0\r\nX: ", "v", "\r\nl: 0\r\n\r\n"},
    Pattern{"CRs in one line", kStart, "\rX", "\r\nl: 0\r\n\r\n"},
    Pattern{"folds in one field", "OPTIONS sip:a@b SIP/2.0\r\nX: a", "\r\n b", "\r\nl: 0\r\n\r\n"},
    Pattern{"empty folds of LF", "OPTIONS sip:a@b SIP/2.0\nX:", "\n\t", "\nl: 0\n\n"},
    Pattern{"a Content-Length of folds", "OPTIONS sip:a@b SIP/2.0\r\nl:", "\r\n ", "0\r\n\r\n"},
    Pattern{"a body", "OPTIONS sip:a@b SIP/2.0\r\nl: 65000\r\n\r\n", "b", ""},
    Pattern{"a body of line ends", "OPTIONS sip:a@b SIP/2.0\r\nl: 65000\r\n\r\n", "\r\n", ""}};

constexpr std::string_view kAnswer =
    "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKv2f10000003c00079f40c17a\r\nCSeq: 4 NOTIFY\r\n";
// The other lines of a 200 of 400 bytes.
constexpr std::string_view kOtherLines =
    "From: \"Bob\" <sip:bob.mueller@example.com>;tag=2f11a6c5f60faec35a1\r\n"
    "To: \"Alice Liddell\" <sip:alice@example.com>;tag=Ze3-oN8uK\r\n"
    "Call-ID: sKPd16XadP\r\n"
    "Supported: replaces, outbound, gruu\r\n"
    "User-Agent: LinphoneDesktop/5.2.4 (hatter) Debian GNU/Linux 12, LinphoneSDK/5.3.48\r\n"
    "Content-Length: 0\r\n"
    "\r\n";

constexpr std::array kAnswers = {
    Pattern{"a long reason phrase", "SIP/2.0 200 ", "OK ", "\r\nVia: SIP/2.0/UDP h\r\nCSeq: 4 NOTIFY\r\n\r\n"},
    Pattern{"common fields", kAnswer, "From: a\r\n", "\r\n"},
    Pattern{"uncommon fields", kAnswer, "f: a\r\n", "\r\n"},
    Pattern{"unknown fields", kAnswer, "X: a\r\n", "\r\n"},
    Pattern{"a long name", kAnswer, "N", ": a\r\n\r\n"},
    Pattern{"a long value", "SIP/2.0 200 OK\r\nCSeq: 4 NOTIFY\r\nVia: SIP/2.0/UDP h\r\nX: ", "v", "\r\n\r\n"},
    Pattern{"a long Via", "SIP/2.0 200 OK\r\nCSeq: 4 NOTIFY\r\nVia: SIP/2.0/UDP h;branch=", "v", "\r\n\r\n"},
    Pattern{"a Via of parameters", "SIP/2.0 200 OK\r\nCSeq: 4 NOTIFY\r\nVia: SIP/2.0/UDP h", ";v", "\r\n\r\n"},
    Pattern{"a CSeq of digits", "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\nCSeq: ", "0", " NOTIFY\r\n\r\n"},
    Pattern{"a body of line ends", "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\nCSeq: 4 NOTIFY\r\n\r\n", "\r\n", ""}};

// What the engine asks of a message besides its known fields.
void ask_message(std::string_view bytes) {
  static Message message;
  parse_message(bytes, message);
  accepts(message, "application", "pidf+xml", true);
  lists_token(message, HeaderId::kSupported, "gruu");
  message.find("X-Not-There");
  message.count(HeaderId::kVia);
}

// All frames of a stream that has arrived whole.
void read_stream(std::string_view bytes) {
  Frame frame;
  while (!bytes.empty() && find_frame(bytes, kMessageBytesMax, frame) == ParseError::kOk) {
    bytes.remove_prefix(frame.skip + frame.length);
  }
}

// The same as it arrives: whoever has the connection asks for frames whenever a segment comes.
void read_stream_by_segments(std::string_view bytes, size_t segment) {
  Frame frame;
  FrameProgress progress;
  size_t begin = 0;
  for (size_t arrived = 0; arrived < bytes.size();) {
    arrived = std::min(bytes.size(), arrived + segment);
    ParseError error = ParseError::kOk;
    while ((error = find_frame(bytes.substr(begin, arrived - begin), kMessageBytesMax, progress, frame)) ==
           ParseError::kOk) {
      begin += frame.skip + frame.length;
    }
    if (error != ParseError::kIncomplete) return;
  }
}

}  // namespace

std::string repeated(std::string_view begin, std::string_view piece, std::string_view end, size_t bytes) {
  const size_t around = begin.size() + end.size();
  const size_t middle = bytes > around ? (bytes - around) / piece.size() * piece.size() : 0;
  std::string text(begin);
  text.reserve(around + middle);
  if (middle > 0) text += piece;
  while (text.size() - begin.size() < middle) {      // Twice as long each time: making them must not take long.
    const size_t made = text.size() - begin.size();
    text.append(text, begin.size(), std::min(made, middle - made));
  }
  return text.append(end);
}

void add_message_shapes(std::vector<Shape>& shapes) {
  for (const Pattern& pattern : kPatterns) {
    const auto make = [pattern](size_t bytes) { return repeated(pattern.begin, pattern.piece, pattern.end, bytes); };
    for (const Kernel& kernel : kernels()) {
      const auto read_message = [&kernel](std::string_view bytes) {
        static Message message;
        parse_message(bytes, message, kernel);
      };
      shapes.push_back({"message by " + std::string(kernel.name) + ": " + pattern.name, make, read_message});
    }
    shapes.push_back({std::string("asked: ") + pattern.name, make, ask_message});
    shapes.push_back({std::string("stream: ") + pattern.name, make, read_stream});
  }
  for (const Pattern& pattern : kStreamPatterns) {
    const auto make = [pattern](size_t bytes) { return repeated(pattern.begin, pattern.piece, pattern.end, bytes); };
    for (const size_t segment : {1, 100, 500}) {
      const auto read = [segment](std::string_view bytes) { read_stream_by_segments(bytes, segment); };
      shapes.push_back({"stream by " + std::to_string(segment) + ": " + pattern.name, make, read});
    }
  }
  const auto read_answer = [](std::string_view bytes) {
    static PlainResponse response;
    read_plain_response(bytes, response);
  };
  for (const Pattern& pattern : kAnswers) {
    const auto make = [pattern](size_t bytes) { return repeated(pattern.begin, pattern.piece, pattern.end, bytes); };
    shapes.push_back({std::string("plain response: ") + pattern.name, make, read_answer});
  }
  // Of one size: what its reader may cost is held to a limit of its own.
  const auto make_answer = [](size_t) { return std::string(kAnswer) + std::string(kOtherLines); };
  shapes.push_back({"answer to a NOTIFY: as clients send it", make_answer, read_answer});
}

}  // namespace vedette::linearity
