// See shard_row.h. Control thread only.
#include "engine/control/shard_row.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace vedette::control {
namespace {

using Json = nlohmann::ordered_json;

// Columns whose values are numbers; all others are texts, even when they look like numbers (a Call-ID may).
constexpr std::array<std::string_view, 32> kNumberColumns = {
    "expires_in", "cseq",  "in_flight", "version",      "publications", "bindings",       "subscriptions",
    "bytes",      "value", "fragments", "presentities", "shard",        "document_bytes", "quiescing",
    "rule_sets",  "rule_set_bytes", "views", "loaded_at", "valid_until", "rules", "watchers", "view",
    "hard_states", "hard_state_bytes", "is_set", "filter", "pace_ms", "next_in", "waiting_watchers",
    "datagrams", "over_ms", "sources"};

std::string_view take_value(std::string_view& rest) {
  const size_t tab = rest.find('\t');
  const std::string_view value = rest.substr(0, tab);
  rest.remove_prefix(tab == std::string_view::npos ? rest.size() : tab + 1);
  return value;
}

Json value_of(std::string_view column, std::string_view text) {
  if (std::find(kNumberColumns.begin(), kNumberColumns.end(), column) != kNumberColumns.end()) {
    int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size()) return number;
  }
  return std::string(text);
}

}  // namespace

Json object_of(const ShardRow& row) {
  Json object = Json::object();
  std::string_view columns = engine::control_columns(row.kind);
  std::string_view values = row.text;
  while (!columns.empty()) {
    const std::string_view column = take_value(columns);
    object[std::string(column)] = value_of(column, take_value(values));
  }
  return object;
}

int64_t number_in(const ShardRow& row, std::string_view column) {
  const Json object = object_of(row);
  const auto at = object.find(column);
  return at != object.end() && at->is_number() ? at->get<int64_t>() : 0;
}

}  // namespace vedette::control
