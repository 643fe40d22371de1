// Up to three URIs, one a line. Each is equal to itself and to itself written anew, comparing is symmetric, equal ones
// have one canonical AOR, and a canonical AOR is canonical and needs no more room than it says. One input, no state.
#include <array>
#include <cstdint>
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
