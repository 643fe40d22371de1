// The scanner's start tags: qualified names, attributes, declarations of namespaces and what prefixes mean
// (Namespaces in XML 1.0).
#include <algorithm>
#include <bit>
#include <cstring>

#include "parsers/simd.h"
#include "parsers/xml_chars.h"
#include "parsers/xml_scanner.h"

namespace vedette::parsers {
namespace {

constexpr std::string_view kXmlSpaceName = "http://www.w3.org/XML/1998/namespace";
constexpr std::string_view kXmlnsSpaceName = "http://www.w3.org/2000/xmlns/";

}  // namespace

// The first eight bytes of a prefix, NULs if it has less: prefixes that differ mostly differ in them.
inline uint64_t XmlScanner::first_word(std::string_view prefix) const {
  if (prefix.empty()) return 0;
  uint64_t word = 0;
  const bool has_more_behind = end_ - prefix.data() >= static_cast<ptrdiff_t>(sizeof(word));
  if (prefix.size() < sizeof(word) && has_more_behind && std::endian::native == std::endian::little) {
    std::memcpy(&word, prefix.data(), sizeof(word));
    return word & ((uint64_t{1} << 8 * prefix.size()) - 1);
  }
  std::memcpy(&word, prefix.data(), std::min(prefix.size(), sizeof(word)));
  return word;
}

// At "<".
XmlToken XmlScanner::take_start_tag() {
  if (open_.is_full()) return fail(ParseError::kXmlTooDeep);
  if (element_count_ == kXmlElementsMax) return fail(ParseError::kXmlTooLarge);
  ++element_count_;
  const char* const begin = next_++;
  if (!take_qname(name_)) return XmlToken::kError;
  const std::string_view qname{begin + 1, static_cast<size_t>(next_ - begin - 1)};
  const size_t outer_unescaped = unescaped_length_;
  outer_namespaces_ = namespaces_.size();
  state_ = State::kContent;
  attributes_.shrink(0);
  tag_is_as_written_ = true;
  if (const char c = peek(); c == '>' || c == '/') {
    if (!take_tag_end()) return XmlToken::kError;
  } else if (!take_attributes()) {
    return XmlToken::kError;
  }
  if (!resolve(name_)) return fail(ParseError::kXml);
  if (attributes_.size() > 0 && !resolve_attributes()) return fail(ParseError::kXml);
  const bool is_as_written = tag_is_as_written_ && name_.is_customary;
  is_leaf_ = is_as_written && take_leaf(qname);
  written_tag_ = {begin, is_as_written ? static_cast<size_t>(next_ - begin) : 0};
  if (is_leaf_) return XmlToken::kLeaf;
  open_.push({.qname = qname,
              .namespaces = static_cast<uint16_t>(outer_namespaces_),
              .unescaped = static_cast<uint16_t>(outer_unescaped)});
  return XmlToken::kStart;
}

// Behind a start tag: nothing, or a run of text and the end tag. So are nearly all elements with no others in
// them; with one token they cost half. True for these alone: what is refused or has to be rewritten is for
// the other tokens.
inline bool XmlScanner::take_leaf(std::string_view qname) {
  if (state_ == State::kEmptyElement) {
    state_ = State::kContent;
    text_ = {next_, 0};
    return true;
  }
  const char* const end = window_.find(XmlStop::kSpecial, next_);
  const auto left = static_cast<size_t>(end_ - end);
  const size_t tag_bytes = qname.size() + std::strlen("</>");
  if (end == next_ || left < tag_bytes || end[0] != '<' || end[1] != '/' || end[tag_bytes - 1] != '>') return false;
  if (is_xml(kXmlSpace, *next_) || is_xml(kXmlSpace, end[-1])) return false;
  if (!begins_with(end + 2, qname, left - 2)) return false;
  text_ = {next_, static_cast<size_t>(end - next_)};
  next_ = end + tag_bytes;
  return true;
}

inline bool XmlScanner::take_qname(XmlName& qname) {
  const char* const begin = next_;
  const char* local = begin;
  const char* end = window_.find(XmlStop::kNameEnd, begin);
  qname.prefix = {};
  if (end != end_ && *end == ':') {
    qname.prefix = {begin, static_cast<size_t>(end - begin)};
    local = end + 1;
    end = window_.find(XmlStop::kNameEnd, local);
  }
  if (end == end_ || end - begin > static_cast<ptrdiff_t>(kXmlNameBytesMax) || is_xml(kXmlNonAscii, *end) ||
      !is_xml(kXmlNameStart, *begin) || !is_xml(kXmlNameStart, *local)) {
    return take_qname_slowly(qname);
  }
  qname.local = {local, static_cast<size_t>(end - local)};
  next_ = end;
  return true;
}

bool XmlScanner::take_qname_slowly(XmlName& qname) {
  qname.prefix = {};
  if (!take_ncname(qname.local)) return refuse(ParseError::kXml);
  if (peek() == ':') {
    ++next_;
    qname.prefix = qname.local;
    if (!take_ncname(qname.local)) return refuse(ParseError::kXml);
  }
  if (qname.prefix.size() > kXmlNameBytesMax || qname.local.size() > kXmlNameBytesMax) {
    return refuse(ParseError::kXmlTooLarge);
  }
  return true;
}

bool XmlScanner::take_ncname(std::string_view& name) {
  name = find_xml_name(rest());
  next_ += name.size();
  return !name.empty();
}

// From behind the element's name to behind ">" or "/>".
bool XmlScanner::take_attributes() {
  for (;;) {
    const char* const begin = next_;
    next_ = window_.find(XmlStop::kNotWhite, begin);
    const char c = peek();
    if (c == '>' || c == '/') {
      tag_is_as_written_ = tag_is_as_written_ && next_ == begin;
      return take_tag_end();
    }
    tag_is_as_written_ = tag_is_as_written_ && next_ == begin + 1 && *begin == ' ';
    if (next_ == begin || at_end()) return refuse(ParseError::kXml);
    if (!take_attribute()) return false;
  }
}

inline bool XmlScanner::take_tag_end() {
  if (*next_ == '/') {
    ++next_;
    if (peek() != '>') return refuse(ParseError::kXml);
    state_ = State::kEmptyElement;
  }
  ++next_;
  return true;
}

bool XmlScanner::take_attribute() {
  // Made where it is to stay: a copy would wait for what was just stored.
  XmlAttribute& attribute = attributes_.push({});
  if (!take_qname(attribute.name)) return false;
  if (peek() == '=' && peek(1) == '"') {
    ++next_;
  } else {
    tag_is_as_written_ = false;
    skip_white();
    if (peek() != '=') return refuse(ParseError::kXml);
    ++next_;
    skip_white();
  }
  if (!take_value(attribute)) return false;
  tag_is_as_written_ = tag_is_as_written_ && attribute.plain;

  const bool has_prefix = equals(attribute.name.prefix, "xmlns");
  if (!has_prefix && (!attribute.name.prefix.empty() || !equals(attribute.name.local, "xmlns"))) {
    return !attributes_.is_full() || refuse(ParseError::kXmlTooLarge);
  }
  const bool is_declared = declare(has_prefix ? attribute.name.local : std::string_view{}, attribute);
  attributes_.shrink(attributes_.size() - 1);
  return is_declared;
}

inline bool XmlScanner::take_value(XmlAttribute& attribute) {
  const char quote = peek();
  if (quote != '"' && quote != '\'') return refuse(ParseError::kXml);
  const char* const begin = ++next_;
  next_ = window_.find(XmlStop::kSpecial, begin);
  attribute.plain = true;
  if (peek() != quote && !take_value_slowly(attribute, quote)) return false;
  attribute.raw = {begin, static_cast<size_t>(next_ - begin)};
  ++next_;
  return attribute.raw.size() <= kXmlValueBytesMax || refuse(ParseError::kXmlTooLarge);
}

// Up to the closing quote, past what is not just itself.
bool XmlScanner::take_value_slowly(XmlAttribute& attribute, char quote) {
  while (peek() != quote) {
    if (at_end() || *next_ == '<') return refuse(ParseError::kXml);
    attribute.plain = attribute.plain && *next_ == '\'';
    const size_t length = *next_ == '&' ? read_xml_reference(rest()).length : 1;
    if (length == 0) return refuse(ParseError::kXml);
    next_ = window_.find(XmlStop::kSpecial, next_ + length);
  }
  return true;
}

// Namespaces in XML §3, §5.
bool XmlScanner::declare(std::string_view prefix, const XmlAttribute& attribute) {
  tag_is_as_written_ = false;
  std::string_view name = attribute.raw;
  if (!attribute.plain && !unescape(attribute, name)) return false;
  // No prefix may be undeclared, and the two reserved ones and their names belong together.
  const bool is_illegal = (name.empty() && !prefix.empty()) || equals(prefix, "xmlns") || name == kXmlnsSpaceName ||
                          equals(prefix, "xml") != (name == kXmlSpaceName);
  if (is_illegal) return refuse(ParseError::kXml);
  const std::span<const Namespace> in_scope = namespaces_.items();
  for (const Namespace& other : in_scope.subspan(outer_namespaces_)) {
    if (other.prefix == prefix) return refuse(ParseError::kXml);
  }
  if (namespaces_.is_full()) return refuse(ParseError::kXmlTooLarge);
  Namespace made{.prefix = prefix, .name = name, .prefix_word = first_word(prefix), .space = {}, .is_customary = false};
  const auto is_it = [name](const auto& other) { return other.name == name; };
  const size_t known = static_cast<size_t>(std::ranges::find_if(known_, is_it) - known_.begin());
  if (known < known_.size()) {
    made.space.known = static_cast<uint8_t>(known);
    made.is_customary = known == 0 ? prefix.empty() : known_[known].is_declared && known_[known].prefix == prefix;
  } else if (equals(prefix, "xml")) {
    made.space.known = kXmlOwnNamespace;
  } else if (!name.empty()) {
    // The first one of this name, so that names need be compared but once, and here.
    const auto first = std::ranges::find_if(in_scope, is_it);
    made.space = {.known = kXmlUnknown, .unknown = static_cast<uint8_t>(first - in_scope.begin())};
  }
  namespaces_.push(made);
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

bool XmlScanner::resolve_attributes() {
  for (size_t i = 0; i < attributes_.size(); ++i) {
    XmlName& name = attributes_[i].name;
    if (name.prefix.empty()) continue;
    if (!resolve(name)) return false;
    tag_is_as_written_ = tag_is_as_written_ && (name.is_customary || name.space.known == kXmlOwnNamespace);
  }
  return attributes_differ();
}

// Namespaces in XML §6. An attribute without a prefix does not come here: the default namespace is for elements.
inline bool XmlScanner::resolve(XmlName& name) const {
  const uint64_t word = first_word(name.prefix);
  for (size_t i = namespaces_.size(); i > 0; --i) {
    const Namespace& candidate = namespaces_[i - 1];
    if (candidate.prefix_word != word) continue;
    if (name.prefix.size() >= sizeof(word) && candidate.prefix != name.prefix) continue;
    name.space = candidate.space;
    name.is_customary = candidate.is_customary;
    return true;
  }
  const bool is_own = equals(name.prefix, "xml");
  name.space = {.known = is_own ? kXmlOwnNamespace : kXmlNoNamespace};
  name.is_customary = false;
  return is_own || name.prefix.empty();
}

// XML §3.1 and Namespaces in XML §6.3: no attribute twice, not under two prefixes either.
bool XmlScanner::attributes_differ() const {
  for (size_t i = 1; i < attributes_.size(); ++i) {
    const XmlName& name = attributes_[i].name;
    for (size_t j = 0; j < i; ++j) {
      const XmlName& other = attributes_[j].name;
      if (name.space == other.space && name.local == other.local) return false;
    }
  }
  return true;
}

std::string_view XmlScanner::name_of(XmlSpace space) const {
  switch (space.known) {
    case kXmlNoNamespace:
      return {};
    case kXmlOwnNamespace:
      return kXmlSpaceName;
    case kXmlUnknown:
      return namespaces_[space.unknown].name;
    default:
      return known_[space.known].name;
  }
}

}  // namespace vedette::parsers
