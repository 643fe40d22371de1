// See tables.h.
#include "tools/ctl/tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace vedette::tools {
namespace {

using Json = nlohmann::ordered_json;

struct Column {
  std::string_view title;
  std::string_view member;
};

// What clients wrote is shown, never obeyed: no control character reaches the terminal.
std::string printable(const Json& value) {
  if (!value.is_string()) return value.is_null() ? "" : value.dump();
  std::string text = value.get<std::string>();
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
  }
  return text;
}

std::string member_of(const Json& object, std::string_view name) {
  const auto at = object.find(name);
  return at == object.end() ? "" : printable(*at);
}

std::string table_of(const Json& rows, const std::vector<Column>& columns) {
  std::vector<size_t> widths;
  for (const Column& column : columns) {
    size_t width = column.title.size();
    for (const Json& row : rows) width = std::max(width, member_of(row, column.member).size());
    widths.push_back(width);
  }
  const auto line = [&](auto&& text_of) {
    std::string out;
    for (size_t i = 0; i < columns.size(); ++i) {
      out += fmt::format("{}{:<{}}", i == 0 ? "" : "  ", text_of(columns[i]), widths[i]);
    }
    out.erase(out.find_last_not_of(' ') + 1);
    return out + "\n";
  };
  std::string out = line([](const Column& column) { return std::string(column.title); });
  for (const Json& row : rows) {
    out += line([&](const Column& column) { return member_of(row, column.member); });
  }
  return out;
}

std::string duration_in_words(int64_t seconds) {
  if (seconds >= 86'400) return fmt::format("{} d {} h", seconds / 86'400, seconds % 86'400 / 3'600);
  if (seconds >= 3'600) return fmt::format("{} h {} min", seconds / 3'600, seconds % 3'600 / 60);
  if (seconds >= 60) return fmt::format("{} min {} s", seconds / 60, seconds % 60);
  return fmt::format("{} s", seconds);
}

// "2026-11-23T09:40:00Z".
std::string time_in_words(int64_t unix_seconds) {
  std::tm parts{};
  gmtime_r(&unix_seconds, &parts);
  std::array<char, 40> text;
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

std::string bytes_in_words(uint64_t bytes) {
  if (bytes >= uint64_t{1} << 30) return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / (1 << 30));
  if (bytes >= uint64_t{1} << 20) return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1 << 20));
  return fmt::format("{:.1f} KiB", static_cast<double>(bytes) / 1024);
}

// An answer in which a shard had no part is not the whole truth.
std::string warning_of(const Json& result, const char* member) {
  const Json silent = result.value(member, Json::array());
  if (silent.empty()) return "";
  return fmt::format(
      "Not all: shards {} did not answer in time. Are they overloaded? See vedettectl shards.\n",
      silent.dump());
}

}  // namespace

std::string status_in_words(const Json& result) {
  std::string out =
      fmt::format("vedette {}, process {}, up {}{}\n", member_of(result, "version"), member_of(result, "pid"),
                  duration_in_words(result.value("uptime_seconds", int64_t{0})),
                  result.value("stopping", false) ? ", STOPPING" : "");
  out += fmt::format("{} workers, {} of memory reserved, {} in documents\n", member_of(result, "workers"),
                     bytes_in_words(result.value("memory_bytes", uint64_t{0})),
                     bytes_in_words(result.value("document_bytes", uint64_t{0})));
  out += fmt::format("{} presentities, {} subscriptions, {} publications, {} bindings, {} waiting watchers\n",
                     member_of(result, "presentities"), member_of(result, "subscriptions"),
                     member_of(result, "publications"), member_of(result, "bindings"),
                     member_of(result, "waiting_watchers"));
  out += fmt::format("{} rule sets ({}), {} views, {} with hard state ({})\n", member_of(result, "rule_sets"),
                     bytes_in_words(result.value("rule_set_bytes", uint64_t{0})), member_of(result, "views"),
                     member_of(result, "hard_states"), bytes_in_words(result.value("hard_state_bytes", uint64_t{0})));
  out += fmt::format("nonce key {}, in use for {}\n\n", member_of(result, "nonce_key"),
                     duration_in_words(result.value("nonce_key_age_seconds", int64_t{0})));
  out += table_of(result.value("ports", Json::array()), {{"PORT", "name"},
                                                         {"DEVICE", "device"},
                                                         {"DRIVER", "driver"},
                                                         {"TAP", "tap_name"},
                                                         {"MAC", "mac"},
                                                         {"MTU", "mtu"},
                                                         {"QUEUES", "rx_queues"},
                                                         {"IN", "frames_in"},
                                                         {"OUT", "frames_out"},
                                                         {"MISSED", "missed"}});
  const Json proofs = result.value("proved_connections", Json::array());
  if (!proofs.empty()) {
    out += "\n" + table_of(proofs, {{"CONNECTION", "connection"},
                                   {"ADDRESS", "address"},
                                   {"PEER", "peer"},
                                   {"PROVED", "domains"},
                                   {"OPENED BY US", "opened_by_us"},
                                   {"ALIAS", "alias"}});
  }
  return out + warning_of(result, "workers_silent");
}

