// What PIDF and its data model demand of a document. The XML itself is read by xml_scanner and written by
// xml_rewriter.
#include "parsers/pidf.h"

#include "parsers/xml_chars.h"
#include "parsers/xml_rewriter.h"
#include "parsers/xml_scanner.h"

namespace vedette::parsers {
namespace {

constexpr uint8_t kPidf = 0;
constexpr uint8_t kDataModel = 1;
constexpr XmlKnownNamespace kNamespaces[] = {{"urn:ietf:params:xml:ns:pidf", "pidf"},
                                             {"urn:ietf:params:xml:ns:pidf:data-model", "dm", true},
                                             {"urn:ietf:params:xml:ns:pidf:rpid", "rpid", true},
                                             {"urn:ietf:params:xml:ns:pidf:cipid", "ci"},
                                             {"urn:ietf:params:xml:ns:pidf:caps", "caps"},
                                             {"urn:ietf:params:xml:ns:pidf:timed-status", "ts"}};

class PidfNormaliser {
 public:
  PidfNormaliser(std::string_view body, std::span<char> out, PidfDocument& document)
      : scanner_(body, kNamespaces), rewriter_(out, kNamespaces), document_(document) {}

  ParseError normalise();

 private:
  ParseError read_all();
  // In the order of nesting: <presence>, its children, and for tuples <status>, <basic>.
  ParseError on_start(size_t depth);
  ParseError start_presence();
  ParseError start_fragment();
  ParseError start_in_fragment(size_t depth);
  ParseError on_text();
  ParseError on_end();
  ParseError end_fragment();
  ParseError end_basic();
  void end_device_id();

  template <size_t kBytes>
  bool is_element(uint8_t space, const char (&local)[kBytes]) const {
    return scanner_.name().space.known == space && equals(scanner_.name().local, local);
  }

