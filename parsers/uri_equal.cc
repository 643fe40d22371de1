// Comparison of URIs (RFC 3261 §19.1.4, RFC 3966 §4). Everything is compared in place: escapes are undone
// octet by octet while reading.
#include "parsers/chars.h"
#include "parsers/host.h"
#include "parsers/param.h"
#include "parsers/uri.h"

namespace vedette::parsers {
namespace {

enum class Case : uint8_t { kSensitive, kIgnored };

// RFC 2396 §2.2. An escaped reserved character is not equivalent to the character itself.
constexpr bool is_reserved(unsigned octet) {
  return octet < 0x80 &&
         std::string_view(";/?:@&=+$,").find(static_cast<char>(octet)) != std::string_view::npos;
}

// Reads octets; those that only their escape may stand for come out above 0xff.
class Octets {
 public:
  Octets(std::string_view text, Case letters) : text_(text), letters_(letters) {}

  bool at_end() const { return next_ == text_.size(); }
  unsigned take() {
    const char c = text_[next_++];
    if (c != '%' || text_.size() - next_ < 2) return folded(static_cast<unsigned char>(c));
    const unsigned octet = hex_value(text_[next_]) << 4 | hex_value(text_[next_ + 1]);
    next_ += 2;
    return is_reserved(octet) ? 0x100 | octet : folded(octet);
  }

 private:
  unsigned folded(unsigned octet) const {
    return letters_ == Case::kIgnored && octet >= 'A' && octet <= 'Z' ? octet + ('a' - 'A') : octet;
  }

  std::string_view text_;
  Case letters_;
  size_t next_ = 0;
};

bool equal_escaped(std::string_view a, std::string_view b, Case letters) {
  Octets left(a, letters);
  Octets right(b, letters);
  while (!left.at_end() && !right.at_end()) {
    if (left.take() != right.take()) return false;
  }
  return left.at_end() && right.at_end();
}

bool find_equal_name(std::string_view params, std::string_view name, Param& out) {
  while (next_uri_param(params, out)) {
    if (equal_escaped(out.name, name, Case::kIgnored)) return true;
  }
  return false;
}

bool counts_when_alone(std::string_view name) {
  for (const std::string_view known : {"user", "ttl", "method", "maddr", "transport"}) {
    if (equal_escaped(name, known, Case::kIgnored)) return true;
  }
  return false;
}

// Every parameter of `a` agrees with its namesake in `b`, or may be missing there.
bool params_agree(std::string_view a, std::string_view b) {
  Param mine;
  Param other;
  while (next_uri_param(a, mine)) {
    if (!find_equal_name(b, mine.name, other)) {
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
         params_agree(a.params, b.params) && params_agree(b.params, a.params) &&
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
bool tel_params_within(std::string_view a, std::string_view b) {
  Param mine;
  Param other;
  while (next_uri_param(a, mine)) {
    if (!find_equal_name(b, mine.name, other) || mine.has_value != other.has_value) return false;
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
  return equal_numbers(a.user, b.user) && tel_params_within(a.params, b.params) &&
         tel_params_within(b.params, a.params);
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
  return a.text == b.text;
}

}  // namespace vedette::parsers
