// What RFC 4235 demands of a document. The XML itself is read by xml_scanner and written by xml_rewriter.
#include "parsers/dialog_info.h"

#include <algorithm>
#include <array>

#include "parsers/xml_chars.h"
#include "parsers/xml_rewriter.h"
#include "parsers/xml_scanner.h"

namespace vedette::parsers {
namespace {

constexpr uint8_t kDialogInfo = 0;
constexpr XmlKnownNamespace kNamespaces[] = {{"urn:ietf:params:xml:ns:dialog-info", "di"}};

// RFC 4235 §3.7.1: the states of its machine.
constexpr std::string_view kTerminated = "terminated";
constexpr std::array<std::string_view, 5> kStates = {"trying", "proceeding", "early", "confirmed", kTerminated};

class DialogInfoNormaliser {
 public:
  DialogInfoNormaliser(std::string_view body, std::span<char> out, PidfDocument& document)
      : scanner_(body, kNamespaces), rewriter_(out, kNamespaces), document_(document) {}

  ParseError normalise() {
    const ParseError error = read_all();
    rewriter_.finish();
    document_.length = rewriter_.length();
    return rewriter_.ok() ? error : ParseError::kXmlTooLarge;
  }

 private:
  ParseError read_all();
  ParseError on_start(size_t depth);
  ParseError start_root();
  ParseError start_fragment();
  ParseError on_text();
  ParseError on_end();

  template <size_t kBytes>
  bool is_element(const char (&local)[kBytes]) const {
    return scanner_.name().space.known == kDialogInfo && equals(scanner_.name().local, local);
  }
  bool in_dialog() const { return fragment_ != nullptr && fragment_->kind == FragmentKind::kDialog; }

