#include "tests/support/flow_pattern.h"

#include <regex>
#include <vector>

#include "tests/support/flow_script.h"

namespace vedette::support {
namespace {

// {name}, {?name} or {*}; braces around anything else are text.
const std::regex& placeholder() {
  static const std::regex shape(R"(\{(\*|\??[a-z][a-z0-9-]*)\})");
  return shape;
}

std::string escaped(const std::string& text) {
  static const std::regex special(R"([.^$|()\[\]{}*+?\\])");
  return std::regex_replace(text, special, R"(\$&)");
}

// Calls `text` and `name` for the parts of a pattern in order.
template <typename Text, typename Name>
void walk(const std::string& pattern, Text&& text, Name&& name) {
  std::sregex_iterator it(pattern.begin(), pattern.end(), placeholder()), end;
  size_t at = 0;
  for (; it != end; ++it) {
    text(pattern.substr(at, static_cast<size_t>(it->position()) - at));
    name((*it)[1].str());
    at = static_cast<size_t>(it->position() + it->length());
  }
  text(pattern.substr(at));
}

}  // namespace

std::string Placeholders::value_of(const std::string& name, int line) const {
  const auto found = values_.find(name);
  if (found == values_.end()) throw FlowFault{line, "{" + name + "} stands for nothing yet"};
  return found->second;
}

std::string Placeholders::fill(std::string_view text, int line) const {
  std::string out;
  walk(std::string(text), [&](const std::string& part) { out += part; },
       [&](const std::string& name) { out += value_of(name, line); });
  return out;
}

bool Placeholders::match(std::string_view pattern, const std::string& actual, int line) {
  std::string shape;
  std::vector<std::string> named;
  walk(std::string(pattern), [&](const std::string& part) { shape += escaped(part); },
       [&](const std::string& name) {
         if (name == "*") {
           shape += ".*";
         } else if (name[0] == '?') {
           shape += "(.+?)";
           named.push_back(name.substr(1));
         } else {
           shape += escaped(value_of(name, line));
         }
       });
  std::smatch found;
  if (!std::regex_match(actual, found, std::regex(shape))) return false;
  for (size_t i = 0; i < named.size(); ++i) values_[named[i]] = found[i + 1].str();
  return true;
}

}  // namespace vedette::support
