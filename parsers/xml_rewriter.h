// Writes the elements that an XmlScanner reads in one canonical form: known namespaces under fixed prefixes,
// unknown ones declared where they are first used, comments and white space between elements gone, everything
// escaped anew. Rewriting the result again changes nothing. Bounded by the lent buffer; no allocation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "parsers/xml_scanner.h"

namespace vedette::parsers {

// The prefixes of the namespaces that the scanner was given, in the same order. The first one is the default
// namespace of the text's surroundings for elements; its prefix serves attributes alone.
struct XmlPrefix {
  std::string_view prefix;
  bool is_declared = false;  // By the surroundings already.
};

// A stretch of the output.
struct XmlStretch {
  size_t offset = 0;
  size_t length = 0;
};

class XmlRewriter {
 public:
  XmlRewriter(std::span<char> out, std::span<const XmlPrefix> prefixes) : out_(out), prefixes_(prefixes) {}

  // The scanner has just given kStart.
  void start(const XmlScanner& scanner);
  void text(const XmlScanner& scanner);
  void end();

  // False once something did not fit; nothing more is written then.
  bool ok() const { return ok_; }
  size_t length() const { return length_; }
  std::string_view at(XmlStretch stretch) const { return {out_.data() + stretch.offset, stretch.length}; }
  // The value of the last started element's attribute "id".
  XmlStretch id() const { return id_; }
  // Character data since the last tag, without the white space around it.
  XmlStretch run() const;
  void trim_run();

 private:
  struct Declared {
    std::string_view prefix;
    std::string_view space;
    uint8_t known = kXmlUnknown;
  };
  struct OpenElement {
    std::string_view prefix;
    std::string_view local;
    size_t declared;  // How many namespaces were declared outside of it.
    bool no_default;  // xmlns="" is in force within it.
    bool has_children;
  };

  void put(std::string_view text);
  void put_escaped(std::string_view text, std::string_view (*escape)(char));
  void put_value(const XmlAttribute& attribute);
  void put_qname(std::string_view prefix, std::string_view local);
  void close_start_tag();
  void drop_white_run();
  std::string_view prefix_for(const XmlName& name);
  std::string_view new_prefix(const XmlName& name) const;
  bool is_free(std::string_view prefix) const;

  std::span<char> out_;
  std::span<const XmlPrefix> prefixes_;
  size_t length_ = 0;
  bool ok_ = true;
  bool start_tag_open_ = false;  // ">" or "/>" is still to be written.
  bool in_run_ = false;
  bool run_is_white_ = false;
  size_t run_begin_ = 0;
  XmlStretch id_;
  size_t depth_ = 0;
  size_t declared_count_ = 0;
  std::array<OpenElement, kXmlDepthMax> open_;
  std::array<Declared, kXmlNamespacesMax> declared_;
  std::array<std::string_view, kXmlAttributesMax> attribute_prefixes_;   // Of the element being started.
};

}  // namespace vedette::parsers
