// The document's structure is here: what follows what, and the matching of tags. Names, attributes and
// namespaces of a start tag are read in xml_start_tag.cc.
#include "parsers/xml_scanner.h"

#include <cstring>

#include "parsers/simd.h"
#include "parsers/xml_chars.h"

namespace vedette::parsers {

XmlScanner::XmlScanner(std::string_view document, std::span<const XmlKnownNamespace> known)
    : next_(document.data()), end_(next_ + document.size()), window_(document), solid_(next_), known_(known) {
  // Once and for all, so that nothing below has to think of characters that may not be there.
  if (!is_xml_text(document)) fail(ParseError::kXml);
  // XML §4.3.3: a byte order mark is no part of the text.
  if (document.starts_with("\xEF\xBB\xBF")) next_ += 3;
}

XmlToken XmlScanner::next() {
  XmlToken token;
  do {
    token = state_ == State::kContent ? next_inside() : next_otherwise();
    // What has no meaning for the caller, a comment or an empty CDATA section, comes as empty text.
  } while (token == XmlToken::kText && text_.empty());
  return token;
}

XmlToken XmlScanner::next_inside() {
  if (at_end()) return fail(ParseError::kXml);
  space_ = {};
  if (*next_ != '<' && !take_space()) return take_text();
  const char second = peek(1);
  if (second == '/') return take_end_tag();
  if (second == '!' || second == '?') return skip_markup();
  return second == '\0' ? fail(ParseError::kXml) : take_start_tag();
}

XmlToken XmlScanner::next_otherwise() {
  switch (state_) {
    case State::kEmptyElement:
      space_ = {};
      written_tag_ = {};
      return end_element();
    case State::kCdata:
      return take_cdata();
    case State::kBegin:
      state_ = State::kOutside;
      if (rest().starts_with("<?xml") && is_xml(kXmlSpace, peek(5)) && !take_declaration()) {
        return fail(ParseError::kXml);
      }
      return next_outside();
    case State::kOutside:
      return next_outside();
    case State::kContent:
    case State::kError:
      break;
  }
  return XmlToken::kError;
}

// Before and after the root element: white space, comments and instructions (XML §2.8 Misc).
XmlToken XmlScanner::next_outside() {
  skip_white();
  if (at_end()) return root_seen_ ? XmlToken::kDone : fail(ParseError::kXml);
  const char second = peek(1);
  if (*next_ != '<' || second == '\0' || rest().starts_with("<![")) return fail(ParseError::kXml);
  if (second == '!' || second == '?') return skip_markup();
  if (root_seen_) return fail(ParseError::kXml);
  root_seen_ = true;
  return take_start_tag();
}

// At "<!" or "<?".
XmlToken XmlScanner::skip_markup() {
  text_ = {};
  const std::string_view text = rest();
  if (text.starts_with("<?")) return skip_instruction() ? XmlToken::kText : fail(ParseError::kXml);
  if (text.starts_with("<!--")) return skip_comment() ? XmlToken::kText : fail(ParseError::kXml);
  // A DOCTYPE could only bring entities to expand, files to fetch and defaults to apply: none here.
  if (!text.starts_with("<![CDATA[")) return fail(ParseError::kXml);
  next_ += std::strlen("<![CDATA[");
  const size_t length = rest().find("]]>");
  if (length == std::string_view::npos) return fail(ParseError::kXml);
  cdata_end_ = next_ + length;
  state_ = State::kCdata;
  return XmlToken::kText;
}

// Up to a tag, if nothing but white space is before it.
inline bool XmlScanner::take_space() {
  // The white space may have been looked through before, up to a comment or line end by line end.
  if (solid_ < next_) solid_ = window_.find(XmlStop::kNotWhite, next_);
  if (end_ - solid_ < 2 || solid_[0] != '<' || solid_[1] == '!' || solid_[1] == '?') return false;
  space_ = {next_, static_cast<size_t>(solid_ - next_)};
  next_ = solid_;
  return true;
}

XmlToken XmlScanner::take_text() {
  const char* const begin = next_;
  next_ = window_.find(XmlStop::kSpecial, begin);
  while (is_xml(kXmlTextPlain, peek())) next_ = window_.find(XmlStop::kSpecial, next_ + 1);
  text_ = {begin, static_cast<size_t>(next_ - begin)};
  if (text_.empty()) return take_character();
  // XML §2.4: "]]>" must not stand in character data.
  if (peek() == '>' && text_.ends_with("]]")) return fail(ParseError::kXml);
  text_is_plain_ = true;
  text_is_white_ = solid_ >= next_;
  return XmlToken::kText;
}

// At a reference, a line end or ">".
XmlToken XmlScanner::take_character() {
  text_ = {next_, 1};
  size_t length = 1;
  if (*next_ == '&') {
    const XmlReference reference = read_xml_reference(rest());
    if (reference.length == 0) return fail(ParseError::kXml);
    character_ = reference.utf8;
    text_ = {character_.data(), reference.utf8_length};
    length = reference.length;
  } else if (*next_ == '\r') {
    // XML §2.11: line ends are LF to the reader.
    text_ = "\n";
    if (peek(1) == '\n') length = 2;
  }
  next_ += length;
  text_is_plain_ = false;
  text_is_white_ = is_xml(kXmlSpace, text_[0]);
  return XmlToken::kText;
}

// Inside of a CDATA section; in pieces because of its line ends.
XmlToken XmlScanner::take_cdata() {
  const std::string_view section{next_, static_cast<size_t>(cdata_end_ - next_)};
  if (section.starts_with('\r')) {
    next_ += section.starts_with("\r\n") ? 2 : 1;
    text_ = "\n";
  } else {
    text_ = section.substr(0, section.find('\r'));
    next_ += text_.size();
    if (next_ == cdata_end_) {
      next_ += std::strlen("]]>");
      state_ = State::kContent;
    }
  }
  text_is_plain_ = false;
  text_is_white_ = is_xml_white(text_);
  return XmlToken::kText;
}

XmlToken XmlScanner::take_end_tag() {
  const char* const begin = next_;
  const std::string_view qname = open_.back().qname;
  next_ += 2;
  const size_t left = rest().size();
  if (left <= qname.size() || !begins_with(next_, qname, left)) return fail(ParseError::kXml);
  next_ += qname.size();
  written_tag_ = {begin, qname.size() + std::strlen("</>")};
  if (*next_ != '>') {
    written_tag_.remove_suffix(1);
    skip_white();
    if (peek() != '>') return fail(ParseError::kXml);
  }
  ++next_;
  return end_element();
}

XmlToken XmlScanner::end_element() {
  const OpenElement& element = open_.back();
  namespaces_.shrink(element.namespaces);
  unescaped_length_ = element.unescaped;
  open_.shrink(open_.size() - 1);
  state_ = open_.size() == 0 ? State::kOutside : State::kContent;
  return XmlToken::kEnd;
}

bool XmlScanner::skip_white() {
  const char* const begin = next_;
  next_ = window_.find(XmlStop::kNotWhite, begin);
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
  // What nearly all say.
  constexpr std::string_view kUsual = "<?xml version=\"1.0\" encoding=\"UTF-8\"";
  if (rest().starts_with(kUsual)) {
    const std::string_view more = rest().substr(kUsual.size());
    for (const std::string_view ending : {"?>", " standalone=\"no\"?>", " standalone=\"yes\"?>"}) {
      if (!more.starts_with(ending)) continue;
      next_ += kUsual.size() + ending.size();
      return true;
    }
  }
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
