// The placeholders of a call flow: what the engine made (tags, entity tags, its Contact) gets a name where it comes
// out and is used by that name later.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace vedette::support {

class Placeholders {
 public:
  // `{name}` becomes what it stands for; throws FlowFault for a name that stands for nothing.
  std::string fill(std::string_view text, int line) const;
  // Whether `actual` as a whole is what `pattern` says: `{name}` is what it stands for, `{?name}` anything but nothing,
  // which the name stands for from then on, `{*}` anything.
  bool match(std::string_view pattern, const std::string& actual, int line);
  void bind(const std::string& name, std::string value) { values_[name] = std::move(value); }

 private:
  std::string value_of(const std::string& name, int line) const;

  std::map<std::string, std::string> values_;
};

}  // namespace vedette::support
