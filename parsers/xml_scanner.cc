// The document's structure is here: what follows what, and the matching of tags. Names, attributes and
// namespaces of a start tag are read in xml_start_tag.cc.
#include "parsers/xml_scanner.h"

#include <cstring>

#include "parsers/xml_chars.h"

namespace vedette::parsers {

XmlScanner::XmlScanner(std::string_view document, std::span<const std::string_view> known)
    : next_(document.data()), end_(document.data() + document.size()), known_(known) {
  // XML §4.3.3: a byte order mark is no part of the text.
  if (document.starts_with("\xEF\xBB\xBF")) next_ += 3;
  // Once and for all, so that nothing below has to think of characters that may not be there.
  if (!is_xml_text(rest())) fail(ParseError::kXml);
}

XmlToken XmlScanner::next() {
  if (error_ != ParseError::kOk) return XmlToken::kError;
  if (end_is_due_) return end_element();
  if (has_ended_) close_element();
  if (at_start_) {
    at_start_ = false;
    if (rest().starts_with("<?xml") && rest().size() > 5 && is_xml(kXmlSpace, next_[5]) &&
        !take_declaration()) {
      return fail(ParseError::kXml);
    }
  }
  for (;;) {
    XmlToken token = XmlToken::kDone;
    if (cdata_end_ != nullptr) {
      token = take_cdata();
    } else if (depth_ == 0) {
      token = take_outside();
    } else if (at_end()) {
      return fail(ParseError::kXml);
    } else {
      token = *next_ == '<' ? take_markup() : take_text();
    }
    // What has no meaning for the caller, a comment or an empty CDATA section, comes as empty text.
    if (token != XmlToken::kText || !text_.empty()) return token;
  }
}

// Before and after the root element: white space, comments and instructions (XML §2.8 Misc).
XmlToken XmlScanner::take_outside() {
  skip_white();
  if (at_end()) return root_seen_ ? XmlToken::kDone : fail(ParseError::kXml);
  if (*next_ != '<') return fail(ParseError::kXml);
  const char following = rest().size() > 1 ? next_[1] : '\0';
  if (following == '!' || following == '?') {
    if (rest().starts_with("<![")) return fail(ParseError::kXml);
    return take_markup();
  }
  if (root_seen_) return fail(ParseError::kXml);
  root_seen_ = true;
  return take_markup();
}

// At "<".
XmlToken XmlScanner::take_markup() {
  text_ = {};
  const std::string_view text = rest();
  if (text.size() < 2) return fail(ParseError::kXml);
  switch (text[1]) {
    case '/':
      return take_end_tag();
    case '?':
      return skip_instruction() ? XmlToken::kText : fail(ParseError::kXml);
    case '!':
      break;
    default:
      return take_start_tag();
  }
  if (text.starts_with("<!--")) return skip_comment() ? XmlToken::kText : fail(ParseError::kXml);
  if (text.starts_with("<![CDATA[")) {
    next_ += std::strlen("<![CDATA[");
    const size_t length = rest().find("]]>");
    if (length == std::string_view::npos) return fail(ParseError::kXml);
    cdata_end_ = next_ + length;
    return take_cdata();
  }
  // A DOCTYPE could only bring entities to expand, files to fetch and defaults to apply: none here.
  return fail(ParseError::kXml);
}

XmlToken XmlScanner::take_text() {
  const char* const begin = next_;
  while (next_ != end_ && !is_xml(kXmlTextStop, *next_)) ++next_;
  // XML §2.4: "]]>" must not stand in character data.
  while (next_ != end_ && *next_ == ']') {
    if (rest().starts_with("]]>")) return fail(ParseError::kXml);
    ++next_;
    while (next_ != end_ && !is_xml(kXmlTextStop, *next_)) ++next_;
  }
  text_ = {begin, static_cast<size_t>(next_ - begin)};
  text_is_plain_ = true;
  if (!text_.empty() || at_end() || *next_ == '<') return XmlToken::kText;

  text_is_plain_ = false;
  if (*next_ == '&') {
    const XmlReference reference = read_xml_reference(rest());
    if (reference.length == 0) return fail(ParseError::kXml);
    character_ = reference.utf8;
    text_ = {character_.data(), reference.utf8_length};
    next_ += reference.length;
  } else if (*next_ == '\r') {
    // XML §2.11: line ends are LF to the reader.
    next_ += rest().starts_with("\r\n") ? 2 : 1;
    text_ = "\n";
  } else {
    text_ = {next_, 1};
    ++next_;
  }
  return XmlToken::kText;
}

// Inside of a CDATA section; in pieces because of its line ends.
XmlToken XmlScanner::take_cdata() {
  text_is_plain_ = false;
  const std::string_view section{next_, static_cast<size_t>(cdata_end_ - next_)};
  if (section.starts_with('\r')) {
    next_ += section.starts_with("\r\n") ? 2 : 1;
    text_ = "\n";
    return XmlToken::kText;
  }
  text_ = section.substr(0, section.find('\r'));
  next_ += text_.size();
  if (next_ == cdata_end_) {
    next_ += std::strlen("]]>");
    cdata_end_ = nullptr;
  }
  return XmlToken::kText;
}

XmlToken XmlScanner::take_start_tag() {
  if (depth_ == kXmlDepthMax) return fail(ParseError::kXmlTooDeep);
  if (element_count_ == kXmlElementsMax) return fail(ParseError::kXmlTooLarge);
  ++element_count_;
  ++next_;
  const char* const begin = next_;
  QName qname;
  if (!take_qname(qname)) return XmlToken::kError;
  OpenElement& element = open_[depth_];
  element.qname = {begin, static_cast<size_t>(next_ - begin)};
  element.namespaces = static_cast<uint16_t>(namespace_count_);
  element.unescaped = static_cast<uint16_t>(unescaped_length_);
  ++depth_;
  name_ = {.prefix = qname.prefix, .local = qname.local, .space = {}, .known = kXmlNoNamespace};
  if (!take_attributes(end_is_due_) || !resolve_names()) return XmlToken::kError;
  return XmlToken::kStart;
}

XmlToken XmlScanner::take_end_tag() {
  if (depth_ == 0) return fail(ParseError::kXml);
  next_ += 2;
  const std::string_view qname = open_[depth_ - 1].qname;
  if (!rest().starts_with(qname)) return fail(ParseError::kXml);
  next_ += qname.size();
  skip_white();
  if (at_end() || *next_ != '>') return fail(ParseError::kXml);
  ++next_;
  return end_element();
}

XmlToken XmlScanner::end_element() {
  end_is_due_ = false;
  has_ended_ = true;
  return XmlToken::kEnd;
}

// One call later than kEnd, so that the caller sees the depth of what ended.
void XmlScanner::close_element() {
  has_ended_ = false;
  --depth_;
  namespace_count_ = open_[depth_].namespaces;
  unescaped_length_ = open_[depth_].unescaped;
}

bool XmlScanner::skip_white() {
  const char* const begin = next_;
  while (next_ != end_ && is_xml(kXmlSpace, *next_)) ++next_;
  return next_ != begin;
}

bool XmlScanner::skip_past(std::string_view ending) {
  const size_t length = rest().find(ending);
  if (length == std::string_view::npos) return false;
  next_ += length + ending.size();
  return true;
}

// XML §2.5: "--" must not stand within a comment.
bool XmlScanner::skip_comment() {
  next_ += std::strlen("<!--");
  if (!skip_past("--") || at_end() || *next_ != '>') return false;
  ++next_;
  return true;
}

// XML §2.6; a target named "xml" is reserved, its one good place is dealt with before.
bool XmlScanner::skip_instruction() {
  next_ += std::strlen("<?");
  const std::string_view target = find_xml_name(rest());
  if (target.empty()) return false;
  if (target.size() == 3 && (target[0] | 0x20) == 'x' && (target[1] | 0x20) == 'm' &&
      (target[2] | 0x20) == 'l') {
    return false;
  }
  next_ += target.size();
  if (rest().starts_with("?>")) {
    next_ += 2;
    return true;
  }
  return skip_white() && skip_past("?>");
}

// XML §2.8 XMLDecl: version, then perhaps encoding, then perhaps standalone.
bool XmlScanner::take_declaration() {
  next_ += std::strlen("<?xml");
  std::string_view value;
  if (!take_pseudo_attribute("version", value) || value.size() < 3 || !value.starts_with("1.")) return false;
  for (const char c : value.substr(2)) {
    if (c < '0' || c > '9') return false;
  }
  if (take_pseudo_attribute("encoding", value)) {
    // RFC 3863 §3.1: UTF-8 is what everyone can do, and all that is done here. Charset names have no case.
    constexpr std::string_view kUtf8 = "utf-8";
    if (value.size() != kUtf8.size()) return false;
    for (size_t i = 0; i < kUtf8.size(); ++i) {
      const char c = value[i] >= 'A' && value[i] <= 'Z' ? static_cast<char>(value[i] + 0x20) : value[i];
      if (c != kUtf8[i]) return false;
    }
  }
  if (take_pseudo_attribute("standalone", value) && value != "yes" && value != "no") return false;
  skip_white();
  if (!rest().starts_with("?>")) return false;
  next_ += 2;
  return true;
}

// White space, name="value". Stays where it is when the next one is not that.
bool XmlScanner::take_pseudo_attribute(std::string_view name, std::string_view& value) {
  const char* const begin = next_;
  if (skip_white() && rest().starts_with(name)) {
    next_ += name.size();
    skip_white();
    if (!at_end() && *next_ == '=') {
      ++next_;
      skip_white();
      if (!at_end() && (*next_ == '"' || *next_ == '\'')) {
        const char quote = *next_++;
        value = rest().substr(0, rest().find(quote));
        if (value.size() < rest().size()) {
          next_ += value.size() + 1;
          return true;
        }
      }
    }
  }
  next_ = begin;
  return false;
}

bool XmlValueReader::next(std::string_view& piece) {
  if (rest_.empty()) return false;
  size_t length = 0;
  while (length < rest_.size() && rest_[length] != '&' && rest_[length] != '\t' && rest_[length] != '\n' &&
         rest_[length] != '\r') {
    ++length;
  }
  if (length > 0) {
    piece = rest_.substr(0, length);
  } else if (rest_[0] == '&') {
    const XmlReference reference = read_xml_reference(rest_);
    if (reference.length == 0) return false;  // The scanner gives no such attribute.
    character_ = reference.utf8;
    piece = {character_.data(), reference.utf8_length};
    length = reference.length;
  } else {
    piece = " ";
    length = rest_.starts_with("\r\n") ? 2 : 1;
  }
  rest_.remove_prefix(length);
  return true;
}

}  // namespace vedette::parsers
