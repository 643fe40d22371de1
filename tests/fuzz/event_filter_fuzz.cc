// Any bytes as an event notification filter: what is compiled fits, is the same again, and leaves of a document
// something well-formed that it would leave again. And any bytes as a compiled filter, and as the document: whatever
// comes of it, nothing else is read. One input, no state.
#include "parsers/event_filter.h"
#include "parsers/event_filter_trigger.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "parsers/pidf.h"
#include "tests/support/body_fuzz.h"
#include "tests/support/libxml.h"
#include "tests/support/pidf_corpus.h"

namespace {

using namespace vedette;

constexpr parsers::FilterContext kContext = {.package = "presence", .aor = "alice@example.com"};

// What a filter leaves of a document; empty when that is refused.
std::string filtered(std::string_view filter, std::string_view document) {
  std::string out(document.size(), '\0');
  parsers::Writer writer(out.data(), out.size());
  if (!parsers::apply_event_filter(filter, document, writer)) return {};
  return std::string(writer.text());
}

std::string broken_law(std::string_view body) {
  std::array<char, parsers::kFilterBytesMax> out;
  const parsers::FilterReport report = parsers::compile_event_filter(body, kContext, out);
  if (report.length > out.size()) return "longer than its output";
  const std::string_view filter(out.data(), report.length);
  if (!filter.empty() && !support::libxml_takes(body)) return "libxml2 refuses it";
  for (const std::string_view document : support::kPidfCorpus) {
    if (filter.empty()) break;
    const std::string once = filtered(filter, document);
    if (once.empty()) return "a document is refused";
    if (!support::libxml_takes(once)) return "libxml2 refuses what is left";
    // What a condition asks for may have been left out.
    if (!report.has_conditions && filtered(filter, once) != once) return "not a fixed point";
    // What has not changed fires nothing, or has more parts than are looked at.
    const bool fires = parsers::has_triggers(filter) && parsers::event_filter_fires(filter, document, document);
    if (fires && document.size() < 2'000) return "it fires";
  }
  // The same bytes as a compiled filter, and as the document.
  filtered(body, support::kRpidBody);
  parsers::event_filter_fires(body, support::kRpidBody, support::kPidfCorpus[0]);
  constexpr std::string_view kEveryNote("\1\1i\0\1\0\1\1\xff\4note\0\1\1\1\xff\4note\0\0\0\0\0", 29);
  filtered(kEveryNote, body);
  parsers::event_filter_fires(kEveryNote, support::kRpidBody, body);
  return {};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t length) {
  vedette::support::expect_lawful({reinterpret_cast<const char*>(bytes), length}, broken_law);
  return 0;
}
