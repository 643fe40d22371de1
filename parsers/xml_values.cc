#include "parsers/xml_values.h"

#include <algorithm>
#include <cstddef>

#include "parsers/date_time.h"
#include "parsers/simd.h"

namespace vedette::parsers {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool all_digits(std::string_view text) { return std::all_of(text.begin(), text.end(), is_digit); }

// RFC 3986 §2: unreserved, sub-delims, ":", "@", "/", "?". Beyond ASCII everything may stand in an IRI.
constexpr ByteSet kUriSet = [] {
  ByteSet set;
  for (char c = 'a'; c <= 'z'; ++c) set.add(static_cast<unsigned char>(c));
  for (char c = 'A'; c <= 'Z'; ++c) set.add(static_cast<unsigned char>(c));
  for (char c = '0'; c <= '9'; ++c) set.add(static_cast<unsigned char>(c));
  for (const char c : std::string_view("-._~!$&'()*+,;=:@/?")) set.add(static_cast<unsigned char>(c));
  return set;
}();

bool are_uri_chars(std::string_view text) {
  const char* const end = text.data() + text.size();
  for (const char* next = text.data(); (next = find_outside(kUriSet, text.data(), next, end)) != end;) {
    if (static_cast<unsigned char>(*next) >= 0x80) {
      ++next;
    } else if (*next == '%' && end - next >= 3 && is_hex(next[1]) && is_hex(next[2])) {
      next += 3;
    } else {
      return false;
    }
  }
  return true;
}

// Where "[" and "]" may stand: around an IPv6 address, with a host's end behind it.
bool take_ipv6_reference(std::string_view& text) {
  const size_t end = text.find(']');
  if (end == std::string_view::npos || end < 3) return false;
  const std::string_view address = text.substr(1, end - 1);
  const bool is_address =
      std::all_of(address.begin(), address.end(), [](char c) { return is_hex(c) || c == ':' || c == '.'; });
  text.remove_prefix(end + 1);
  return is_address && address.find(':') != std::string_view::npos;
}

// RFC 3986 §3.2: userinfo@host:port. A port has digits: libxml2 wants some.
bool is_authority(std::string_view text) {
  const size_t at = text.rfind('@');
  if (at != std::string_view::npos) {
    if (text.find('@') != at || !are_uri_chars(text.substr(0, at))) return false;
    text.remove_prefix(at + 1);
  }
  if (text.starts_with('[') && (!take_ipv6_reference(text) || (!text.empty() && text[0] != ':'))) return false;
  if (!are_uri_chars(text)) return false;
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return true;
  const std::string_view port = text.substr(colon + 1);
  return !port.empty() && port.size() <= 5 && all_digits(port);
}

bool is_sip(std::string_view scheme) { return scheme == "sip" || scheme == "sips"; }

}  // namespace

// What libxml2 takes, too: it has no end of a day, and room for so many digits.
bool is_xml_date_time(std::string_view text) {
  DateTimeText read;
  return read_date_time(text, read) && read.hour < 24 && read.fraction_digits <= 9;
}

bool is_xml_integer(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.size() <= 18 && all_digits(text);
}

bool parse_decimal(std::string_view text, int64_t& millionths) {
  constexpr size_t kDigitsMax = 12, kPlaces = 6;
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  const std::string_view whole = text.substr(0, text.find('.'));
  const std::string_view part = whole.size() == text.size() ? std::string_view() : text.substr(whole.size() + 1);
  if ((whole.empty() && part.empty()) || whole.size() > kDigitsMax || !all_digits(whole) || !all_digits(part)) {
    return false;
  }
  millionths = 0;
  for (const char c : whole) millionths = millionths * 10 + (c - '0');
  for (size_t i = 0; i < kPlaces; ++i) millionths = millionths * 10 + (i < part.size() ? part[i] - '0' : 0);
  if (is_negative) millionths = -millionths;
  return true;
}

bool is_xml_positive_integer(std::string_view text) {
  return !text.starts_with('-') && is_xml_integer(text) && text.find_first_not_of("+0") != std::string_view::npos;
}

bool is_xml_boolean(std::string_view text) {
  return text == "true" || text == "false" || text == "1" || text == "0";
}

bool is_xml_language(std::string_view text) {
  size_t part = 0;
  bool is_first = true;
  for (const char c : text) {
    if (c == '-') {
      if (part == 0) return false;
      part = 0;
      is_first = false;
    } else if ((!is_letter(c) && (is_first || !is_digit(c))) || ++part > 8) {
      return false;
    }
  }
  return text.empty() || part > 0;
}

bool is_xml_uri(std::string_view text) {
  const auto is_scheme_char = [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; };
  size_t colon = 0;
  while (colon < text.size() && is_scheme_char(text[colon])) ++colon;
  std::string_view scheme;
  if (colon > 0 && colon < text.size() && text[colon] == ':' && is_letter(text[0])) {
    scheme = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  } else if (text.substr(0, text.find_first_of("/?#")).find(':') != std::string_view::npos) {
    return false;  // RFC 3986 §4.2: a relative reference's first segment has no colon.
  }
  if (text.empty()) return false;
  if (!text.starts_with("//") && are_uri_chars(text)) return true;
  const size_t hash = text.find('#');
  if (hash != std::string_view::npos) {
    if (!are_uri_chars(text.substr(hash + 1))) return false;
    text = text.substr(0, hash);
  }
  if (text.starts_with("//")) {
    text.remove_prefix(2);
    const std::string_view authority = text.substr(0, text.find_first_of("/?"));
    return is_authority(authority) && are_uri_chars(text.substr(authority.size()));
  }
  const size_t open = text.find('[');
  if (open == std::string_view::npos) return are_uri_chars(text);
  if (!is_sip(scheme) || !are_uri_chars(text.substr(0, open))) return false;
  text.remove_prefix(open);
  return take_ipv6_reference(text) && are_uri_chars(text);
}

}  // namespace vedette::parsers
