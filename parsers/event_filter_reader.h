// A compiled event filter, taken apart to be applied. Its views are of the compiled bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "parsers/event_filter.h"
#include "parsers/event_filter_format.h"
#include "parsers/xml_list.h"
#include "parsers/xml_scanner.h"

namespace vedette::parsers {

inline constexpr uint8_t kFilterNoCondition = 0xFF;

struct FilterTest {
  uint8_t space;           // One of the filter's namespaces, or kFilterAnyNamespace and its like.
  std::string_view local;  // Empty: any.

  bool matches(const XmlName& name) const {
    return (space == kFilterAnyNamespace || name.space.known == space) && (local.empty() || name.local == local);
  }
};

struct CompiledComparison {
  bool is_alternative;
  uint8_t levels;
  std::array<FilterTest, kFilterLevelsMax> path;
  bool is_of_attribute;
  FilterTest attribute;
  FilterOperator op;
  std::string_view value;
  double number;           // That it is, but for kEqualText.
};

// What is in the brackets behind one step: these of the filter's comparisons.
struct CompiledCondition {
  uint8_t begin, end;
};

struct CompiledStep {
  bool descends;
  FilterTest test;
  uint8_t condition;  // Of the filter's, or kFilterNoCondition.
};

struct CompiledSelector {
  bool excludes;
  bool is_namespace;
  uint8_t count;
  std::array<CompiledStep, kFilterStepsMax> steps;
};

// What was said of from, to or by; nothing, if it was not.
using FilterSaid = std::optional<std::string_view>;

// Of a trigger, all changes of which have to have come about.
struct CompiledChange {
  FilterChangeKind kind;
  uint8_t trigger;
  CompiledSelector path;
  FilterSaid from, to, by;
};

struct CompiledFilter {
  std::string_view id;
  std::array<XmlKnownNamespace, kFilterNamespacesMax> namespaces;
  size_t namespace_count = 0;
  XmlList<CompiledSelector, kFilterSelectorsMax> selectors;
  XmlList<CompiledComparison, kFilterComparisonsMax> comparisons;
  XmlList<CompiledCondition, kFilterComparisonsMax> conditions;
  XmlList<CompiledChange, kFilterSelectorsMax> changes;
  uint8_t trigger_count = 0;
  bool has_includes = false;

  std::span<const XmlKnownNamespace> known() const { return std::span(namespaces).first(namespace_count); }
};

// False for what no compiler wrote.
bool read_compiled_filter(std::string_view bytes, CompiledFilter& filter);

}  // namespace vedette::parsers
