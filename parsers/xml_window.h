// Where the next byte of a kind is in an XML document: 64 bytes at a time are sorted into bit masks, once, however
// many names, values and runs of text begin and end among them. Looking for the next one is then a shift and a count,
// so that a step does not wait for the loads and comparisons of the one before it.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vedette::parsers {

enum class XmlStop : uint8_t {
  kNameEnd,  // Not an ASCII NameChar, or ":".
  kSpecial,  // < & > " ' CR LF tab: what does not stand for itself, in text or in an attribute's value.
  kNotWhite,
};

class XmlWindow {
 public:
  // Of a document that is_xml_text.
  explicit XmlWindow(std::string_view document)
      : begin_(document.data()), end_(begin_ + document.size()), window_(begin_) {
    sort();
  }

  // The first such byte at or behind `from`, or the document's end. Quickest when `from` goes forward.
  const char* find(XmlStop stop, const char* from) {
    for (;;) {
      if (static_cast<size_t>(from - window_) >= kBytes) move_to(from);
      const uint64_t found = masks_[static_cast<size_t>(stop)] >> (from - window_);
      if (found != 0) return from + std::countr_zero(found);
      from = window_ + kBytes;
    }
  }

 private:
  static constexpr size_t kBytes = 64;

  void move_to(const char* from);
  void sort();

  const char* begin_;
  const char* end_;
  const char* window_;
  std::array<uint64_t, 3> masks_;  // By XmlStop. Behind the document's end everything stops.
};

}  // namespace vedette::parsers
