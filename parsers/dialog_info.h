// Dialog information (RFC 4235): read once, normalised into fragments that can be concatenated, as parsers/pidf.h does
// for presence: a fragment is one <dialog>, or an extension element beside them, re-written so that it means the same
// inside any document that begins with kDialogInfoOpen.
#pragma once

#include <span>
#include <string_view>

#include "parsers/parse_error.h"
#include "parsers/pidf.h"

namespace vedette::parsers {

// `out` receives the fragments' bytes. A dialog's `basic` is kClosed when it is terminated. kXmlTooLarge when it is
// too small or there are more than kFragmentsMax. kBody for a document that is none of these: another root, a dialog
// without an id or without exactly one state that RFC 4235 §3.7.1 knows.
ParseError normalise_dialog_info(std::string_view body, std::span<char> out, PidfDocument& document);

// A document that is_partial becomes the whole of what its publisher has said (RFC 4235 §4.3): what of `held`, his last
// one, it says nothing of is appended to `out`, which has the document's bytes. Dialogs that were over before go. False
// when it does not fit.
struct HeldDialogs {
  std::string_view bytes;
  std::span<const Fragment> fragments;
};
bool merge_dialog_info(const HeldDialogs& held, std::span<char> out, PidfDocument& document);

// What a composed document starts and ends with. After kDialogInfoOpen come the version (ten digits), kDialogInfoState,
// the entity, XML-escaped, and kDialogInfoOpenEnd.
extern const std::string_view kDialogInfoOpen;     // <?xml ...?> and <dialog-info xmlns=... version="
extern const std::string_view kDialogInfoState;    // " state="full" entity="
extern const std::string_view kDialogInfoOpenEnd;  // ">
extern const std::string_view kDialogInfoClose;    // </dialog-info>

}  // namespace vedette::parsers
