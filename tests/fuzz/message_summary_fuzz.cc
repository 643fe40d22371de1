// Any bytes as the body of a PUBLISH of message-summary (RFC 3842): the laws of tests/support/normal_form_laws.h hold,
// whatever it says. What is accepted begins by saying whether messages wait, and holds no control characters but tabs
// and line ends. One input, no state.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/message_summary.h"
#include "tests/support/guarded_bytes.h"
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

void expect_lawful(std::string_view body) {
  std::string broken = support::broken_normal_form_law(body, parsers::normalise_message_summary, document_of);
  static std::vector<char> out(support::kNormalFormRoom);
  parsers::PidfDocument document;
  if (broken.empty() && parsers::normalise_message_summary(body, out, document) == parsers::ParseError::kOk) {
    broken = document.count == 1 ? broken_text_law({out.data(), document.length}) : "it is more than one fragment";
  }
  if (broken.empty()) return;
  std::fprintf(stderr, "%s\n", broken.c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t length) {
  constexpr size_t kInputBytesMax = 20'000;
  static vedette::support::GuardedBytes guarded(kInputBytesMax);
  const std::string_view body(reinterpret_cast<const char*>(bytes), length);
  if (body.size() > kInputBytesMax) return 0;
  expect_lawful(guarded.copy(body));
  expect_lawful(guarded.copy_to_front(body));
  return 0;
}
