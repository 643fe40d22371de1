// Any bytes as an event notification filter: what is compiled fits, is the same again, and leaves of a document
// something well-formed that it would leave again. And any bytes as a compiled filter, and as the document: whatever
// comes of it, nothing else is read. One input, no state.
#include "parsers/event_filter.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "parsers/pidf.h"
#include "tests/support/guarded_bytes.h"
#include "tests/support/libxml.h"
#include "tests/support/pidf_corpus.h"

namespace {

using namespace vedette;

constexpr parsers::FilterContext kContext = {.package = "presence", .aor = "alice@example.com"};

[[noreturn]] void broken(const char* law) {
  std::fprintf(stderr, "%s\n", law);
  std::abort();
}

// What a filter leaves of a document; empty when that is refused.
std::string filtered(std::string_view filter, std::string_view document) {
  std::string out(document.size(), '\0');
  parsers::Writer writer(out.data(), out.size());
  if (!parsers::apply_event_filter(filter, document, writer)) return {};
  return std::string(writer.text());
}

void expect_lawful(std::string_view body) {
  std::array<char, parsers::kFilterBytesMax> out;
  const parsers::FilterReport report = parsers::compile_event_filter(body, kContext, out);
  if (report.length > out.size()) broken("longer than its output");
  if (report.length == 0) return;
  if (!support::libxml_takes(body)) broken("libxml2 refuses it");
  const std::string_view filter(out.data(), report.length);
  for (const std::string_view document : support::kPidfCorpus) {
    const std::string once = filtered(filter, document);
    if (once.empty()) broken("a document is refused");
    if (!support::libxml_takes(once)) broken("libxml2 refuses what is left");
    if (filtered(filter, once) != once) broken("not a fixed point");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t length) {
  constexpr size_t kInputBytesMax = 20'000;
  static support::GuardedBytes guarded(kInputBytesMax);
  const std::string_view input(reinterpret_cast<const char*>(bytes), length);
  if (input.size() > kInputBytesMax) return 0;
  expect_lawful(guarded.copy(input));
  expect_lawful(guarded.copy_to_front(input));
  filtered(guarded.copy(input), support::kRpidBody);
  constexpr std::string_view kEveryNote("\0\1\0\1\1\xff\4note", 10);
  filtered(kEveryNote, guarded.copy(input));
  return 0;
}
