// Any bytes as a PUBLISH body: the laws of tests/support/pidf_laws.h hold, whatever it says. What stands before the
// body of a PUBLISH or NOTIFY is left away, so that recorded messages make a corpus. What is accepted is well-formed in
// the eyes of libxml2, too, and so is what is made of it. One input, no state.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/guarded_bytes.h"
#include "tests/support/libxml.h"
#include "tests/support/pidf_laws.h"

namespace {

using namespace vedette;

void expect_lawful(std::string_view body) {
  std::string broken = support::broken_pidf_law(body);
  static std::vector<char> out(32'768);
  parsers::PidfDocument document;
  if (broken.empty() && parsers::normalise_pidf(body, out, document) == parsers::ParseError::kOk) {
    const std::string made = support::document_of(document, {out.data(), document.length});
    if (!support::libxml_takes(body)) broken = "libxml2 refuses it";
    if (!support::libxml_takes(made)) broken = "libxml2 refuses what is made of it: " + made;
  }
  if (broken.empty()) return;
  std::fprintf(stderr, "%s\n", broken.c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t length) {
  constexpr size_t kInputBytesMax = 20'000;
  static vedette::support::GuardedBytes guarded(kInputBytesMax);
  std::string_view body(reinterpret_cast<const char*>(bytes), length);
  if (body.size() > kInputBytesMax) return 0;
  if (body.starts_with("PUBLISH") || body.starts_with("NOTIFY")) {
    body.remove_prefix(std::min(body.find('<', body.find("\r\n\r\n")), body.size()));
  }
  expect_lawful(guarded.copy(body));
  expect_lawful(guarded.copy_to_front(body));
  return 0;
}
