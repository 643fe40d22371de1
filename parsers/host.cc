#include "parsers/host.h"

#include <algorithm>

#include "parsers/number.h"
#include "parsers/param.h"

namespace vedette::parsers {
namespace {

constexpr size_t kHostBytesMax = 255;  // RFC 1035 §2.3.4.

bool parse_ipv4(std::string_view text, uint8_t* out) {
  for (int i = 0; i < 4; ++i) {
    const size_t length = i < 3 ? text.find('.') : text.size();
    if (length > 3) return false;   // npos as well: a dot is missing.
    uint64_t value = 0;
    if (parse_uint(text.substr(0, length), 255, value) != ParseError::kOk) return false;
    out[i] = static_cast<uint8_t>(value);
    text.remove_prefix(i < 3 ? length + 1 : length);
  }
  return true;
}

// Labels may begin with a digit throughout and hold "_": RFC 3261 forbids both in places, names that
// container hosts and Windows machines really carry have them.
bool is_hostname(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  std::string_view label;
  while (true) {
    const size_t dot = text.find('.');
    label = text.substr(0, dot);
    if (label.empty() || label.front() == '-' || label.back() == '-' || !all(kHostChar, label)) return false;
    if (dot == std::string_view::npos) break;
    text.remove_prefix(dot + 1);
  }
  return !all(kDigitChar, label);
}

// Up to four hexadecimal digits off the front of `text`.
bool take_group(std::string_view& text, unsigned& value) {
  size_t length = 0;
  value = 0;
  while (length < text.size() && is(kHexChar, text[length])) {
    if (length == 4) return false;
    value = value << 4 | hex_value(text[length++]);
  }
  text.remove_prefix(length);
  return length > 0;
}

}  // namespace

bool parse_ipv6(std::string_view text, Ipv6Bytes& out) {
  constexpr size_t kNone = 17;  // "::" may stand behind eight groups, where it stands for nothing and is wrong.
  Ipv6Bytes bytes{};
  size_t filled = 0;
  size_t gap = kNone;  // Where "::" stands.
  if (text.starts_with("::")) {
    gap = 0;
    text.remove_prefix(2);
  }
  const auto before_ipv4 = [](std::string_view rest) { return rest.find('.') != std::string_view::npos; };
  if (gap == 0 && text.starts_with(':') && before_ipv4(text)) text.remove_prefix(1);
  while (!text.empty()) {
    if (filled > 12 && (filled == 16 || before_ipv4(text))) return false;
    if (const size_t end = text.find_first_of(".:"); end != std::string_view::npos && text[end] == '.') {
      if (!parse_ipv4(text, bytes.data() + filled)) return false;
      filled += 4;
      break;
    }
    unsigned value = 0;
    if (!take_group(text, value)) return false;
    bytes[filled++] = static_cast<uint8_t>(value >> 8);
    bytes[filled++] = static_cast<uint8_t>(value & 0xff);
    if (text.empty()) break;
    if (text.starts_with("::")) {
      if (gap != kNone) return false;
      gap = filled;
      text.remove_prefix(2);
      if (text.starts_with(':') && before_ipv4(text)) text.remove_prefix(1);
    } else if (text.starts_with(':') && text.size() > 1) {
      text.remove_prefix(1);
    } else {
      return false;
    }
  }
  if (gap == kNone ? filled != 16 : filled == 16) return false;
  out = {};
  const size_t head = gap == kNone ? filled : gap;
  std::copy_n(bytes.begin(), head, out.begin());
  std::copy(bytes.begin() + head, bytes.begin() + filled, out.end() - (filled - head));
  return true;
}

bool is_host(std::string_view text) {
  if (text.empty() || text.size() > kHostBytesMax) return false;
  if (text.front() == '[') {
    Ipv6Bytes address;
    return text.back() == ']' && parse_ipv6(text.substr(1, text.size() - 2), address);
  }
  std::array<uint8_t, 4> address;
  return is_hostname(text) || parse_ipv4(text, address.data());
}

bool equal_hosts(std::string_view a, std::string_view b) {
  if (equal_ignoring_case(a, b)) return true;
  if (!a.starts_with('[') || !b.starts_with('[')) return false;
  Ipv6Bytes left;
  Ipv6Bytes right;
  return parse_ipv6(a.substr(1, a.size() - 2), left) && parse_ipv6(b.substr(1, b.size() - 2), right) &&
         left == right;
}

ParseError take_host(Cursor& cursor, std::string_view& out) {
  const char* mark = cursor.position();
  if (cursor.at('[')) {
    std::string_view address;
    if (!cursor.take_until(']', address)) return ParseError::kHost;
    cursor.take(']');
  } else {
    cursor.take_all(kHostChar);
  }
  out = cursor.since(mark);
  return is_host(out) ? ParseError::kOk : ParseError::kHost;
}

ParseError take_port(Cursor& cursor, uint16_t& out) {
  uint64_t port = 0;
  if (parse_uint(cursor.take_digits(), 65535, port) != ParseError::kOk) return ParseError::kPort;
  out = static_cast<uint16_t>(port);
  return ParseError::kOk;
}

ParseError take_hostport(Cursor& cursor, HostPort& out) {
  if (const ParseError error = take_host(cursor, out.host); error != ParseError::kOk) return error;
  if (!cursor.take(':')) return ParseError::kOk;
  out.has_port = true;
  return take_port(cursor, out.port);
}

}  // namespace vedette::parsers
