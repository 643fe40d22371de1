// Any bytes as what two devices publish, one after the other, split at the first NUL (without one, both say the same):
// the laws of tests/support/pidf_diff_laws.h hold from each document to the next. And any bytes as two documents that
// nobody composed: whatever is made of them, nothing else is read. One input, no state.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/pidf.h"
#include "tests/support/composed_presentity.h"
#include "tests/support/guarded_bytes.h"
#include "tests/support/pidf_diff_laws.h"

namespace {

using namespace vedette;

void expect_lawful(std::string_view before, std::string_view after) {
  const std::string broken = support::broken_pidf_diff_law(before, after);
  if (broken.empty()) return;
  std::fprintf(stderr, "%s\n", broken.c_str());
  std::abort();
}

void publish_one_after_the_other(std::string_view first, std::string_view second) {
  support::ComposedPresentity alice;
  std::vector<std::string> documents = {alice.compose()};
  for (uint32_t number = 1; number <= 2; ++number) {
    if (!alice.publish(number, number == 1 ? first : second)) continue;
    documents.push_back(alice.compose());
  }
  alice.remove(1);
  documents.push_back(alice.compose());
  for (size_t i = 1; i < documents.size(); ++i) expect_lawful(documents[i - 1], documents[i]);
}

std::string framed(std::string_view elements) {
  std::string document(parsers::kPresenceOpen);
  return document.append(parsers::kPresenceOpenEnd).append(elements).append(parsers::kPresenceClose);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t length) {
  constexpr size_t kInputBytesMax = 20'000;
  static support::GuardedBytes guarded(kInputBytesMax + 1'000);
  const std::string_view input(reinterpret_cast<const char*>(bytes), length);
  if (input.size() > kInputBytesMax) return 0;
  const std::string_view first = input.substr(0, input.find('\0'));
  const std::string_view second = first.size() < input.size() ? input.substr(first.size() + 1) : first;
  publish_one_after_the_other(first, second);
  const std::string before = framed(first);
  const std::string after = framed(second);
  support::pidf_diff_of(guarded.copy(before), after);
  support::pidf_diff_of(before, guarded.copy(after));
  return 0;
}
