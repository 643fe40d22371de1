// Any bytes as the body of a PUBLISH of dialog state (RFC 4235): the laws of tests/support/normal_form_laws.h hold,
// whatever it says. What stands before the body of a PUBLISH or NOTIFY is left away. What is accepted is well-formed in
// the eyes of libxml2, too, and so is what is made of it; and every dialog has an id (§4.1.2). One input, no state.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/dialog_info.h"
#include "tests/support/body_fuzz.h"
#include "tests/support/libxml.h"
#include "tests/support/normal_form_laws.h"

namespace {

using namespace vedette;

std::string document_of(const parsers::PidfDocument& document, std::string_view bytes) {
  std::string text(parsers::kDialogInfoOpen);
  text.append("0").append(parsers::kDialogInfoState).append(support::quotable_entity(document));
  text.append(parsers::kDialogInfoOpenEnd).append(bytes).append(parsers::kDialogInfoClose);
  return text;
}

std::string broken_law(std::string_view body) {
  const std::string broken = support::broken_normal_form_law(body, parsers::normalise_dialog_info, document_of);
  static std::vector<char> out(support::kNormalFormRoom);
  parsers::PidfDocument document;
  if (!broken.empty() || parsers::normalise_dialog_info(body, out, document) != parsers::ParseError::kOk) return broken;
  const std::string made = document_of(document, {out.data(), document.length});
  if (!support::libxml_takes(body)) return "libxml2 refuses it";
  if (!support::libxml_takes(made)) return "libxml2 refuses what is made of it: " + made;
  for (size_t i = 0; i < document.count; ++i) {
    const parsers::Fragment& fragment = document.fragments[i];
    const std::string_view text(out.data() + fragment.offset, fragment.length);
    if ((fragment.kind == parsers::FragmentKind::kDialog) != (fragment.id_length > 0)) return "a dialog has an id";
    if (fragment.kind == parsers::FragmentKind::kDialog && text.find("<state") == std::string_view::npos) {
      return "a dialog has a state";
    }
  }
  return {};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t length) {
  const std::string_view input(reinterpret_cast<const char*>(bytes), length);
  vedette::support::expect_lawful(vedette::support::xml_body_of(input), broken_law);
  return 0;
}