  XmlScanner scanner_;
  XmlRewriter rewriter_;
  PidfDocument& document_;
  Fragment* fragment_ = nullptr;
  bool has_status_ = false;
  bool in_status_ = false;
  bool in_basic_ = false;
  bool in_device_id_ = false;
};

ParseError PidfNormaliser::normalise() {
  const ParseError error = read_all();
  rewriter_.finish();
  document_.length = rewriter_.length();
  return rewriter_.ok() ? error : ParseError::kXmlTooLarge;
}

ParseError PidfNormaliser::read_all() {
  for (;;) {
    ParseError error = ParseError::kOk;
    const XmlToken token = scanner_.next();
    switch (token) {
      case XmlToken::kStart:
      case XmlToken::kLeaf:
        error = on_start(scanner_.depth() + (token == XmlToken::kLeaf ? 1 : 0));
        if (token == XmlToken::kStart || error != ParseError::kOk) break;
        [[fallthrough]];
      case XmlToken::kEnd:
        error = on_end();
        break;
      case XmlToken::kText:
        error = on_text();
        break;
      case XmlToken::kDone:
        return ParseError::kOk;
      case XmlToken::kError:
        return scanner_.error();
    }
    if (error != ParseError::kOk) return error;
    if (!rewriter_.ok()) return ParseError::kXmlTooLarge;
  }
}

ParseError PidfNormaliser::on_start(size_t depth) {
  if (depth == 1) return start_presence();
  if (depth == 2) return start_fragment();
  return start_in_fragment(depth);
}

// RFC 3863 §4.1.1: the root is <presence> with an "entity".
ParseError PidfNormaliser::start_presence() {
  if (!is_element(kPidf, "presence")) return ParseError::kPidf;
  for (const XmlAttribute& attribute : scanner_.attributes()) {
    if (attribute.name.space.known == kXmlNoNamespace && equals(attribute.name.local, "entity")) {
      document_.entity = attribute.raw;
    }
  }
  return document_.entity.empty() ? ParseError::kPidf : ParseError::kOk;
}

ParseError PidfNormaliser::start_fragment() {
  if (document_.count == kFragmentsMax) return ParseError::kXmlTooLarge;
  fragment_ = &document_.fragments[document_.count++];
  *fragment_ = {};
  fragment_->offset = static_cast<uint32_t>(rewriter_.length());
  if (is_element(kPidf, "tuple")) {
    fragment_->kind = FragmentKind::kTuple;
  } else if (is_element(kPidf, "note")) {
    fragment_->kind = FragmentKind::kNote;
  } else if (is_element(kDataModel, "person")) {
    fragment_->kind = FragmentKind::kPerson;
  } else if (is_element(kDataModel, "device")) {
    fragment_->kind = FragmentKind::kDevice;
  }
  has_status_ = false;
  rewriter_.start(scanner_);
  if (fragment_->kind == FragmentKind::kNote || fragment_->kind == FragmentKind::kExtension)
    return ParseError::kOk;

  // RFC 3863 §4.1.2, RFC 4479 §4: an xs:ID. Ids that begin with a digit are about, and do no harm.
  const XmlStretch id = rewriter_.id();
  if (id.length > kFragmentIdBytesMax || !is_xml_nmtoken(rewriter_.at(id))) return ParseError::kPidf;
  fragment_->id_offset = static_cast<uint32_t>(id.offset) - fragment_->offset;
  fragment_->id_length = static_cast<uint16_t>(id.length);
  return ParseError::kOk;
}

ParseError PidfNormaliser::start_in_fragment(size_t depth) {
  if (in_basic_) return ParseError::kPidf;  // RFC 3863 §4.1.4: a word, not elements.
  if (depth == 3 && fragment_->kind == FragmentKind::kTuple && is_element(kPidf, "status")) {
    if (has_status_) return ParseError::kPidf;
    has_status_ = in_status_ = true;
  } else if (depth == 4 && in_status_ && is_element(kPidf, "basic")) {
    if (fragment_->basic != BasicStatus::kNone) return ParseError::kPidf;
    in_basic_ = true;
  }
  in_device_id_ = depth == 3 && fragment_->kind == FragmentKind::kDevice &&
                  is_element(kDataModel, "deviceID") && fragment_->device_id_length == 0;
  rewriter_.start(scanner_);
  return ParseError::kOk;
}

ParseError PidfNormaliser::on_text() {
  if (scanner_.depth() == 1) {
    return scanner_.text_is_white() ? ParseError::kOk : ParseError::kPidf;
  }
  rewriter_.text(scanner_);
  return ParseError::kOk;
}

ParseError PidfNormaliser::on_end() {
  if (scanner_.depth() == 0) return ParseError::kOk;
  if (in_basic_) {
    const ParseError error = end_basic();
    if (error != ParseError::kOk) return error;
  }
  if (in_device_id_) end_device_id();
  if (scanner_.depth() == 2) in_status_ = false;
  rewriter_.end(scanner_);
  return scanner_.depth() == 1 ? end_fragment() : ParseError::kOk;
}

ParseError PidfNormaliser::end_fragment() {
  // RFC 3863 §4.1.2: a tuple has a status.
  if (fragment_->kind == FragmentKind::kTuple && !has_status_) return ParseError::kPidf;
  fragment_->length = static_cast<uint32_t>(rewriter_.length()) - fragment_->offset;
  return ParseError::kOk;
}

// RFC 3863 §4.1.4: "open" or "closed", and nothing else. White space around it would hide it from those who
// read by pattern.
ParseError PidfNormaliser::end_basic() {
  in_basic_ = false;
  const std::string_view value = rewriter_.at(rewriter_.trim_run());
  if (value == "open") {
    fragment_->basic = BasicStatus::kOpen;
  } else if (value == "closed") {
    fragment_->basic = BasicStatus::kClosed;
  } else {
    return ParseError::kPidf;
  }
  return ParseError::kOk;
}

void PidfNormaliser::end_device_id() {
  in_device_id_ = false;
  const XmlStretch id = rewriter_.run();
  if (id.length > UINT16_MAX) return;
  fragment_->device_id_offset = static_cast<uint32_t>(id.offset) - fragment_->offset;
  fragment_->device_id_length = static_cast<uint16_t>(id.length);
}

}  // namespace

const std::string_view kPresenceOpen =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\" "
    "xmlns:rpid=\"urn:ietf:params:xml:ns:pidf:rpid\" entity=\"";
const std::string_view kPresenceOpenEnd = "\">";
const std::string_view kPresenceClose = "</presence>";

ParseError normalise_pidf(std::string_view body, std::span<char> out, PidfDocument& document) {
  document.entity = {};
  document.count = 0;
  document.length = 0;
  return PidfNormaliser(body, out, document).normalise();
}

size_t write_xml_escaped(std::string_view text, std::span<char> out, bool& ok) {
  size_t length = 0;
  for (const char& c : text) {
    std::string_view written = escape_in_xml_value(c);
    if (written.empty()) written = {&c, 1};
    ok = written.size() <= out.size() - length;
    if (!ok) return 0;
    std::copy(written.begin(), written.end(), out.begin() + static_cast<std::ptrdiff_t>(length));
    length += written.size();
  }
  ok = true;
  return length;
}

}  // namespace vedette::parsers
