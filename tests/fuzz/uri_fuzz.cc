// Up to three URIs, one a line. Each is equal to itself and to itself written anew, comparing is symmetric, equal ones
// have one canonical AOR, and a canonical AOR is canonical and needs no more room than it says. IPv6 addresses are what
// libc says they are. One input, no state.
#include <arpa/inet.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include "parsers/uri.h"
#include "parsers/writer.h"
#include "tests/support/guarded_bytes.h"
#include "tests/support/value_readings.h"

using namespace vedette::parsers;

namespace {

constexpr size_t kTextBytesMax = 4096;

void expect(bool good) {
  if (!good) std::abort();
}

// None when it has none: no user, another scheme, or too long.
std::optional<std::string> canonical(const Uri& uri) {
  std::array<char, kTextBytesMax> out;
  size_t length = 0;
  if (write_canonical_aor(uri, out.data(), out.size(), length) != ParseError::kOk) return {};
  const std::string aor(out.data(), length);
  // Exactly so much room, and no byte less, is what it needs.
  std::string small(length, '\0');
  expect(write_canonical_aor(uri, small.data(), length, length) == ParseError::kOk && small == aor);
  if (aor.empty()) return aor;
  vedette::support::GuardedBytes guarded(aor.size());
  expect(write_canonical_aor(uri, guarded.last(aor.size() - 1), aor.size() - 1, length) ==
         ParseError::kMessageTooLong);
  return aor;
}

bool has_leading_zero(const std::string& address) {
  for (size_t dot = address.rfind(':'); dot < address.size(); dot = address.find('.', dot + 1)) {
    if (dot + 2 < address.size() && address[dot + 1] == '0' && address[dot + 2] >= '0' && address[dot + 2] <= '9') {
      return true;
    }
  }
  return false;
}

// A reference to an IPv6 address, as libc reads and we write it. RFC 5118 §4.10's third colon and leading zeros in a
// dotted tail are ours alone.
void check_ipv6(const Uri& uri, const std::string& aor) {
  if (!uri.host.starts_with('[')) return;
  std::string text(uri.host.substr(1, uri.host.size() - 2));
  if (text.find('.') != std::string::npos && has_leading_zero(text)) return;
  if (const size_t colons = text.find(":::"); colons != std::string::npos) text.erase(colons, 1);
  std::array<unsigned char, 16> bytes;
  expect(inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1);
  std::string groups;
  for (size_t i = 0; i < bytes.size(); i += 2) {
    std::array<char, 8> group;
    std::snprintf(group.data(), group.size(), "%s%x", i == 0 ? "" : ":", bytes[i] << 8 | bytes[i + 1]);
    groups += group.data();
  }
  expect(aor.ends_with("@[" + groups + "]"));
}

// sip:, sips: and pres: share one canonical form, so reading it back as sip: must change nothing.
void check_alone(const Uri& uri) {
  expect(equal_uris(uri, uri));
  std::array<char, kTextBytesMax> text;
  Writer writer(text.data(), text.size());
  vedette::support::write(uri, writer);
  Uri again;
  if (!writer.overflowed()) {
    expect(parse_uri(writer.text(), again) == ParseError::kOk);
    expect(uri.scheme == UriScheme::kOther || (equal_uris(uri, again) && equal_uris(again, uri)));
  }
  const auto aor = canonical(uri);
  if (!aor) return;
  if (uri.scheme != UriScheme::kTel) check_ipv6(uri, *aor);
  const std::string as_uri = (uri.scheme == UriScheme::kTel ? "tel:" : "sip:") + *aor;
  expect(parse_uri(as_uri, again) == ParseError::kOk);
  const auto aor_again = canonical(again);
  expect(aor_again && *aor_again == *aor);
}

void check_pair(const Uri& a, const Uri& b) {
  const bool equal = equal_uris(a, b);
  expect(equal == equal_uris(b, a));
  if (!equal) return;
  const auto one = canonical(a);
  const auto other = canonical(b);
  expect(one.has_value() == other.has_value() && (!one || *one == *other));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* input, size_t size) {
  static vedette::support::GuardedBytes guarded(kTextBytesMax);
  if (size > kTextBytesMax) return 0;
  std::string_view rest = guarded.copy({reinterpret_cast<const char*>(input), size});
  std::array<Uri, 3> uris;
  size_t count = 0;
  while (count < uris.size() && !rest.empty()) {
    const std::string_view text = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(text.size() < rest.size() ? text.size() + 1 : text.size());
    if (parse_uri(text, uris[count]) != ParseError::kOk) continue;
    check_alone(uris[count++]);
  }
  for (size_t i = 0; i < count; ++i) {
    for (size_t j = 0; j < i; ++j) check_pair(uris[i], uris[j]);
  }
  return 0;
}
