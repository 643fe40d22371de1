// The scanner's start tags: qualified names, attributes, declarations of namespaces and what prefixes mean
// (Namespaces in XML 1.0).
#include <algorithm>
#include <cstring>

#include "parsers/xml_chars.h"
#include "parsers/xml_scanner.h"

namespace vedette::parsers {
namespace {

constexpr std::string_view kXmlSpaceName = "http://www.w3.org/XML/1998/namespace";
constexpr std::string_view kXmlnsSpaceName = "http://www.w3.org/2000/xmlns/";

}  // namespace

bool XmlScanner::take_qname(QName& qname) {
  qname.prefix = {};
  qname.local = find_xml_name(rest());
  next_ += qname.local.size();
  if (!qname.local.empty() && !at_end() && *next_ == ':') {
    ++next_;
    qname.prefix = qname.local;
    qname.local = find_xml_name(rest());
    next_ += qname.local.size();
  }
  if (qname.local.empty()) {
    return refuse(ParseError::kXml);
  }
  if (qname.prefix.size() > kXmlNameBytesMax || qname.local.size() > kXmlNameBytesMax) {
    return refuse(ParseError::kXmlTooLarge);
  }
  return true;
}

// From behind the element's name to behind ">" or "/>".
bool XmlScanner::take_attributes(bool& is_empty) {
  attribute_count_ = 0;
  for (;;) {
    const bool has_white = skip_white();
    if (at_end()) break;
    if (*next_ == '>') {
      ++next_;
      is_empty = false;
      return true;
    }
    if (*next_ == '/') {
      if (!rest().starts_with("/>")) break;
      next_ += 2;
      is_empty = true;
      return true;
    }
    if (!has_white) break;
    if (!take_attribute()) return false;
  }
  return refuse(ParseError::kXml);
}

bool XmlScanner::take_attribute() {
  QName qname;
  if (!take_qname(qname)) return false;
  skip_white();
  if (at_end() || *next_ != '=') return refuse(ParseError::kXml);
  ++next_;
  skip_white();
  XmlAttribute attribute;
  attribute.name.prefix = qname.prefix;
  attribute.name.local = qname.local;
  if (!take_value(attribute)) return false;

  if (qname.prefix == "xmlns") return declare(qname.local, attribute);
  if (qname.prefix.empty() && qname.local == "xmlns") return declare({}, attribute);
  if (attribute_count_ == kXmlAttributesMax) return refuse(ParseError::kXmlTooLarge);
  attributes_[attribute_count_++] = attribute;
  return true;
}

bool XmlScanner::take_value(XmlAttribute& attribute) {
  if (at_end() || (*next_ != '"' && *next_ != '\'')) return refuse(ParseError::kXml);
  const char quote = *next_++;
  const char* const begin = next_;
  for (;;) {
    while (next_ != end_ && !is_xml(kXmlValueStop, *next_)) ++next_;
    if (at_end() || *next_ == '<') return refuse(ParseError::kXml);
    if (*next_ == quote) break;
    attribute.plain = attribute.plain && *next_ == '\'';
    if (*next_ == '&') {
      const size_t length = read_xml_reference(rest()).length;
      if (length == 0) return refuse(ParseError::kXml);
      next_ += length;
    } else {
      ++next_;
    }
  }
  attribute.raw = {begin, static_cast<size_t>(next_ - begin)};
  ++next_;
  return attribute.raw.size() <= kXmlValueBytesMax || refuse(ParseError::kXmlTooLarge);
}

// Namespaces in XML §3, §5.
bool XmlScanner::declare(std::string_view prefix, const XmlAttribute& attribute) {
  std::string_view name = attribute.raw;
  if (!attribute.plain && !unescape(attribute, name)) return false;
  // No prefix may be undeclared, and the two reserved ones and their names belong together.
  const bool is_illegal = (name.empty() && !prefix.empty()) || prefix == "xmlns" || name == kXmlnsSpaceName ||
                          (prefix == "xml") != (name == kXmlSpaceName);
  if (is_illegal) return refuse(ParseError::kXml);
  for (size_t i = open_[depth_ - 1].namespaces; i < namespace_count_; ++i) {
    if (namespaces_[i].prefix == prefix) return refuse(ParseError::kXml);
  }
  if (namespace_count_ == kXmlNamespacesMax) return refuse(ParseError::kXmlTooLarge);
  const size_t known = static_cast<size_t>(std::ranges::find(known_, name) - known_.begin());
  uint8_t meaning = known < known_.size() ? static_cast<uint8_t>(known) : kXmlUnknown;
  if (name.empty()) meaning = kXmlNoNamespace;
  if (prefix == "xml") meaning = kXmlOwnNamespace;
  namespaces_[namespace_count_++] = {.prefix = prefix, .name = name, .known = meaning};
  return true;
}

// A namespace's name that has references in it: rare, so there is one small place for all of them.
bool XmlScanner::unescape(const XmlAttribute& attribute, std::string_view& name) {
  const size_t begin = unescaped_length_;
  XmlValueReader reader(attribute);
  std::string_view piece;
  while (reader.next(piece)) {
    if (piece.size() > unescaped_.size() - unescaped_length_) return refuse(ParseError::kXmlTooLarge);
    std::memcpy(unescaped_.data() + unescaped_length_, piece.data(), piece.size());
    unescaped_length_ += piece.size();
  }
  name = {unescaped_.data() + begin, unescaped_length_ - begin};
  return true;
}

bool XmlScanner::resolve_names() {
  if (!resolve(name_, true)) return refuse(ParseError::kXml);
  for (size_t i = 0; i < attribute_count_; ++i) {
    if (!resolve(attributes_[i].name, false)) return refuse(ParseError::kXml);
  }
  return attributes_differ() || refuse(ParseError::kXml);
}

// Namespaces in XML §6: the default namespace is for elements only.
bool XmlScanner::resolve(XmlName& name, bool is_element) const {
  if (name.prefix.empty() && !is_element) return true;
  for (size_t i = namespace_count_; i > 0; --i) {
    const Namespace& candidate = namespaces_[i - 1];
    if (candidate.prefix != name.prefix) continue;
    name.space = candidate.name;
    name.known = candidate.known;
    return true;
  }
  if (name.prefix == "xml") {
    name.space = kXmlSpaceName;
    name.known = kXmlOwnNamespace;
    return true;
  }
  return name.prefix.empty();
}

// XML §3.1 and Namespaces in XML §6.3: no attribute twice, not under two prefixes either.
bool XmlScanner::attributes_differ() const {
  for (size_t i = 1; i < attribute_count_; ++i) {
    const XmlName& name = attributes_[i].name;
    for (size_t j = 0; j < i; ++j) {
      const XmlName& other = attributes_[j].name;
      if (name.known == other.known && name.local == other.local && name.space == other.space) return false;
    }
  }
  return true;
}

}  // namespace vedette::parsers
