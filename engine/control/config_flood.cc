// [flood]: what one source and one user may send, and what happens when there is too much of all. Control thread, at
// start only.
#include <string>

#include "engine/admission/prefix_verdicts.h"
#include "engine/control/config_reader.h"

namespace vedette::control {
namespace {

using engine::Limits;

struct FloodKey {
  std::string_view name;
  uint32_t Limits::*field;
  IntegerRange range;
};

constexpr IntegerRange kRate{0, 10'000'000};
constexpr IntegerRange kBurst{1, 10'000'000};
constexpr IntegerRange kRecords{4, 16'777'216};
constexpr size_t kTrustedMax = 64;

constexpr FloodKey kFloodKeys[] = {
    {"sources_max", &Limits::sources_max, kRecords},
    {"source_prefix_v4", &Limits::source_prefix_v4, {8, 32}},
    {"source_prefix_v6", &Limits::source_prefix_v6, {16, 64}},
    {"source_requests_per_second", &Limits::source_requests_per_second, kRate},
    {"source_requests_burst", &Limits::source_requests_burst, kBurst},
    {"source_responses_per_second", &Limits::source_responses_per_second, kRate},
    {"source_responses_burst", &Limits::source_responses_burst, kBurst},
    {"active_users_max", &Limits::active_users_max, kRecords},
    {"user_requests_per_second", &Limits::user_requests_per_second, kRate},
    {"user_requests_burst", &Limits::user_requests_burst, kBurst},
    {"stranger_requests_per_second", &Limits::stranger_requests_per_second, kRate},
    {"prefix_v4", &Limits::prefix_v4, {8, 32}},
    {"prefix_v6", &Limits::prefix_v6, {16, 64}},
    {"overload_delay_ms", &Limits::overload_delay_ms, {1, 10'000}},
    {"overload_answers_per_second", &Limits::overload_answers_per_second, kRate},
};

void read_trusted(TableReader& table, engine::EngineConfig& out) {
  std::vector<std::string> texts;
  if (!table.read_texts("trusted", texts)) return;
  if (texts.size() > kTrustedMax) {
    return table.add("trusted", "has more than " + std::to_string(kTrustedMax) + " prefixes; give wider ones");
  }
  for (const std::string& text : texts) {
    engine::AddressPrefix prefix;
    if (engine::AddressPrefix::parse(text, prefix)) {
      out.trusted_sources.push_back(prefix);
    } else {
      table.add("trusted", "holds \"" + text + R"(", which is no prefix; )" +
                               R"(give it as in "192.0.2.0/24" or "2001:db8::1")");
    }
  }
}

}  // namespace

void read_flood(TableReader& top, Config& out) {
  std::optional<TableReader> table = top.read_table("flood");
  if (!table) return;
  for (const FloodKey& key : kFloodKeys) table->read_number(key.name, out.engine.limits.*key.field, key.range);
  FloodPolicy& networks = out.control.floods;
  table->read_number("prefix_strangers_per_second", networks.strangers_per_second, kRate);
  table->read_number("prefix_limited_per_second", networks.limited_per_second, kRate);
  table->read_number("verdict_seconds", networks.verdict_seconds, {1, 86'400});
  table->read_number("port_rules_max", networks.port_rules_max, {0, engine::PrefixVerdicts::kMax});
  read_trusted(*table, out.engine);
  table->finish();
}

}  // namespace vedette::control
