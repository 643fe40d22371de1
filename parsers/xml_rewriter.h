// Writes the elements that an XmlScanner reads in one canonical form: known namespaces under fixed prefixes,
// unknown ones declared where they are first used, comments and white space between elements gone, everything
// escaped anew. Rewriting the result again changes nothing. Bounded by the lent buffer; no allocation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "parsers/xml_list.h"
#include "parsers/xml_scanner.h"

namespace vedette::parsers {

// A stretch of the output.
struct XmlStretch {
  size_t offset = 0;
  size_t length = 0;
};

// What of an element is not written.
struct XmlLeftOut {
  uint64_t attributes = 0;  // Bits, by their numbers in the scanner's list.
  bool text = false;        // Of a leaf.

  bool any() const { return attributes != 0 || text; }
};
static_assert(kXmlAttributesMax <= 64);

class XmlRewriter {
 public:
  // `known` is the scanner's.
  XmlRewriter(std::span<char> out, std::span<const XmlKnownNamespace> known) : out_(out), known_(known) {}

  // The scanner has just given kStart, kText, kEnd. For a kLeaf, start() and then end().
  void start(const XmlScanner& scanner, XmlLeftOut left_out = {});
  void text(const XmlScanner& scanner);
  // `keeps_space` false: the white space that is all there is in an element is layout, too.
  void end(const XmlScanner& scanner, bool keeps_space = true) {
    if (!is_leaf_) return end_element(scanner, keeps_space);
    is_leaf_ = false;
  }
  // An element that the scanner did not give, with a text that needs no escapes.
  void element(std::string_view start_tag, std::string_view text, std::string_view end_tag);
  // Nothing more will come.
  void finish() { flush(); }

  // False once something did not fit. That may be seen only when it is looked at, or at the end.
  bool ok() const { return ok_; }
  size_t length() const { return length_ + gathered_.size(); }
  std::string_view at(XmlStretch stretch);
  // Where the output stands between elements. What was written since the mark is taken back by rewind(); every element
  // begun since then has ended.
  struct Mark {
    uint32_t length = 0;
    uint32_t tag_end = 0;
    bool tag_was_end = false;
    bool run_is_white = true;
  };
  Mark mark() const {
    // White space since the last tag goes when the next one comes.
    const size_t end = run_is_white_ ? tag_end_ : length();
    return {static_cast<uint32_t>(end), static_cast<uint32_t>(tag_end_), tag_was_end_, run_is_white_};
  }
  void rewind(const Mark& mark);
  // Moves what was written since `begin` in front of what stands at `to`.
  void move_back(size_t begin, size_t to);
  // The value of the last started element's attribute "id".
  XmlStretch id() const { return id_; }
  // An xs:ID is an NCName: one that begins with a digit gets "_" before it, a colon becomes "_". False when it is no
  // Nmtoken, either.
  bool make_id_a_name();
  // Character data since the last tag, or of the leaf, without the white space around it.
  XmlStretch run();
  // The same, and the white space will not be written.
  XmlStretch trim_run();

 private:
  struct Declared {
    std::string_view prefix;
    XmlSpace space;
    uint8_t minted;  // Which of the minted prefixes it is, counted from 1; 0 for none.
  };
  struct RewrittenElement {
    std::string_view prefix;
    std::string_view local;
    size_t declared;  // How many namespaces were declared outside of it.
  };
  // What there is to know of every open element.
  static constexpr uint64_t kCopied = 1;     // Its start tag was copied; of the others rewritten_ knows more.
  static constexpr uint64_t kNoDefault = 2;  // xmlns="" is in force within it.
  static constexpr unsigned kBitsEach = 2;
  static_assert(kBitsEach * kXmlDepthMax <= 64);

  void put(char c);
  void put(std::string_view text);
  void put_escaped(std::string_view text, std::string_view (*escape)(char));
  void put_value(const XmlAttribute& attribute);
  void put_qname(std::string_view prefix, std::string_view local);
  void gather(std::string_view piece);
  void flush();
  void put_space(std::string_view space);
  void truncate(size_t length);
  void end_element(const XmlScanner& scanner, bool keeps_space);
  void put_start_tag(const XmlScanner& scanner, uint64_t attributes_left_out);
  void put_leaf(std::string_view text);
  void put_end_tag();
  void make_start_tag_empty();
  void close_rewritten();
  void tag_is_written(bool is_end);
  std::string_view prefix_for(const XmlName& name);
  bool is_free(std::string_view prefix) const;

  std::span<char> out_;
  std::span<const XmlKnownNamespace> known_;
  size_t length_ = 0;
  std::string_view gathered_;  // What comes next, a stretch of the document that is not copied yet as it may grow.
  bool ok_ = true;
  // Of the last tag: where it ended, whether it was an end tag, whether all character data since then is white.
  size_t tag_end_ = 0;
  bool tag_was_end_ = false;
  bool run_is_white_ = true;
  bool is_leaf_ = false;  // What was started last is a leaf. It is written already.
  XmlStretch leaf_text_;
  XmlStretch id_;
  uint64_t open_ = 0;    // The open elements, kBitsEach for each, the innermost one's lowest.
  uint64_t minted_ = 1;  // Bit n: the minted prefix n is in use. There is none of number 0.
  XmlList<RewrittenElement, kXmlDepthMax> rewritten_;
  XmlList<Declared, kXmlNamespacesMax> declared_;
};

}  // namespace vedette::parsers
