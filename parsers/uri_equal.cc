// Comparison of URIs (RFC 3261 §19.1.4, RFC 3966 §4), in place.
// No URI has a parameter twice (parse_uri sees to it), which is what makes comparing symmetric.
#include "parsers/chars.h"
#include "parsers/escaped.h"
#include "parsers/host.h"
#include "parsers/param.h"
#include "parsers/uri.h"

namespace vedette::parsers {
namespace {

bool counts_when_alone(std::string_view name) {
  for (const std::string_view known : {"user", "ttl", "method", "maddr", "transport"}) {
    if (equal_escaped(name, known, Case::kIgnored)) return true;
  }
  return false;
}

// Every parameter of `a` agrees with its namesake in `b`, or may be missing there.
bool params_agree(const Uri& a, const Uri& b) {
  std::string_view rest = a.params;
  Param mine;
  Param other;
  while (next_uri_param(rest, mine)) {
    if (!find_uri_param(b, mine.name, other)) {
      if (counts_when_alone(mine.name)) return false;
    } else if (mine.has_value != other.has_value || !equal_escaped(mine.value, other.value, Case::kIgnored)) {
      return false;
    }
  }
  return true;
}

bool next_header(std::string_view& rest, Param& out) {
  if (rest.empty()) return false;
  rest.remove_prefix(1);
  const std::string_view header = rest.substr(0, rest.find('&'));
  rest.remove_prefix(header.size());
  const size_t equal = header.find('=');
  out = {};
  out.name = header.substr(0, equal);
  out.has_value = equal != std::string_view::npos;
  if (out.has_value) out.value = header.substr(equal + 1);
  return true;
}

// How often `wanted` stands in `headers`. The rules of each header field are not applied: values must be
// the same but for escapes, so that a doubt ends in "not equal".
size_t count_header(std::string_view headers, const Param& wanted) {
  size_t count = 0;
  Param header;
  while (next_header(headers, header)) {
    if (equal_escaped(header.name, wanted.name, Case::kIgnored) &&
        equal_escaped(header.value, wanted.value, Case::kSensitive)) {
      ++count;
    }
  }
  return count;
}

bool headers_within(std::string_view a, std::string_view b) {
  std::string_view rest = a;
  Param header;
  while (next_header(rest, header)) {
    if (count_header(a, header) != count_header(b, header)) return false;
  }
  return true;
}

bool equal_sip(const Uri& a, const Uri& b) {
  if (a.has_user != b.has_user || a.has_port != b.has_port || a.port != b.port) return false;
  if ((a.password.data() == nullptr) != (b.password.data() == nullptr)) return false;
  return equal_escaped(a.user, b.user, Case::kSensitive) &&
         equal_escaped(a.password, b.password, Case::kSensitive) && equal_hosts(a.host, b.host) &&
         params_agree(a, b) && params_agree(b, a) &&
         headers_within(a.headers, b.headers) && headers_within(b.headers, a.headers);
}

bool equal_numbers(std::string_view a, std::string_view b) {
  size_t j = 0;
  const auto skip_separators = [&b, &j] {
    while (j < b.size() && is(kSeparatorChar, b[j])) ++j;
  };
  for (const char c : a) {
    if (is(kSeparatorChar, c)) continue;
    skip_separators();
    if (j == b.size() || to_lower(b[j]) != to_lower(c)) return false;
    ++j;
  }
  skip_separators();
  return j == b.size();
}

bool is_number_param(std::string_view name) {
  return equal_ignoring_case(name, "phone-context") || equal_ignoring_case(name, "ext");
}

// RFC 3966 §4: a parameter that only one of them has makes them different.
bool tel_params_within(const Uri& a, const Uri& b) {
  std::string_view rest = a.params;
  Param mine;
  Param other;
  while (next_uri_param(rest, mine)) {
    if (!find_uri_param(b, mine.name, other) || mine.has_value != other.has_value) return false;
    // A phone-context that is a domain has neither to be told apart by its dots nor may it lose them.
    const bool is_number = is_number_param(mine.name) && !mine.value.empty() &&
                           (mine.value.front() == '+' || is(kDigitChar, mine.value.front()));
    const bool equal = is_number ? equal_numbers(mine.value, other.value)
                                 : equal_escaped(mine.value, other.value, Case::kIgnored);
    if (!equal) return false;
  }
  return true;
}

bool equal_tel(const Uri& a, const Uri& b) {
  return equal_numbers(a.user, b.user) && tel_params_within(a, b) && tel_params_within(b, a);
}

// RFC 3986 §6.2.2.1: a scheme has no case. RFC 8141 §3.1: nor has the namespace of a URN. RFC 4122 §3: a UUID is "case
// insensitive on input".
bool equal_others(std::string_view a, std::string_view b) {
  size_t without_case = a.find(':') + 1;
  if (equal_ignoring_case(a.substr(0, without_case), "urn:")) {
    const std::string_view name = a.substr(without_case, a.find(':', without_case) - without_case);
    without_case = equal_ignoring_case(name, "uuid") ? a.size() : std::min(a.size(), without_case + name.size());
  }
  return a.size() == b.size() && equal_ignoring_case(a.substr(0, without_case), b.substr(0, without_case)) &&
         a.substr(without_case) == b.substr(without_case);
}

}  // namespace

bool equal_uris(const Uri& a, const Uri& b) {
  // RFC 3261 §19.1.4: a SIP and a SIPS URI are never equivalent.
  if (a.scheme != b.scheme) return false;
  switch (a.scheme) {
    case UriScheme::kSip:
    case UriScheme::kSips:
    case UriScheme::kPres:
      return equal_sip(a, b);
    case UriScheme::kTel:
      return equal_tel(a, b);
    case UriScheme::kOther:
      break;
  }
  return equal_others(a.text, b.text);
}

bool are_equal_uris(std::string_view a, std::string_view b) {
  if (a == b) return true;
  Uri left, right;
  return parse_uri(a, left) == ParseError::kOk && parse_uri(b, right) == ParseError::kOk && equal_uris(left, right);
}

}  // namespace vedette::parsers
