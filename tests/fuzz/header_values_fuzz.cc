// Any bytes as the value of a header field: the first byte chooses the parser by its letter (tests/support/value_laws),
// the others are the value. It ends at an unreadable page, and then begins behind one. One input, no state.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tests/support/guarded_bytes.h"
#include "tests/support/value_laws.h"

namespace {

using namespace vedette::support;

constexpr size_t kValueBytesMax = 20'000;

const ValueParser& chosen_by(uint8_t byte) {
  const auto parsers = value_parsers();
  for (const ValueParser& parser : parsers) {
    if (parser.letter == static_cast<char>(byte)) return parser;
  }
  return parsers[byte % parsers.size()];
}

void expect_lawful(const ValueParser& parser, std::string_view value) {
  const std::string broken = broken_value_law(parser, value);
  if (broken.empty()) return;
  std::fprintf(stderr, "%.*s %s\n", static_cast<int>(parser.name.size()), parser.name.data(), broken.c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t length) {
  static GuardedBytes guarded(kValueBytesMax);
  if (length == 0 || length > kValueBytesMax) return 0;
  const ValueParser& parser = chosen_by(bytes[0]);
  const std::string_view value(reinterpret_cast<const char*>(bytes) + 1, length - 1);
  expect_lawful(parser, guarded.copy(value));
  expect_lawful(parser, guarded.copy_to_front(value));
  return 0;
}
