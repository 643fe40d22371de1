// A selection of RFC 4661 §5, XPath's abbreviated syntax with less in it: names and "*" behind "/" or "//", and in
// brackets behind any of them a condition, as in
//   /pidf:presence/pidf:tuple[rpid:class="IM" or pidf:status/pidf:basic="open"]/pidf:note
// A condition compares the text of elements below ("." for that of the element itself), or attributes, with a value.
// "and" goes before "or". Here is the syntax alone: prefixes stand as they were written.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "parsers/event_filter.h"
#include "parsers/event_filter_format.h"
#include "parsers/xml_list.h"

namespace vedette::parsers {

struct FilterName {
  std::string_view prefix;  // Empty: none.
  std::string_view local;   // Empty: any.
};

struct FilterComparison {
  bool is_alternative;      // It begins another group of comparisons, all of which must hold ("or").
  size_t levels;
  std::array<FilterName, kFilterLevelsMax> path;
  bool is_of_attribute;
  FilterName attribute;
  FilterOperator op;
  std::string_view value;
};

struct FilterStep {
  bool descends;            // Behind "//".
  FilterName name;
  size_t comparisons;       // So many of the path's next ones.
};

struct FilterPath {
  XmlList<FilterStep, kFilterStepsMax> steps;
  XmlList<FilterComparison, kFilterComparisonsMax> comparisons;
};

// The views are of `text`. kUnsupported is also what is no selection at all.
FilterError parse_filter_path(std::string_view text, FilterPath& path);

// XPath 1.0 §4.4, number(): false for what is none.
bool read_filter_number(std::string_view text, double& number);

}  // namespace vedette::parsers
