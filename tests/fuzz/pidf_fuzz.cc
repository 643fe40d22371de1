// Any bytes as a PUBLISH body: the laws of tests/support/pidf_laws.h hold, whatever it says. What stands before the
// body of a PUBLISH or NOTIFY is left away, so that recorded messages make a corpus. What is accepted is well-formed in
// the eyes of libxml2, too, and so is what is made of it. One input, no state.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/body_fuzz.h"
#include "tests/support/libxml.h"
#include "tests/support/pidf_laws.h"

namespace {

using namespace vedette;

std::string broken_law(std::string_view body) {
  const std::string broken = support::broken_pidf_law(body);
  static std::vector<char> out(32'768);
  parsers::PidfDocument document;
  if (!broken.empty() || parsers::normalise_pidf(body, out, document) != parsers::ParseError::kOk) return broken;
  const std::string made = support::document_of(document, {out.data(), document.length});
  if (!support::libxml_takes(body)) return "libxml2 refuses it";
  if (!support::libxml_takes(made)) return "libxml2 refuses what is made of it: " + made;
  return {};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t length) {
  const std::string_view input(reinterpret_cast<const char*>(bytes), length);
  vedette::support::expect_lawful(vedette::support::xml_body_of(input), broken_law);
  return 0;
}
