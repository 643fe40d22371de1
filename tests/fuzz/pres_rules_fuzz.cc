// Any bytes as a rule document, and as a compiled rule set that a store gave back: the laws of
// tests/support/pres_rules_laws.h hold, whatever they say. What is accepted is well-formed in the eyes of libxml2,
// too. One input, no state.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/guarded_bytes.h"
#include "tests/support/libxml.h"
#include "tests/support/pres_rules_laws.h"

namespace {

using namespace vedette;

void expect_lawful(std::string_view document) {
  std::string broken = support::broken_rules_law(document);
  static std::vector<char> out(parsers::kRuleSetBytesMax);
  const parsers::RulesReport report = parsers::compile_rules(document, out);
  if (broken.empty() && report.error == parsers::RulesError::kOk && !support::libxml_takes(document)) {
    broken = "libxml2 refuses it";
  }
  if (broken.empty()) broken = support::broken_evaluation_law(document);
  if (broken.empty()) return;
  std::fprintf(stderr, "%s\n", broken.c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t length) {
  constexpr size_t kInputBytesMax = 20'000;
  static vedette::support::GuardedBytes guarded(kInputBytesMax);
  if (length > kInputBytesMax) return 0;
  const std::string_view document(reinterpret_cast<const char*>(bytes), length);
  expect_lawful(guarded.copy(document));
  expect_lawful(guarded.copy_to_front(document));
  return 0;
}
