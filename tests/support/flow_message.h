// A message that a party of a call flow sends: default header fields, changed as the flow's lines say.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/flow_pattern.h"
#include "tests/support/flow_script.h"

namespace vedette::support {

struct FlowMessage {
  std::string start_line;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  // The first field of that name; empty when absent.
  std::string value(std::string_view name) const;
  // The lines below a `->`: "Name: value" takes the place of the default of that name, or is added; "without Name",
  // "pidf ID BASIC [note]", "| a line of the body". Throws FlowFault for others.
  void change(const std::vector<FlowDetail>& details, const Placeholders& placeholders);
  // With CRLF and, unless the flow speaks of it, Content-Length.
  std::string bytes() const;

 private:
  void set(const std::string& name, const std::string& value, std::vector<std::string>& given);
  void erase(std::string_view name);

  bool says_content_length_ = false;
};

bool same_name(std::string_view a, std::string_view b);
// "Name: value" in a detail; false when it is something else.
bool split_header(const std::string& text, std::string& name, std::string& value);
// The parameter `name` of a header field's value; empty when absent.
std::string parameter_of(std::string_view value, std::string_view name);
// All fields of that name, in order, joined by ", ".
std::string joined_header(std::string_view message, std::string_view name, bool* is_present = nullptr);

}  // namespace vedette::support
