#include "parsers/event_filter_reader.h"

#include "parsers/event_filter_path.h"

namespace vedette::parsers {
namespace {

class FilterReader {
 public:
  FilterReader(std::string_view bytes, CompiledFilter& filter) : rest_(bytes), filter_(filter) {}

  bool read() {
    filter_.trigger_count = byte();
    filter_.id = text();
    filter_.namespace_count = byte();
    if (filter_.namespace_count > kFilterNamespacesMax) return false;
    for (size_t i = 0; i < filter_.namespace_count; ++i) filter_.namespaces[i].name = text();
    const size_t selectors = byte();
    if (selectors > kFilterSelectorsMax) return false;
    for (size_t i = 0; i < selectors && ok_; ++i) {
      const uint8_t kind = byte();
      CompiledSelector& selector = filter_.selectors.push({});
      selector.excludes = (kind & kFilterExcludes) != 0;
      selector.is_namespace = (kind & kFilterIsNamespace) != 0;
      read_path(selector);
      filter_.has_includes = filter_.has_includes || !selector.excludes;
    }
    for (uint8_t trigger = 0; trigger < filter_.trigger_count && ok_;) {
      if (!read_change(trigger)) ++trigger;
    }
    return ok_;
  }

 private:
  void read_path(CompiledSelector& selector) {
    selector.count = byte();
    ok_ = ok_ && selector.count > 0 && selector.count <= kFilterStepsMax;
    for (size_t s = 0; s < selector.count && ok_; ++s) {
      selector.steps[s] = {byte() != 0, test(), kFilterNoCondition};
      const size_t comparisons = byte();
      if (comparisons > 0) selector.steps[s].condition = read_condition(comparisons);
    }
  }

  // False when the trigger is over.
  bool read_change(uint8_t trigger) {
    const uint8_t kind = byte();
    ok_ = ok_ && kind <= static_cast<uint8_t>(FilterChangeKind::kRemoved);
    if (!ok_ || static_cast<FilterChangeKind>(kind) == FilterChangeKind::kEnd) return false;
    ok_ = !filter_.changes.is_full();
    if (!ok_) return false;
    CompiledChange& change = filter_.changes.push({static_cast<FilterChangeKind>(kind), trigger, {}, {}, {}, {}});
    read_path(change.path);
    change.from = said();
    change.to = said();
    change.by = said();
    return ok_;
  }
  FilterSaid said() {
    const std::string_view bytes = text();
    return bytes.empty() ? FilterSaid() : FilterSaid(bytes.substr(1));
  }

  uint8_t read_condition(size_t count) {
    const size_t begin = filter_.comparisons.size();
    ok_ = ok_ && count <= kFilterComparisonsMax - begin;
    for (size_t i = 0; i < count && ok_; ++i) read_comparison();
    if (!ok_) return kFilterNoCondition;
    filter_.conditions.push({static_cast<uint8_t>(begin), static_cast<uint8_t>(begin + count)});
    return static_cast<uint8_t>(filter_.conditions.size() - 1);
  }

  void read_comparison() {
    CompiledComparison& comparison = filter_.comparisons.push({});
    comparison.is_alternative = byte() != 0;
    comparison.levels = byte();
    ok_ = ok_ && comparison.levels <= kFilterLevelsMax;
    for (size_t i = 0; i < comparison.levels && ok_; ++i) comparison.path[i] = test();
    comparison.is_of_attribute = byte() != 0;
    if (comparison.is_of_attribute) comparison.attribute = test();
    const uint8_t op = byte();
    ok_ = ok_ && op <= static_cast<uint8_t>(FilterOperator::kGreater);
    comparison.op = static_cast<FilterOperator>(op);
    comparison.value = text();
    ok_ = ok_ && (comparison.op == FilterOperator::kEqualText ||
                  read_filter_number(comparison.value, comparison.number));
  }

  FilterTest test() {
    const uint8_t space = byte();
    return {space, text()};
  }
  uint8_t byte() {
    ok_ = ok_ && !rest_.empty();
    if (!ok_) return 0;
    const auto value = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  std::string_view text() {
    const size_t length = byte();
    ok_ = ok_ && rest_.size() >= length;
    if (!ok_) return {};
    const std::string_view value = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return value;
  }

  std::string_view rest_;
  CompiledFilter& filter_;
  bool ok_ = true;
};

}  // namespace

bool read_compiled_filter(std::string_view bytes, CompiledFilter& filter) { return FilterReader(bytes, filter).read(); }

}  // namespace vedette::parsers