std::string counters_in_words(const Json& result, bool all) {
  std::string out;
  for (const char* part : {"engine", "dataplane", "connections", "identities"}) {
    out += fmt::format("{}{}\n", out.empty() ? "" : "\n", part);
    const Json counters = result.value(part, Json::object());
    for (const auto& [name, value] : counters.items()) {
      if (all || value != 0) out += fmt::format("  {:<40} {:>16}\n", name, printable(value));
    }
  }
  return out + warning_of(result, "shards_silent");
}

std::string floods_in_words(const Json& result) {
  const std::vector<Column> columns = {{"NETWORK", "prefix"}, {"DATAGRAMS/S", "datagrams_per_second"}};
  std::vector<Column> limited = columns;
  limited.push_back({"LIMIT/S", "limit_per_second"});
  limited.push_back({"SECONDS LEFT", "seconds_left"});
  limited.push_back({"PORTS THAT DROP IT", "dropped_by_ports"});
  const Json verdicts = result.value("verdicts", Json::array());
  const Json drops = result.value("port_drops", Json::object());
  return fmt::format("Strangers, in the last second\n{}\nLimited now: {}, since start: {}\n{}\n"
                     "Dropped by ports now: {}; rules since start: {}, refused by a port: {}\n",
                     table_of(result.value("networks", Json::array()), columns), verdicts.size(),
                     member_of(result, "verdicts_made"), table_of(verdicts, limited), drops.value("networks", 0),
                     drops.value("installed", 0), drops.value("refused", 0));
}

std::string shards_in_words(const Json& result) {
  Json rows = result.value("shards", Json::array());
  for (Json& row : rows) {
    const Json fates = row.value("dataplane", Json::object());
    for (const char* fate : {"rx_frames", "tx_frames", "handed_off", "handed_in"}) {
      row[fate] = fates.value(fate, Json());
    }
    row["state"] = row.value("quiescing", 0) == 0 ? "serving" : "stopping";
  }
  return table_of(rows, {{"SHARD", "shard"},
                         {"STATE", "state"},
                         {"PRESENTITIES", "presentities"},
                         {"SUBSCRIPTIONS", "subscriptions"},
                         {"PUBLICATIONS", "publications"},
                         {"BINDINGS", "bindings"},
                         {"RULE SETS", "rule_sets"},
                         {"DOCUMENT BYTES", "document_bytes"},
                         {"FRAMES IN", "rx_frames"},
                         {"FRAMES OUT", "tx_frames"},
                         {"HANDED OFF", "handed_off"},
                         {"HANDED IN", "handed_in"}}) +
         warning_of(result, "shards_silent");
}

std::string watchers_in_words(const Json& result) {
  const Json watchers = result.value("watchers", Json::array());
  const std::string aor = member_of(result, "aor");
  const std::string warning = warning_of(result, "shards_silent");
  if (watchers.empty())
    return (aor.empty() ? "Nobody watches anybody.\n" : "Nobody watches " + aor + ".\n") + warning;
  std::string out = table_of(watchers, {{"PRESENTITY", "presentity"},
                                        {"WATCHER", "watcher"},
                                        {"STATE", "state"},
                                        {"DECIDED BY", "decided_by"},
                                        {"VIEW", "view"},
                                        {"EXPIRES IN", "expires_in"},
                                        {"CONTACT", "contact"},
                                        {"ADDRESS", "address"},
                                        {"CSEQ", "cseq"},
                                        {"IN FLIGHT", "in_flight"},
                                        {"SHARD", "shard"},
                                        {"CALL-ID", "call_id"}});
  const uint64_t total = result.value("watchers_total", uint64_t{0});
  if (total > watchers.size()) {
    out += fmt::format("and {} more: [admin] rows_max of the configuration is {}\n", total - watchers.size(),
                       watchers.size());
  }
  return out + warning;
}

std::string subscriptions_in_words(const Json& result) {
  const Json watchers = result.value("watchers", Json::array());
  if (watchers.empty()) return watchers_in_words(result);
  std::string out;
  for (const Json& row : watchers) {
    const auto value = [&](const char* name) { return member_of(row, name); };
    const auto or_none = [&](const char* name) { return value(name).empty() ? std::string("-") : value(name); };
    out += fmt::format("{}{} watches {} ({}): {}, for another {}\n", out.empty() ? "" : "\n", value("watcher"),
                       value("presentity"), value("event"), value("state"),
                       duration_in_words(row.value("expires_in", int64_t{0})));
    out += fmt::format("  decided by  {}; view {}\n", value("decided_by"), or_none("view"));
    out += fmt::format("  shown       version {}, {} documents, entity-tag {}, filter {}\n", value("version"),
                       value("document"), or_none("etag"), or_none("filter"));
    out += fmt::format("  pace        changes at least {} s apart, the next in {}; rates asked for: {}\n",
                       static_cast<double>(row.value("pace_ms", int64_t{0})) / 1000,
                       duration_in_words(row.value("next_in", int64_t{0})), or_none("rates"));
    out += fmt::format("  waits for   {}\n", value("waits_for"));
    out += fmt::format("  dialog      {} at {}, CSeq {}, shard {}, Call-ID {}\n", value("contact"), value("address"),
                       value("cseq"), value("shard"), value("call_id"));
  }
  const uint64_t total = result.value("watchers_total", uint64_t{0});
  if (total > watchers.size()) out += fmt::format("\nand {} more\n", total - watchers.size());
  return out + warning_of(result, "shards_silent");
}

