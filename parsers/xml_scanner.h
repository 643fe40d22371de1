// A pull scanner for XML 1.0 with namespaces: one pass over a UTF-8 document in memory, no tree, no
// allocation, everything bounded. It accepts well-formed documents only. A DOCTYPE is refused, so there are
// no entities to expand beyond XML's own five; comments and processing instructions are passed over.
//
// Views point into the document, or into the scanner itself (text() and namespaces), and are good until the
// next call of next(). What the elements mean is the caller's business.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "parsers/parse_error.h"

namespace vedette::parsers {

inline constexpr size_t kXmlDepthMax = 32;
inline constexpr size_t kXmlElementsMax = 1024;    // In one document.
inline constexpr size_t kXmlAttributesMax = 32;    // Of one element, declarations of namespaces not counted.
inline constexpr size_t kXmlNamespacesMax = 32;    // In scope at one time.
inline constexpr size_t kXmlNameBytesMax = 128;    // Of a prefix or of a local name.
inline constexpr size_t kXmlValueBytesMax = 2048;  // Of one attribute value, as it stands in the document.
inline constexpr size_t kXmlNamespaceBytesMax =
    512;  // All namespace names in scope that had to be unescaped.

// What a namespace is to the caller: an index into the list it gave to the scanner, or one of these.
inline constexpr uint8_t kXmlUnknown = 0xFF;
inline constexpr uint8_t kXmlNoNamespace = 0xFE;
inline constexpr uint8_t kXmlOwnNamespace = 0xFD;  // The prefix "xml", as in xml:lang.

struct XmlName {
  std::string_view prefix;  // As in the document; empty when there is none.
  std::string_view local;
  std::string_view space;  // The namespace's name, unescaped.
  uint8_t known = kXmlNoNamespace;
};

struct XmlAttribute {
  XmlName name;
  std::string_view raw;  // As in the document: references not resolved, white space not normalised.
  bool plain = true;     // `raw` is the value, and can stand between double quotes as it is.
};

enum class XmlToken : uint8_t {
  kStart,  // name(), attributes(). <a/> is a kStart and a kEnd.
  kText,   // A piece of character data, resolved; one run of text may come in several.
  kEnd,    // depth() is that of the ending element still.
  kDone,   // The whole document was well-formed.
  kError   // error() says why; so does every further call.
};

class XmlScanner {
 public:
  // `known` outlives the scanner.
  XmlScanner(std::string_view document, std::span<const std::string_view> known);
  XmlScanner(const XmlScanner&) = delete;
  XmlScanner& operator=(const XmlScanner&) = delete;

  XmlToken next();

  const XmlName& name() const { return name_; }
  std::span<const XmlAttribute> attributes() const { return {attributes_.data(), attribute_count_}; }
  std::string_view text() const { return text_; }
  bool text_is_plain() const { return text_is_plain_; }  // Nothing in it needs to be escaped.
  size_t depth() const { return depth_; }                // 1 for the root element.
  ParseError error() const { return error_; }

 private:
  struct QName {
    std::string_view prefix;
    std::string_view local;
  };
  struct Namespace {
    std::string_view prefix;
    std::string_view name;
    uint8_t known = kXmlUnknown;
  };
  struct OpenElement {
    std::string_view qname;
    uint16_t namespaces;  // How many were in scope outside of it,
    uint16_t unescaped;   // and how much of unescaped_ they used.
  };

  XmlToken fail(ParseError error) {
    error_ = error;
    return XmlToken::kError;
  }
  bool refuse(ParseError error) {
    error_ = error;
    return false;
  }
  bool at_end() const { return next_ == end_; }
  std::string_view rest() const { return {next_, static_cast<size_t>(end_ - next_)}; }
  bool skip_white();
  bool skip_past(std::string_view ending);

  bool take_declaration();
  bool take_pseudo_attribute(std::string_view name, std::string_view& value);
  bool skip_comment();
  bool skip_instruction();
  XmlToken take_outside();
  XmlToken take_markup();
  XmlToken take_text();
  XmlToken take_cdata();
  XmlToken take_start_tag();
  XmlToken take_end_tag();
  XmlToken end_element();
  void close_element();

  bool take_qname(QName& qname);
  bool take_attributes(bool& is_empty);
  bool take_attribute();
  bool take_value(XmlAttribute& attribute);
  bool declare(std::string_view prefix, const XmlAttribute& attribute);
  bool unescape(const XmlAttribute& attribute, std::string_view& name);
  bool resolve_names();
  bool resolve(XmlName& name, bool is_element) const;
  bool attributes_differ() const;

  const char* next_;
  const char* end_;
  const char* cdata_end_ = nullptr;  // Inside of a CDATA section only.
  std::span<const std::string_view> known_;
  ParseError error_ = ParseError::kOk;
  bool at_start_ = true;
  bool root_seen_ = false;
  bool end_is_due_ = false;  // The start tag was an empty-element tag.
  bool has_ended_ = false;   // The caller has been told; the element is still on open_.
  bool text_is_plain_ = true;
  size_t depth_ = 0;
  size_t element_count_ = 0;
  size_t attribute_count_ = 0;
  size_t namespace_count_ = 0;
  size_t unescaped_length_ = 0;
  std::string_view text_;
  XmlName name_;
  std::array<char, 4> character_;
  std::array<OpenElement, kXmlDepthMax> open_;
  std::array<Namespace, kXmlNamespacesMax> namespaces_;
  std::array<XmlAttribute, kXmlAttributesMax> attributes_;
  std::array<char, kXmlNamespaceBytesMax> unescaped_;
};

// An attribute's value in pieces: references resolved, white space made spaces as for CDATA (XML §3.3.3). A
// piece is good until the next call.
class XmlValueReader {
 public:
  explicit XmlValueReader(const XmlAttribute& attribute) : rest_(attribute.raw) {}
  bool next(std::string_view& piece);

 private:
  std::string_view rest_;
  std::array<char, 4> character_;
};

}  // namespace vedette::parsers
