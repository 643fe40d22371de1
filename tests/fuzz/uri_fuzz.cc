// Two URIs, one a line. Each is equal to itself, comparing is symmetric, and a canonical AOR is canonical.
// Single-threaded.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "parsers/uri.h"

using namespace vedette::parsers;

namespace {

// sip:, sips: and pres: share one canonical form, so reading it back as sip: must change nothing; a URI that
// is too long for the buffer has none.
void check_canonical(const Uri& uri) {
  std::array<char, 4096> first;
  std::array<char, 4096> second;
  size_t length = 0;
  if (write_canonical_aor(uri, first.data(), first.size(), length) != ParseError::kOk) return;
  const std::string text =
      (uri.scheme == UriScheme::kTel ? "tel:" : "sip:") + std::string(first.data(), length);
  Uri again;
  if (parse_uri(text, again) != ParseError::kOk) std::abort();
  size_t again_length = 0;
  if (write_canonical_aor(again, second.data(), second.size(), again_length) != ParseError::kOk) std::abort();
  if (std::string_view(first.data(), length) != std::string_view(second.data(), again_length)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* input, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(input), size);
  const size_t line = text.find('\n');
  Uri a;
  Uri b;
  const bool has_a = parse_uri(text.substr(0, line), a) == ParseError::kOk;
  if (has_a) {
    if (!equal_uris(a, a)) std::abort();
    check_canonical(a);
  }
  if (line == std::string_view::npos || parse_uri(text.substr(line + 1), b) != ParseError::kOk || !has_a)
    return 0;
  if (equal_uris(a, b) != equal_uris(b, a)) std::abort();
  return 0;
}
