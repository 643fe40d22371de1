// Any bytes as the body of a PUBLISH of message-summary (RFC 3842): the laws of tests/support/normal_form_laws.h hold,
// whatever it says. What is accepted begins by saying whether messages wait, and holds no control characters but tabs
// and line ends. One input, no state.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/message_summary.h"
#include "tests/support/body_fuzz.h"
#include "tests/support/normal_form_laws.h"

namespace {

using namespace vedette;

std::string document_of(const parsers::PidfDocument&, std::string_view bytes) { return std::string(bytes); }

// RFC 3842 §5.2: lines that end by CRLF, the first of which is Messages-Waiting.
std::string broken_text_law(std::string_view text) {
  constexpr std::string_view kName = "messages-waiting";
  const auto equal = [](char a, char b) { return (a | 0x20) == b || a == b; };
  if (text.size() < kName.size() || !std::equal(kName.begin(), kName.end(), text.begin(), [&](char name, char c) {
        return equal(c, name);
      })) {
    return "it does not begin with Messages-Waiting";
  }
  if (!text.ends_with("\r\n")) return "its last line does not end";
  for (size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    const bool is_line_end = (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ||
                             (c == '\n' && i > 0 && text[i - 1] == '\r');
    if (c < ' ' && c != '\t' && !is_line_end) return "a control character within a line";
  }
  return {};
}

std::string broken_law(std::string_view body) {
  const std::string broken = support::broken_normal_form_law(body, parsers::normalise_message_summary, document_of);
  static std::vector<char> out(support::kNormalFormRoom);
  parsers::PidfDocument document;
  if (!broken.empty() || parsers::normalise_message_summary(body, out, document) != parsers::ParseError::kOk) {
    return broken;
  }
  return document.count == 1 ? broken_text_law({out.data(), document.length}) : "it is more than one fragment";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t length) {
  vedette::support::expect_lawful({reinterpret_cast<const char*>(bytes), length}, broken_law);
  return 0;
}
