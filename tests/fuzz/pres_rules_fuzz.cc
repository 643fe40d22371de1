// Any bytes as a rule document, and as a compiled rule set that a store gave back: the laws of
// tests/support/pres_rules_laws.h hold, whatever they say. What is accepted is well-formed in the eyes of libxml2,
// too. One input, no state.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/body_fuzz.h"
#include "tests/support/libxml.h"
#include "tests/support/pres_rules_laws.h"

namespace {

using namespace vedette;

std::string broken_law(std::string_view document) {
  const std::string broken = support::broken_rules_law(document);
  if (!broken.empty()) return broken;
  static std::vector<char> out(parsers::kRuleSetBytesMax);
  const parsers::RulesReport report = parsers::compile_rules(document, out);
  if (report.error == parsers::RulesError::kOk && !support::libxml_takes(document)) return "libxml2 refuses it";
  return support::broken_evaluation_law(document);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t length) {
  vedette::support::expect_lawful({reinterpret_cast<const char*>(bytes), length}, broken_law);
  return 0;
}
