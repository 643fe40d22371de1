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
#include "parsers/xml_list.h"
#include "parsers/xml_window.h"

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

// A namespace that means something to the caller. The first one of a list is the default namespace of the text into
// which an XmlRewriter writes.
struct XmlKnownNamespace {
  std::string_view name;
  std::string_view prefix;   // What it is written under; the first one's is for attributes alone.
  bool is_declared = false;  // That text declares it already.
};

// Which namespace. Equal for two names in scope at the same time when their namespaces are the same.
struct XmlSpace {
  uint8_t known = kXmlNoNamespace;
  uint8_t unknown = 0;  // Tells those that are kXmlUnknown apart.

  bool operator==(const XmlSpace&) const = default;
};

struct XmlName {
  std::string_view prefix;  // As in the document; empty when there is none.
  std::string_view local;
  XmlSpace space;
  bool is_customary = false;  // The prefix is what a rewriter writes for an element, and needs not declare.
};

struct XmlAttribute {
  XmlName name;
  std::string_view raw;  // As in the document: references not resolved, white space not normalised.
  bool plain = true;     // `raw` is the value, and can stand between double quotes as it is.
};

enum class XmlToken : uint8_t {
  kStart,  // name(), attributes(), space(). <a/> is a kStart and a kEnd.
  kLeaf,   // An element without others in it: a kStart, a kText unless text() is empty, and a kEnd, all plain.
  kText,   // A piece of character data, resolved; one run of text may come in several.
  kEnd,    // depth() is that of what is around the ended element; space().
  kDone,   // The whole document was well-formed.
  kError   // error() says why; so does every further call.
};

class XmlScanner {
 public:
  // `known` outlives the scanner.
  XmlScanner(std::string_view document, std::span<const XmlKnownNamespace> known);
  XmlScanner(const XmlScanner&) = delete;
  XmlScanner& operator=(const XmlScanner&) = delete;

  XmlToken next();

  const XmlName& name() const { return name_; }
  std::span<const XmlAttribute> attributes() const { return attributes_.items(); }
  std::string_view name_of(XmlSpace space) const;  // Of one in scope, unescaped.
  std::string_view text() const { return text_; }
  bool text_is_plain() const { return text_is_plain_; }  // It stands in the document and needs not be escaped.
  // White space before a tag, behind which no text came that kText has not told: layout, mostly. As it stands in the
  // document, its line ends not resolved.
  std::string_view space() const { return space_; }
  bool text_is_white() const { return text_is_white_; }
  bool is_leaf() const { return is_leaf_; }  // The last element begun was a kLeaf.
  // The tag, or of a kLeaf the element, as it stands in the document. Of a start tag, empty unless there is but one way
  // to write it where the customary prefixes are declared. Of an end tag, empty when it is the end of <a/>; without
  // what stands behind its name when that is more than ">".
  std::string_view written_tag() const { return written_tag_; }
  size_t depth() const { return open_.size(); }  // 1 for the root element.
  ParseError error() const { return error_; }
  const char* position() const { return next_; }  // How far the document was read; after an error, about where it is.

 private:
  enum class State : uint8_t { kBegin, kOutside, kContent, kCdata, kEmptyElement, kError };
  struct Namespace {
    std::string_view prefix;
    std::string_view name;
    uint64_t prefix_word;
    XmlSpace space;
    bool is_customary;  // See XmlName.
  };
  struct OpenElement {
    std::string_view qname;
    uint16_t namespaces;  // How many were in scope outside of it,
    uint16_t unescaped;   // and how much of unescaped_ they used.
  };

  XmlToken fail(ParseError error) {
    refuse(error);
    return XmlToken::kError;
  }
  bool refuse(ParseError error) {
    error_ = error;
    state_ = State::kError;
    return false;
  }
  bool at_end() const { return next_ == end_; }
  // The next byte but `ahead`; NUL, which is none of XML's, behind the end.
  char peek(size_t ahead = 0) const { return rest().size() > ahead ? next_[ahead] : '\0'; }
  std::string_view rest() const { return {next_, static_cast<size_t>(end_ - next_)}; }
  bool skip_white();
  bool skip_past(std::string_view ending);

  bool take_declaration();
  bool take_pseudo_attribute(std::string_view name, std::string_view& value);
  bool skip_comment();
  bool skip_instruction();
  XmlToken skip_markup();
  XmlToken next_inside();
  XmlToken next_otherwise();
  XmlToken next_outside();
  bool take_space();
  XmlToken take_text();
  XmlToken take_character();
  XmlToken take_cdata();
  XmlToken take_start_tag();
  bool take_leaf(std::string_view qname);
  XmlToken take_end_tag();
  XmlToken end_element();

  bool take_qname(XmlName& qname);
  bool take_qname_slowly(XmlName& qname);
  bool take_ncname(std::string_view& name);
  bool take_attributes();
  bool take_tag_end();
  bool take_attribute();
  bool take_value(XmlAttribute& attribute);
  bool take_value_slowly(XmlAttribute& attribute, char quote);
  bool declare(std::string_view prefix, const XmlAttribute& attribute);
  bool unescape(const XmlAttribute& attribute, std::string_view& name);
  bool resolve_attributes();
  bool resolve(XmlName& name) const;
  bool attributes_differ() const;
  uint64_t first_word(std::string_view prefix) const;

  const char* next_;
  const char* end_;
  XmlWindow window_;
  const char* solid_;  // From some byte that was read up to here all is white; here it ends.
  std::span<const XmlKnownNamespace> known_;
  State state_ = State::kBegin;
  ParseError error_ = ParseError::kOk;
  bool root_seen_ = false;
  bool text_is_plain_ = true;
  bool text_is_white_ = false;
  bool is_leaf_ = false;
  bool tag_is_as_written_ = true;  // The start tag being read, up to here, could not be written otherwise.
  const char* cdata_end_ = nullptr;
  size_t element_count_ = 0;
  size_t unescaped_length_ = 0;
  size_t outer_namespaces_ = 0;  // How many were in scope before the start tag being read.
  std::string_view text_;
  std::string_view space_;
  std::string_view written_tag_;
  XmlName name_;
  std::array<char, 4> character_;
  XmlList<OpenElement, kXmlDepthMax> open_;
  XmlList<Namespace, kXmlNamespacesMax> namespaces_;
  XmlList<XmlAttribute, kXmlAttributesMax + 1> attributes_;  // One more for that which may be a declaration.
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
