// Which elements of a document the conditions of a filter hold for: found by a walk of its own before the filter is
// applied, because what decides on an element stands in it. Elements are counted from 0 as they begin.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <string_view>

#include "parsers/event_filter_reader.h"
#include "parsers/xml_list.h"
#include "parsers/xml_scanner.h"

namespace vedette::parsers {

class FilterConditions {
 public:
  // `filter` outlives this.
  explicit FilterConditions(const CompiledFilter& filter) : filter_(filter) {}

  // False when the document is none.
  bool read(std::string_view document);
  bool hold(uint8_t condition, size_t element) const { return held_[condition][element]; }

 private:
  // What an element says is compared up to here; nothing that a filter asks for is longer.
  static constexpr size_t kTextBytesMax = kFilterValueBytesMax + 1;
  struct Open {
    XmlName name;
    size_t number;
    uint32_t held;        // Bit n: comparison n holds for it.
    size_t text_length;   // With that of all in it.
    std::array<char, kTextBytesMax> text;
  };

  void start(const XmlScanner& scanner);
  void add_text(std::string_view text);
  void end();
  Open* find_asking(const CompiledComparison& comparison);
  bool holds(const CompiledCondition& condition, uint32_t held) const;

  const CompiledFilter& filter_;
  size_t elements_ = 0;
  XmlList<Open, kXmlDepthMax> open_;
  std::array<std::bitset<kXmlElementsMax>, kFilterComparisonsMax> held_;
};

}  // namespace vedette::parsers
