#include "tools/storm/sip_view.h"

#include <charconv>
#include <cstring>

namespace vedette::storm {
namespace {

constexpr std::string_view kVersion = "SIP/2.0 ";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool is_named(std::string_view line, std::string_view name) {
  if (line.size() <= name.size() || line[name.size()] != ':') return false;
  for (size_t i = 0; i < name.size(); ++i) {
    if (lower(line[i]) != name[i]) return false;
  }
  return true;
}

std::string_view value_of(std::string_view line) {
  line.remove_prefix(line.find(':') + 1);
  while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
  return line;
}

std::string_view until(std::string_view text, std::string_view ends) {
  return text.substr(0, text.find_first_of(ends));
}

std::string_view tag_of(std::string_view line) {
  const size_t at = line.rfind(";tag=");
  return at == std::string_view::npos ? std::string_view() : until(line.substr(at + 5), ";, ");
}

uint32_t number_of(std::string_view text) {
  uint32_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string_view bracketed(std::string_view line) {
  const size_t at = line.find('<');
  return at == std::string_view::npos ? until(value_of(line), ";, ") : until(line.substr(at + 1), ">");
}

void read_via(std::string_view line, SipView& out) {
  if (out.via.empty()) {
    out.via = {line.data(), line.size() + 2};
    const size_t at = line.find(";branch=");
    if (at != std::string_view::npos) out.branch = until(line.substr(at + 8), ";, ");
  } else if (line.data() == out.via.data() + out.via.size()) {
    out.via = {out.via.data(), out.via.size() + line.size() + 2};
  }
}

void read_cseq(std::string_view line, SipView& out) {
  out.cseq_line = line;
  const std::string_view value = value_of(line);
  out.cseq = number_of(value);
  const size_t at = value.rfind(' ');
  if (out.status != 0 && at != std::string_view::npos) out.method = value.substr(at + 1);
}

void read_line(std::string_view line, SipView& out) {
  switch (lower(line.front())) {
    case 'v':
      if (is_named(line, "via") || is_named(line, "v")) read_via(line, out);
      return;
    case 'f':
      if (!is_named(line, "from") && !is_named(line, "f")) return;
      out.from = line;
      out.from_tag = tag_of(line);
      return;
    case 't':
      if (!is_named(line, "to") && !is_named(line, "t")) return;
      out.to = line;
      out.to_tag = tag_of(line);
      return;
    case 'c':
      if (is_named(line, "call-id")) out.call_id = value_of(line);
      if (is_named(line, "cseq")) read_cseq(line, out);
      if (is_named(line, "contact")) out.contact_uri = bracketed(line);
      return;
    case 'i':
      if (is_named(line, "i")) out.call_id = value_of(line);
      return;
    case 'm':
      if (is_named(line, "m")) out.contact_uri = bracketed(line);
      return;
    case 's':
      if (is_named(line, "sip-etag")) out.entity_tag = value_of(line);
      if (is_named(line, "subscription-state")) out.subscription_state = value_of(line);
      return;
    case 'w':
      if (is_named(line, "www-authenticate") &&
          (out.challenge.empty() || parameter(value_of(line), "algorithm") == "SHA-256"))
        out.challenge = value_of(line);
      return;
    default:
      return;
  }
}

bool read_first_line(std::string_view line, SipView& out) {
  if (line.starts_with(kVersion)) {
    out.status = static_cast<uint16_t>(number_of(line.substr(kVersion.size())));
    return out.status >= 100;
  }
  if (!line.ends_with(" SIP/2.0")) return false;
  out.method = until(line, " ");
  return true;
}

}  // namespace

bool read_sip(std::string_view message, SipView& out) {
  out = {};
  const char* at = message.data();
  const char* const end = at + message.size();
  for (bool first = true; at < end; first = false) {
    const auto* line_end = static_cast<const char*>(std::memchr(at, '\n', static_cast<size_t>(end - at)));
    if (line_end == nullptr || line_end == at || line_end[-1] != '\r') return false;
    const std::string_view line(at, static_cast<size_t>(line_end - at - 1));
    at = line_end + 1;
    if (first) {
      if (!read_first_line(line, out)) return false;
    } else if (line.empty()) {
      out.body = {at, static_cast<size_t>(end - at)};
      return true;
    } else {
      read_line(line, out);
    }
  }
  return false;
}

std::string_view parameter(std::string_view fields, std::string_view name) {
  for (size_t at = fields.find(name); at != std::string_view::npos; at = fields.find(name, at + 1)) {
    const bool begins = at > 0 && (fields[at - 1] == ' ' || fields[at - 1] == ',');
    std::string_view value = fields.substr(at + name.size());
    if (!begins || !value.starts_with('=')) continue;
    value.remove_prefix(1);
    if (!value.starts_with('"')) return until(value, ", ");
    return until(value.substr(1), "\"");
  }
  return {};
}

}  // namespace vedette::storm
