#include "parsers/dialog_filter.h"

#include "parsers/dialog_info.h"
#include "parsers/xml_chars.h"
#include "parsers/xml_scanner.h"

namespace vedette::parsers {
namespace {

constexpr uint8_t kDialogInfo = 0;
constexpr XmlKnownNamespace kNamespaces[] = {{"urn:ietf:params:xml:ns:dialog-info", "di"}};

// RFC 4235 §3.7.2: "It is RECOMMENDED that, in the absence of any preference, Confirmed is used in all cases".
constexpr std::string_view kVirtualDialog = "<dialog id=\"1\"><state>confirmed</state></dialog>";

bool is_value(const XmlAttribute& attribute, std::string_view value) {
  XmlValueReader reader(attribute);
  std::string_view piece;
  while (reader.next(piece)) {
    if (!value.starts_with(piece)) return false;
    value.remove_prefix(piece.size());
  }
  return value.empty();
}

// What stands before the next NUL, or all that is left.
std::string_view take_text(std::string_view& rest) {
  const std::string_view text = rest.substr(0, rest.find('\0'));
  rest.remove_prefix(text.size() == rest.size() ? text.size() : text.size() + 1);
  return text;
}

class DialogWalk {
 public:
  DialogWalk(std::string_view filter, std::string_view document, Writer& out)
      : detail_(static_cast<DialogDetail>(filter.front())),
        scanner_(document, kNamespaces),
        at_(document.data()),
        out_(out),
        behind_root_(out) {
    filter.remove_prefix(1);
    selection_.call_id = take_text(filter);
    selection_.to_tag = take_text(filter);
    selection_.from_tag = take_text(filter);
  }

  bool run();

 private:
  void start();
  void text();
  void end();
  void put_dialog_tag();
  bool put_busy_instead();
  bool is_skipped() const;
  bool is_selected() const;
  const XmlAttribute* find_attribute(std::string_view name) const;
  bool has_value(std::string_view attribute, std::string_view value) const;
  bool is_element(std::string_view local) const {
    return scanner_.name().space.known == kDialogInfo && scanner_.name().local == local;
  }
  // Elements go as they stand.
  bool copies() const { return depth_ == 1 || detail_ >= DialogDetail::kAll; }
  std::string_view taken();

  const DialogDetail detail_;
  DialogSelection selection_;
  XmlScanner scanner_;
  const char* at_;             // Up to here the document was dealt with.
  Writer& out_;
  Writer behind_root_;         // What was written up to the end of the root's start tag.
  size_t depth_ = 0;           // Of the elements that are open; what is around a dialog is 1.
  size_t skipped_ = 0;         // The depth of the element that is being left out; 0: none is.
  bool is_busy_ = false;       // A dialog was there that is not over.
};

bool DialogWalk::run() {
  for (;;) {
    switch (scanner_.next()) {
      case XmlToken::kStart: start(); break;
      case XmlToken::kLeaf:
        start();
        if (!scanner_.text().empty()) text();
        end();
        break;
      case XmlToken::kText: text(); break;
      case XmlToken::kEnd: end(); break;
      case XmlToken::kDone: return !out_.overflowed();
      case XmlToken::kError: return put_busy_instead();
    }
  }
}

// What of the document the last token was. A leaf is taken whole when it starts.
std::string_view DialogWalk::taken() {
  const char* const begin = at_;
  at_ = scanner_.position();
  return {begin, static_cast<size_t>(at_ - begin)};
}

void DialogWalk::start() {
  ++depth_;
  const std::string_view tag = taken();
  if (skipped_ == 0 && is_skipped()) skipped_ = depth_;
  if (skipped_ != 0) return;
  if (copies()) {
    out_.put(tag);
    if (depth_ == 1) behind_root_ = out_;
  } else if (detail_ == DialogDetail::kState) {
    depth_ == 2 ? put_dialog_tag() : void(out_.put("<state>"));
  }
}

void DialogWalk::text() {
  const std::string_view raw = taken();
  if (skipped_ != 0) return;
  if (copies()) {
    out_.put(raw);
  } else if (depth_ == 3) {
    is_busy_ = is_busy_ || scanner_.text() != "terminated";
    if (detail_ == DialogDetail::kState) put_xml_escaped(scanner_.text(), out_);
  }
}

void DialogWalk::end() {
  const std::string_view tag = taken();
  if (skipped_ == 0) {
    if (depth_ == 1 && detail_ == DialogDetail::kBusy && is_busy_) out_.put(kVirtualDialog);
    if (copies()) {
      out_.put(tag);
    } else if (detail_ == DialogDetail::kState) {
      out_.put(depth_ == 2 ? "</dialog>" : "</state>");
    }
  }
  if (skipped_ == depth_) skipped_ = 0;
  --depth_;
}

bool DialogWalk::is_skipped() const {
  switch (depth_) {
    case 1: return false;
    case 2: return is_element("dialog") ? !is_selected() : !copies();
    case 3: return !copies() && !is_element("state");
    default: return detail_ == DialogDetail::kAll && is_element("session-description");
  }
}

// RFC 4235 §3.2: "The to-tag is matched against the local tag, the from-tag is matched against the remote tag, and the
// call-id is matched against the Call-ID."
bool DialogWalk::is_selected() const {
  if (selection_.is_of_all()) return true;
  return has_value("call-id", selection_.call_id) && has_value("local-tag", selection_.to_tag) &&
         (selection_.from_tag.empty() || has_value("remote-tag", selection_.from_tag));
}

const XmlAttribute* DialogWalk::find_attribute(std::string_view name) const {
  for (const XmlAttribute& attribute : scanner_.attributes()) {
    if (attribute.name.prefix.empty() && attribute.name.local == name) return &attribute;
  }
  return nullptr;
}

bool DialogWalk::has_value(std::string_view name, std::string_view value) const {
  const XmlAttribute* const attribute = find_attribute(name);
  return attribute != nullptr && is_value(*attribute, value);
}

// As it stands in a document of ours, between quotation marks and escaped.
void DialogWalk::put_dialog_tag() {
  out_.put("<dialog");
  for (const std::string_view name : {"id", "direction"}) {
    const XmlAttribute* const attribute = find_attribute(name);
    if (attribute != nullptr) out_.put(' ').put(name).put("=\"").put(attribute->raw).put('"');
  }
  out_.put('>');
}

bool DialogWalk::put_busy_instead() {
  if (depth_ == 0) return false;
  out_ = behind_root_;
  out_.put(kVirtualDialog).put(kDialogInfoClose);
  return !out_.overflowed();
}

}  // namespace

std::string_view to_string(DialogDetail detail) {
  switch (detail) {
    case DialogDetail::kBusy: return "busy";
    case DialogDetail::kState: return "state";
    case DialogDetail::kAll: return "all";
    case DialogDetail::kSessions: return "sessions";
  }
  return {};
}

size_t write_dialog_filter(DialogDetail detail, const DialogSelection& selection, std::span<char> out) {
  Writer writer(out.data(), out.size());
  writer.put(static_cast<char>(detail));
  if (!selection.is_of_all()) {
    writer.put(selection.call_id).put('\0').put(selection.to_tag).put('\0').put(selection.from_tag);
  }
  return writer.overflowed() ? 0 : writer.length();
}

bool apply_dialog_filter(std::string_view filter, std::string_view document, Writer& out) {
  return DialogWalk(filter, document, out).run();
}

}  // namespace vedette::parsers