  XmlScanner scanner_;
  XmlRewriter rewriter_;
  PidfDocument& document_;
  Fragment* fragment_ = nullptr;
  bool has_state_ = false;
  bool in_state_ = false;
};

ParseError DialogInfoNormaliser::read_all() {
  for (;;) {
    ParseError error = ParseError::kOk;
    const XmlToken token = scanner_.next();
    switch (token) {
      case XmlToken::kStart:
      case XmlToken::kLeaf:
        error = on_start(scanner_.depth() + (token == XmlToken::kLeaf ? 1 : 0));
        if (token == XmlToken::kStart || error != ParseError::kOk) break;
        [[fallthrough]];
      case XmlToken::kEnd: error = on_end(); break;
      case XmlToken::kText: error = on_text(); break;
      case XmlToken::kDone: return ParseError::kOk;
      case XmlToken::kError: return scanner_.error();
    }
    if (error != ParseError::kOk) return error;
    if (!rewriter_.ok()) return ParseError::kXmlTooLarge;
  }
}

ParseError DialogInfoNormaliser::on_start(size_t depth) {
  if (depth == 1) return start_root();
  if (depth == 2) return start_fragment();
  if (in_state_) return ParseError::kBody;  // A word, not elements.
  // RFC 4235 §4.1.2: one of them.
  in_state_ = depth == 3 && in_dialog() && is_element("state");
  if (in_state_ && has_state_) return ParseError::kBody;
  has_state_ = has_state_ || in_state_;
  rewriter_.start(scanner_);
  return ParseError::kOk;
}

// RFC 4235 §4.1: the root has a version, a state and an entity. Versions order documents for who might get them in
// another order. A publication is changed by whoever knows its entity-tag (RFC 3903 §6, step 3), so none of its
// documents comes late, and none was missed that its publisher has not been told of.
ParseError DialogInfoNormaliser::start_root() {
  if (!is_element("dialog-info")) return ParseError::kBody;
  for (const XmlAttribute& attribute : scanner_.attributes()) {
    if (attribute.name.space.known != kXmlNoNamespace) continue;
    if (equals(attribute.name.local, "entity")) document_.entity = attribute.raw;
    if (equals(attribute.name.local, "state")) document_.is_partial = attribute.raw == "partial";
  }
  return document_.entity.empty() ? ParseError::kBody : ParseError::kOk;
}

ParseError DialogInfoNormaliser::start_fragment() {
  if (document_.count == kFragmentsMax) return ParseError::kXmlTooLarge;
  fragment_ = &document_.fragments[document_.count++];
  *fragment_ = {};
  fragment_->offset = static_cast<uint32_t>(rewriter_.length());
  has_state_ = false;
  const bool is_dialog = is_element("dialog");
  rewriter_.start(scanner_);
  if (!is_dialog) return ParseError::kOk;
  fragment_->kind = FragmentKind::kDialog;
  // RFC 4235 §4.1.1: mandatory, and what tells dialogs apart.
  const XmlStretch id = rewriter_.id();
  if (id.length == 0 || id.length > kFragmentIdBytesMax) return ParseError::kBody;
  fragment_->id_offset = static_cast<uint32_t>(id.offset) - fragment_->offset;
  fragment_->id_length = static_cast<uint16_t>(id.length);
  return ParseError::kOk;
}

ParseError DialogInfoNormaliser::on_text() {
  if (scanner_.depth() == 1) return scanner_.text_is_white() ? ParseError::kOk : ParseError::kBody;
  rewriter_.text(scanner_);
  return ParseError::kOk;
}

ParseError DialogInfoNormaliser::on_end() {
  if (scanner_.depth() == 0) return ParseError::kOk;
  if (in_state_) {
    in_state_ = false;
    const std::string_view state = rewriter_.at(rewriter_.trim_run());
    if (std::find(kStates.begin(), kStates.end(), state) == kStates.end()) return ParseError::kBody;
    fragment_->basic = state == kTerminated ? BasicStatus::kClosed : BasicStatus::kOpen;
  }
  rewriter_.end(scanner_);
  if (scanner_.depth() != 1) return ParseError::kOk;
  if (in_dialog() && !has_state_) return ParseError::kBody;
  fragment_->length = static_cast<uint32_t>(rewriter_.length()) - fragment_->offset;
  return ParseError::kOk;
}

}  // namespace

const std::string_view kDialogInfoOpen =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<dialog-info xmlns=\"urn:ietf:params:xml:ns:dialog-info\" version=\"";
const std::string_view kDialogInfoState = "\" state=\"full\" entity=\"";
const std::string_view kDialogInfoOpenEnd = "\">";
const std::string_view kDialogInfoClose = "</dialog-info>";

ParseError normalise_dialog_info(std::string_view body, std::span<char> out, PidfDocument& document) {
  document.clear();
  return DialogInfoNormaliser(body, out, document).normalise();
}

bool merge_dialog_info(const HeldDialogs& held, std::span<char> out, PidfDocument& document) {
  const std::span<const Fragment> said = std::span(document.fragments).first(document.count);
  const auto id_of = [](std::string_view bytes, const Fragment& fragment) {
    return bytes.substr(fragment.offset + fragment.id_offset, fragment.id_length);
  };
  const bool says_extensions = std::any_of(said.begin(), said.end(), [](const Fragment& fragment) {
    return fragment.kind != FragmentKind::kDialog;
  });
  const auto is_replaced = [&](const Fragment& fragment) {
    if (fragment.kind != FragmentKind::kDialog) return says_extensions;
    // RFC 4235 §4.3: a row whose "state is now terminated ... MAY be removed from the table at any time".
    if (fragment.basic == BasicStatus::kClosed) return true;
    const std::string_view id = id_of(held.bytes, fragment);
    return std::any_of(said.begin(), said.end(), [&](const Fragment& other) {
      return other.kind == FragmentKind::kDialog && id_of({out.data(), document.length}, other) == id;
    });
  };
  size_t count = document.count, length = document.length;
  for (const Fragment& fragment : held.fragments) {
    if (is_replaced(fragment)) continue;
    if (count == kFragmentsMax || fragment.length > out.size() - length) return false;
    Fragment& kept = document.fragments[count++];
    kept = fragment;
    kept.offset = static_cast<uint32_t>(length);
    std::copy_n(held.bytes.data() + fragment.offset, fragment.length, out.data() + length);
    length += fragment.length;
  }
  document.count = count;
  document.length = length;
  return true;
}

}  // namespace vedette::parsers
