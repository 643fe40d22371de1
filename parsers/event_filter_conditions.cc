#include "parsers/event_filter_conditions.h"

#include "parsers/event_filter_path.h"

namespace vedette::parsers {
namespace {

// A value of the document as it is compared: as text, or as the number that is read of it when first asked for.
class ComparedValue {
 public:
  explicit ComparedValue(std::string_view text) : text_(text) {}

  bool compares(const CompiledComparison& comparison) {
    if (comparison.op == FilterOperator::kEqualText) return text_ == comparison.value;
    if (!is_read_) is_number_ = read_filter_number(text_, number_);
    is_read_ = true;
    if (!is_number_) return false;
    if (comparison.op == FilterOperator::kLess) return number_ < comparison.number;
    if (comparison.op == FilterOperator::kGreater) return number_ > comparison.number;
    return number_ == comparison.number;
  }

 private:
  std::string_view text_;
  double number_ = 0;
  bool is_read_ = false, is_number_ = false;
};

}  // namespace

bool FilterConditions::read(std::string_view document) {
  XmlScanner scanner(document, filter_.known());
  for (;;) {
    switch (scanner.next()) {
      case XmlToken::kStart:
        start(scanner);
        break;
      case XmlToken::kLeaf:
        start(scanner);
        add_text(scanner.text());
        end();
        break;
      case XmlToken::kText: add_text(scanner.text()); break;
      case XmlToken::kEnd: end(); break;
      case XmlToken::kDone: return true;
      case XmlToken::kError: return false;
    }
  }
}

void FilterConditions::start(const XmlScanner& scanner) {
  Open& element = open_.push_unset();
  element.name = scanner.name();
  element.number = elements_++;
  element.held = 0;
  element.text_length = 0;
  for (size_t c = 0; c < filter_.comparisons.size(); ++c) {
    const CompiledComparison& comparison = filter_.comparisons[c];
    Open* const asking = comparison.is_of_attribute ? find_asking(comparison) : nullptr;
    if (asking == nullptr) continue;
    for (const XmlAttribute& attribute : scanner.attributes()) {
      if (!comparison.attribute.matches(attribute.name)) continue;
      std::array<char, kTextBytesMax> room;
      size_t length = 0;
      XmlValueReader reader(attribute);
      for (std::string_view piece; reader.next(piece);) {
        length += piece.copy(room.data() + length, room.size() - length);
      }
      if (ComparedValue({room.data(), length}).compares(comparison)) asking->held |= 1U << c;
    }
  }
}

// XPath 1.0 §5.2: the string-value of an element is all text in it.
void FilterConditions::add_text(std::string_view text) {
  for (size_t i = 0; i < open_.size(); ++i) {
    Open& element = open_[i];
    element.text_length +=
        text.copy(element.text.data() + element.text_length, element.text.size() - element.text_length);
  }
}

void FilterConditions::end() {
  const Open& element = open_.back();
  ComparedValue value({element.text.data(), element.text_length});
  for (size_t c = 0; c < filter_.comparisons.size(); ++c) {
    const CompiledComparison& comparison = filter_.comparisons[c];
    if (comparison.is_of_attribute) continue;
    Open* const asking = find_asking(comparison);
    if (asking != nullptr && value.compares(comparison)) asking->held |= 1U << c;
  }
  for (size_t c = 0; c < filter_.conditions.size(); ++c) {
    if (holds(filter_.conditions[c], element.held)) held_[c].set(element.number);
  }
  open_.shrink(open_.size() - 1);
}

// The element for which the comparison asks for what the innermost open one says: so many levels above, if the
// comparison's path leads from there to here.
FilterConditions::Open* FilterConditions::find_asking(const CompiledComparison& comparison) {
  if (comparison.levels >= open_.size()) return nullptr;
  const size_t begin = open_.size() - 1 - comparison.levels;
  for (size_t i = 0; i < comparison.levels; ++i) {
    if (!comparison.path[i].matches(open_[begin + 1 + i].name)) return nullptr;
  }
  return &open_[begin];
}

bool FilterConditions::holds(const CompiledCondition& condition, uint32_t held) const {
  bool is_whole = false;
  for (size_t c = condition.begin; c < condition.end; ++c) {
    if (filter_.comparisons[c].is_alternative) {
      if (is_whole) return true;
      is_whole = true;
    }
    is_whole = is_whole && (held >> c & 1) != 0;
  }
  return is_whole;
}

}  // namespace vedette::parsers
