#include "parsers/event_filter_path.h"

#include <charconv>

#include "parsers/xml_chars.h"

namespace vedette::parsers {
namespace {

constexpr std::string_view kSpaces = " \t\r\n";
constexpr std::string_view kDigits = "0123456789";

class FilterPathReader {
 public:
  FilterPathReader(std::string_view text, FilterPath& path) : rest_(text), path_(path) {}

  FilterError read();

 private:
  void read_step();
  void read_condition(FilterStep& step);
  void read_comparison(bool is_alternative);
  void read_operand(FilterComparison& comparison);
  void read_value(FilterComparison& comparison);
  FilterName take_name();
  bool take(std::string_view token);
  void refuse(FilterError error = FilterError::kUnsupported) {
    if (error_ == FilterError::kOk) error_ = error;
    rest_ = {};
  }

  std::string_view rest_;
  FilterPath& path_;
  FilterError error_ = FilterError::kOk;
};

FilterError FilterPathReader::read() {
  do {
    read_step();
    take("");
  } while (!rest_.empty());
  return error_;
}

// White space may stand between any two tokens (XPath 1.0 §3.7).
bool FilterPathReader::take(std::string_view token) {
  const size_t begin = rest_.find_first_not_of(kSpaces);
  rest_.remove_prefix(begin == std::string_view::npos ? rest_.size() : begin);
  if (!rest_.starts_with(token)) return false;
  rest_.remove_prefix(token.size());
  return true;
}

// A path that does not begin with "/" begins at the document, too.
void FilterPathReader::read_step() {
  if (path_.steps.is_full()) return refuse(FilterError::kTooLarge);
  const bool descends = take("//");
  if (!descends && !take("/") && path_.steps.size() > 0) return refuse();
  FilterStep& step = path_.steps.push({.descends = descends, .name = take_name(), .comparisons = 0});
  if (take("[")) read_condition(step);
}

FilterName FilterPathReader::take_name() {
  if (take("*")) return {};
  std::string_view name = find_xml_name(rest_);
  rest_.remove_prefix(name.size());
  if (name.empty()) refuse();
  if (!rest_.starts_with(':')) return {{}, name};
  rest_.remove_prefix(1);
  const std::string_view prefix = name;
  if (rest_.starts_with('*')) {
    rest_.remove_prefix(1);
    return {prefix, {}};
  }
  name = find_xml_name(rest_);
  rest_.remove_prefix(name.size());
  if (name.empty() || rest_.starts_with(':')) refuse();
  return {prefix, name};
}

// "expression = "[" (elem-expr / attr-expr) 1*[oper (elem-expr / attr-expr)] "]"".
void FilterPathReader::read_condition(FilterStep& step) {
  bool is_alternative = true;
  do {
    if (path_.comparisons.is_full()) return refuse(FilterError::kTooLarge);
    read_comparison(is_alternative);
    ++step.comparisons;
    if (take("]")) return;
    is_alternative = take("or ");
  } while (is_alternative || take("and "));
  refuse();
}

void FilterPathReader::read_comparison(bool is_alternative) {
  FilterComparison comparison = {};
  comparison.is_alternative = is_alternative;
  read_operand(comparison);
  if (take("=")) {
    comparison.op = FilterOperator::kEqualText;
  } else if (take("<")) {
    comparison.op = FilterOperator::kLess;
  } else if (take(">")) {
    comparison.op = FilterOperator::kGreater;
  } else {
    return refuse();
  }
  read_value(comparison);
  path_.comparisons.push(comparison);
}

// "elem-expr = (elem-path / "." / "..") compar value"; "attr-expr = [elem-path "/"] attribute compar value".
// What ".." and
// "//" would look at is outside of the element, or at no known depth in it: they are not understood.
void FilterPathReader::read_operand(FilterComparison& comparison) {
  if (take(".")) return;
  do {
    if (take("@")) {
      comparison.is_of_attribute = true;
      comparison.attribute = take_name();
      return;
    }
    if (comparison.levels == kFilterLevelsMax) return refuse(FilterError::kTooLarge);
    comparison.path[comparison.levels++] = take_name();
  } while (take("/"));
}

// Between quotes, or a number. "<" and ">" are for numbers alone.
void FilterPathReader::read_value(FilterComparison& comparison) {
  take("");
  const char quote = rest_.empty() ? '\0' : rest_.front();
  const bool is_quoted = quote == '"' || quote == '\'';
  if (is_quoted) rest_.remove_prefix(1);
  const size_t end = is_quoted ? rest_.find(quote) : rest_.find_first_not_of("-.0123456789");
  if (end == std::string_view::npos) return refuse();
  comparison.value = rest_.substr(0, end);
  rest_.remove_prefix(end + (is_quoted ? 1 : 0));
  if (comparison.value.size() > kFilterValueBytesMax) return refuse(FilterError::kTooLarge);
  double number = 0;
  if (is_quoted && comparison.op == FilterOperator::kEqualText) return;
  if (!read_filter_number(comparison.value, number)) return refuse();
  if (comparison.op == FilterOperator::kEqualText) comparison.op = FilterOperator::kEqualNumber;
}

}  // namespace

FilterError parse_filter_path(std::string_view text, FilterPath& path) { return FilterPathReader(text, path).read(); }

// "Number ::= Digits ('.' Digits?)? | '.' Digits", with an optional "-", and white space around it.
bool read_filter_number(std::string_view text, double& number) {
  const size_t begin = text.find_first_not_of(kSpaces);
  if (begin == std::string_view::npos) return false;
  text = text.substr(begin, text.find_last_not_of(kSpaces) + 1 - begin);
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  if (digits.find_first_of(kDigits) == std::string_view::npos) return false;
  if (digits.find_first_not_of("0123456789.") != std::string_view::npos) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace vedette::parsers
