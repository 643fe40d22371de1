// Walks a document element by element, for formats whose shape is known: who reads an element asks for its children
// one by one, or for its text. On top of xml_scanner, with its limits; no tree, no allocation.
//
// After trouble every further call gives nothing more, so that loops end by themselves and the caller asks once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "parsers/xml_chars.h"
#include "parsers/xml_scanner.h"

namespace vedette::parsers {

enum class XmlTrouble : uint8_t {
  kNone,
  kXml,      // scanner_error() says which.
  kText,     // Text where the caller asked for children.
  kElement,  // A child where the caller asked for text.
  kTooLong,  // A text or a value that does not fit.
  kRefused   // By the caller.
};

class XmlElements {
 public:
  XmlElements(std::string_view document, std::span<const XmlKnownNamespace> known)
      : scanner_(document, known), document_(document) {}

  // Goes to the next child of the element that we are in (at first, the document) and into it; or out of that element
  // behind its last child, and false.
  bool next_child();
  // Reads text up to the end of the element that we are in and goes out of it. White space at its ends is taken off,
  // and a run of it within is one space (xs:token). Good as long as `room`; empty after trouble.
  std::string_view read_text(std::span<char> room);
  // Goes out of the element that we are in, whatever is in it.
  void skip();
  // A value as its attribute means it, white space collapsed as in read_text().
  std::string_view read_value(const XmlAttribute& attribute, std::span<char> room);

  // Of the element that we went into last; the attributes, only before anything else is read.
  template <size_t kBytes>
  bool is(uint8_t space, const char (&local)[kBytes]) const {
    return scanner_.name().space.known == space && equals(scanner_.name().local, local);
  }
  const XmlName& name() const { return scanner_.name(); }
  std::span<const XmlAttribute> attributes() const { return scanner_.attributes(); }

  void refuse() { stop(XmlTrouble::kRefused); }
  bool ok() const { return trouble_ == XmlTrouble::kNone; }
  XmlTrouble trouble() const { return trouble_; }
  ParseError scanner_error() const { return scanner_.error(); }
  // The line, from 1 on, where the element that began last has its name; of malformed XML, where reading ended.
  size_t line() const;

 private:
  bool stop(XmlTrouble trouble) {
    if (trouble_ == XmlTrouble::kNone) trouble_ = trouble;
    return false;
  }
  XmlToken next();

  XmlScanner scanner_;
  std::string_view document_;
  XmlTrouble trouble_ = XmlTrouble::kNone;
  bool in_leaf_ = false;  // The scanner gave the whole element as one token, and we are in it.
};

}  // namespace vedette::parsers
