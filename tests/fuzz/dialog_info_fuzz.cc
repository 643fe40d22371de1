// Any bytes as the body of a PUBLISH of dialog state (RFC 4235): the laws of tests/support/normal_form_laws.h hold,
// whatever it says. What stands before the body of a PUBLISH or NOTIFY is left away. What is accepted is well-formed in
// the eyes of libxml2, too, and so is what is made of it; and every dialog has an id (§4.1.2). One input, no state.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/dialog_filter.h"
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

// Of less that is shown, less is left, and it is well-formed; and once is enough.
std::string broken_filter_law(const std::string& document) {
  using parsers::DialogDetail;
  for (const DialogDetail detail :
       {DialogDetail::kBusy, DialogDetail::kState, DialogDetail::kAll, DialogDetail::kSessions}) {
    std::array<char, 1> filter;
    if (parsers::write_dialog_filter(detail, {}, filter) != 1) return "a filter of all dialogs is longer than a byte";
    std::vector<char> out(document.size() + 100), again(document.size() + 200);
    parsers::Writer writer(out.data(), out.size()), twice(again.data(), again.size());
    if (!parsers::apply_dialog_filter({filter.data(), 1}, document, writer)) return "a document is not filtered";
    if (!support::libxml_takes(writer.text())) return "libxml2 refuses what is left: " + std::string(writer.text());
    if (!parsers::apply_dialog_filter({filter.data(), 1}, writer.text(), twice)) return "what is left is not filtered";
    if (twice.text() != writer.text()) return "the second time it leaves something else: " + std::string(twice.text());
    const bool tells = writer.text().find("-tag=\"") != std::string_view::npos;
    if (detail < DialogDetail::kAll && tells) return "a tag is told: " + std::string(writer.text());
  }
  return {};
}

// What is put into itself is what it was, but for what was over.
std::string broken_merge_law(const parsers::PidfDocument& document, std::string_view bytes) {
  static std::vector<char> out(2 * support::kNormalFormRoom);
  static parsers::PidfDocument merged;
  merged = document;
  std::copy(bytes.begin(), bytes.end(), out.begin());
  const parsers::HeldDialogs held = {bytes, std::span(document.fragments).first(document.count)};
  if (!parsers::merge_dialog_info(held, out, merged)) return {};
  if (merged.count != document.count || std::string_view(out.data(), merged.length) != bytes) {
    return "merged with itself it is something else";
  }
  return {};
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
  const std::string broken_filter = broken_filter_law(made);
  return broken_filter.empty() ? broken_merge_law(document, {out.data(), document.length}) : broken_filter;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t length) {
  const std::string_view input(reinterpret_cast<const char*>(bytes), length);
  vedette::support::expect_lawful(vedette::support::xml_body_of(input), broken_law);
  return 0;
}
