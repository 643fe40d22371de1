#include "parsers/xml_elements.h"

#include <algorithm>

namespace vedette::parsers {
namespace {

// Text as it comes in pieces, its white space collapsed (XML Schema part 2, §4.3.6).
class Collapser {
 public:
  explicit Collapser(std::span<char> room) : room_(room) {}

  bool put(std::string_view piece) {
    for (const char c : piece) {
      if (is_xml(kXmlSpace, c)) {
        has_space_ = length_ > 0;
        continue;
      }
      if (room_.size() - length_ < (has_space_ ? 2 : 1)) return false;
      if (has_space_) room_[length_++] = ' ';
      has_space_ = false;
      room_[length_++] = c;
    }
    return true;
  }
  std::string_view text() const { return {room_.data(), length_}; }

 private:
  std::span<char> room_;
  size_t length_ = 0;
  bool has_space_ = false;
};

}  // namespace

XmlToken XmlElements::next() {
  if (!ok()) return XmlToken::kError;
  const XmlToken token = scanner_.next();
  if (token == XmlToken::kError) stop(XmlTrouble::kXml);
  return token;
}

bool XmlElements::next_child() {
  if (in_leaf_) {
    in_leaf_ = false;
    return is_xml_white(scanner_.text()) ? false : stop(XmlTrouble::kText);
  }
  for (;;) {
    switch (next()) {
      case XmlToken::kLeaf:
        in_leaf_ = true;
        return true;
      case XmlToken::kStart:
        return true;
      case XmlToken::kText:
        if (!scanner_.text_is_white()) return stop(XmlTrouble::kText);
        break;
      case XmlToken::kEnd:
      case XmlToken::kDone:
      case XmlToken::kError:
        return false;
    }
  }
}

std::string_view XmlElements::read_text(std::span<char> room) {
  Collapser collapser(room);
  if (in_leaf_) {
    in_leaf_ = false;
    if (collapser.put(scanner_.text())) return collapser.text();
    stop(XmlTrouble::kTooLong);
    return {};
  }
  for (;;) {
    switch (next()) {
      case XmlToken::kText:
        if (collapser.put(scanner_.text())) break;
        stop(XmlTrouble::kTooLong);
        return {};
      case XmlToken::kEnd:
        return collapser.text();
      case XmlToken::kStart:
      case XmlToken::kLeaf:
        stop(XmlTrouble::kElement);
        return {};
      case XmlToken::kDone:
      case XmlToken::kError:
        return {};
    }
  }
}

void XmlElements::skip() {
  if (in_leaf_) {
    in_leaf_ = false;
    return;
  }
  for (size_t depth = 1; depth > 0 && ok();) {
    const XmlToken token = next();
    if (token == XmlToken::kStart) ++depth;
    if (token == XmlToken::kEnd) --depth;
  }
}

std::string_view XmlElements::read_value(const XmlAttribute& attribute, std::span<char> room) {
  Collapser collapser(room);
  XmlValueReader reader(attribute);
  std::string_view piece;
  while (reader.next(piece)) {
    if (collapser.put(piece)) continue;
    stop(XmlTrouble::kTooLong);
    return {};
  }
  return collapser.text();
}

size_t XmlElements::line() const {
  const char* const place = trouble_ == XmlTrouble::kXml || name().local.data() == nullptr ? scanner_.position()
                                                                                           : name().local.data();
  return 1 + static_cast<size_t>(std::count(document_.data(), place, '\n'));
}

}  // namespace vedette::parsers
