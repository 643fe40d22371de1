#include "tests/support/flow_message.h"

#include <algorithm>
#include <regex>

#include "parsers/message.h"
#include "parsers/param.h"

namespace vedette::support {
namespace {

std::string pidf(const std::string& entity, const std::vector<std::string>& words, const FlowDetail& detail) {
  if (words.size() < 3) throw FlowFault{detail.line, "pidf ID BASIC [note]"};
  std::string note;
  for (size_t i = 3; i < words.size(); ++i) note += (i > 3 ? " " : "") + words[i];
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
         "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" entity=\"" + entity +
         "\">\n<tuple id=\"" + words[1] + "\"><status><basic>" + words[2] + "</basic></status>" +
         (note.empty() ? "" : "<note>" + note + "</note>") + "</tuple>\n</presence>\n";
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) { return parsers::equal_ignoring_case(a, b); }

bool split_header(const std::string& text, std::string& name, std::string& value) {
  const size_t colon = text.find(':');
  if (colon == std::string::npos || colon == 0 || text.find(' ') < colon) return false;
  name = text.substr(0, colon);
  const size_t begin = text.find_first_not_of(' ', colon + 1);
  value = begin == std::string::npos ? "" : text.substr(begin);
  return true;
}

std::string parameter_of(std::string_view value, std::string_view name) {
  const std::string text(value);
  const std::regex shape(";\\s*" + std::string(name) + "=([^;,>\\s]+)", std::regex::icase);
  std::smatch found;
  return std::regex_search(text, found, shape) ? found[1].str() : std::string();
}

std::string joined_header(std::string_view bytes, std::string_view name, bool* is_present) {
  parsers::Message message;
  parsers::parse_message(bytes, message);
  std::string all;
  bool found = false;
  for (size_t i = 0; i < message.header_count(); ++i) {
    const auto& field = message.header(i);
    if (!same_name(message.name(field), name)) continue;
    if (found) all += ", ";
    all += message.value(field);
    found = true;
  }
  if (is_present != nullptr) *is_present = found;
  return all;
}

std::string FlowMessage::value(std::string_view name) const {
  for (const auto& [other, value] : headers) {
    if (same_name(other, name)) return value;
  }
  return {};
}

void FlowMessage::erase(std::string_view name) {
  std::erase_if(headers, [&](const auto& header) { return same_name(header.first, name); });
}

void FlowMessage::set(const std::string& name, const std::string& value, std::vector<std::string>& given) {
  const auto is_named = [&](const auto& header) { return same_name(header.first, name); };
  const auto is_given = [&](const std::string& other) { return same_name(other, name); };
  auto at = std::find_if(headers.begin(), headers.end(), is_named);
  if (at == headers.end() || std::any_of(given.begin(), given.end(), is_given)) {
    // Behind its own kind, so that lists keep their order.
    const auto last = std::find_if(headers.rbegin(), headers.rend(), is_named);
    headers.insert(last == headers.rend() ? headers.end() : last.base(), {name, value});
  } else {
    *at = {name, value};
  }
  given.push_back(name);
}

void FlowMessage::change(const std::vector<FlowDetail>& details, const Placeholders& placeholders) {
  std::vector<std::string> given;
  std::string name, said;
  for (const FlowDetail& detail : details) {
    const std::vector<std::string> words = words_of(detail.text);
    if (words[0] == "|") {
      const std::string line = detail.text.size() > 2 ? detail.text.substr(2) : "";
      body += placeholders.fill(line, detail.line) + "\n";
    } else if (words[0] == "without" && words.size() == 2) {
      erase(words[1]);
      if (same_name(words[1], "Content-Length")) says_content_length_ = true;
    } else if (words[0] == "pidf") {
      body = pidf(start_line.substr(start_line.find(' ') + 1, start_line.rfind(' ') - start_line.find(' ') - 1), words,
                  detail);
      if (value("Content-Type").empty()) headers.emplace_back("Content-Type", "application/pidf+xml");
    } else if (split_header(detail.text, name, said)) {
      set(name, placeholders.fill(said, detail.line), given);
      if (same_name(name, "Content-Length")) says_content_length_ = true;
    } else {
      throw FlowFault{detail.line, "unknown line of a message that is sent: " + detail.text};
    }
  }
}

std::string FlowMessage::bytes() const {
  std::string wire_body;
  for (const char c : body) wire_body += c == '\n' ? std::string("\r\n") : std::string(1, c);
  std::string out = start_line + "\r\n";
  for (const auto& [name, value] : headers) out += name + ": " + value + "\r\n";
  if (!says_content_length_) out += "Content-Length: " + std::to_string(wire_body.size()) + "\r\n";
  return out + "\r\n" + wire_body;
}

}  // namespace vedette::support