std::string ended_in_words(const Json& result) {
  if (result.value("watchers", Json::array()).empty()) return watchers_in_words(result);
  return "Ended as " + member_of(result, "reason") + ":\n" + watchers_in_words(result);
}

std::string users_in_words(const Json& result) {
  std::string out = fmt::format("{} users were read and are in force.\n", member_of(result, "users"));
  for (const Json& shard : result.value("shards_silent", Json::array())) {
    out += fmt::format("Shard {} has not answered: it takes them when it does.\n", shard.dump());
  }
  return out;
}

std::string rules_in_words(const Json& result) {
  const std::string aor = member_of(result, "aor");
  if (result.value("bytes", uint64_t{0}) == 0) {
    return "There are no rules for " + aor + ": its domain's watch_policy says who may watch.\n";
  }
  std::string out = fmt::format("{} rules for {} on shard {}, since {}: {}\n", member_of(result, "rules"), aor,
                                member_of(result, "shard"), time_in_words(result.value("loaded_at", int64_t{0})),
                                member_of(result, "names"));
  out += fmt::format("{} compiled, from a document of {}\n", bytes_in_words(result.value("bytes", uint64_t{0})),
                     bytes_in_words(result.value("document_bytes", uint64_t{0})));
  const Json valid_until = result.value("valid_until", Json());
  if (valid_until.is_number()) {
    out += "A period of validity begins or ends at " + time_in_words(valid_until.get<int64_t>()) + ".\n";
  }
  const uint64_t never = result.value("rules_that_never_match", uint64_t{0});
  if (never > 0) {
    out += fmt::format("{} more can never match: they have a condition that vedette does not know.\n", never);
  }
  const Json views = result.value("views", Json::array());
  if (views.empty()) return out + "\nNobody watches.\n";
  return out + "\n" + table_of(views, {{"VIEW", "view"},
                                      {"HANDLING", "handling"},
                                      {"SHOWS", "shows"},
                                      {"WATCHERS", "watchers"},
                                      {"BYTES", "bytes"}});
}

std::string presence_in_words(const Json& result) {
  const std::string aor = member_of(result, "aor");
  if (result.value("is_set", 0) == 0) return "There is no hard state of " + aor + ".\n";
  const Json expires_in = result.value("expires_in", Json());
  std::string out = fmt::format("Hard state of {} on shard {}, {}, {}; watched by {}\n", aor,
                                member_of(result, "shard"), bytes_in_words(result.value("bytes", uint64_t{0})),
                                expires_in.is_number() ? "for " + duration_in_words(expires_in.get<int64_t>())
                                                       : "until it is removed",
                                member_of(result, "watchers"));
  const uint64_t left_out = result.value("parts_left_out", uint64_t{0});
  if (left_out > 0) out += fmt::format("{} parts were left out: the schemas do not allow them there.\n", left_out);
  return out + "\n" + table_of(result.value("elements", Json::array()),
                               {{"ELEMENT", "element"}, {"ID", "id"}, {"STATUS", "basic"}, {"BYTES", "bytes"}});
}

std::string presentity_in_words(const Json& result) {
  const std::string warning = warning_of(result, "shards_silent");
  const Json presentities = result.value("presentities", Json::array());
  const std::string aor = member_of(result, "aor");
  if (presentities.empty())
    return "Nothing is known of " + aor + ": nobody watches it, it has published nothing.\n" + warning;
  std::string out = fmt::format("{} on shard {}\n\n", aor, member_of(presentities.front(), "shard"));
  out += table_of(presentities, {{"EVENT", "event"},
                                 {"VERSION", "version"},
                                 {"SUBSCRIPTIONS", "subscriptions"},
                                 {"PUBLICATIONS", "publications"},
                                 {"BINDINGS", "bindings"}});
  const Json publications = result.value("publications", Json::array());
  out += publications.empty() ? "\nNo publications.\n"
                              : "\n" + table_of(publications, {{"EVENT", "event"},
                                                               {"PUBLICATION", "etag"},
                                                               {"EXPIRES IN", "expires_in"},
                                                               {"BYTES", "bytes"},
                                                               {"FRAGMENTS", "fragments"}});
  const Json bindings = result.value("bindings", Json::array());
  out += bindings.empty() ? "\nNo bindings.\n"
                          : "\n" + table_of(bindings, {{"BINDING", "contact"},
                                                       {"EXPIRES IN", "expires_in"},
                                                       {"ADDRESS", "address"},
                                                       {"Q", "q"},
                                                       {"INSTANCE", "instance"}});
  return out + warning;
}

}  // namespace vedette::tools
