// See admin_commands.h. Control thread only.
#include "engine/control/admin_commands.h"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/control/admin_answer.h"
#include "engine/control/aor.h"
#include "engine/control/hard_state_document.h"
#include "engine/control/rule_document.h"
#include "engine/counters.h"
#include "engine/reason.h"
#include "parsers/number.h"

namespace vedette::control {
namespace {

using engine::ControlMessage;
using engine::ControlReplyHeader;
using Json = nlohmann::ordered_json;
using Kind = ControlMessage::Kind;
using RowKind = ControlReplyHeader::Kind;

Json objects_of(const ShardAnswer& answer, RowKind kind) {
  Json objects = Json::array();
  for (const ShardRow& row : answer.rows) {
    if (row.kind == kind) objects.push_back(object_of(row));
  }
  return objects;
}

void add_to(Json& sums, const std::string& name, const Json& value) {
  if (!value.is_number()) return;
  sums[name] = sums.value(name, int64_t{0}) + value.get<int64_t>();
}

// What all shards have together; zeros where none has answered.
Json summed(const ShardAnswer& answer) {
  Json sums = object_of(ShardRow{.kind = RowKind::kSummary});
  for (auto& [name, sum] : sums.items()) sum = 0;
  for (const Json& shard : objects_of(answer, RowKind::kSummary)) {
    for (const auto& [name, value] : shard.items()) add_to(sums, name, value);
  }
  for (const char* of_one : {"shard", "quiescing"}) sums.erase(of_one);
  return sums;
}

// Every counter there is, at 0: what has never happened is listed, too.
Json all_counters() {
  Json counters = Json::object();
  for (size_t i = 0; i < static_cast<size_t>(engine::Counter::kCount); ++i) {
    counters[std::string(engine::to_string(static_cast<engine::Counter>(i)))] = 0;
  }
  for (size_t i = 1; i < static_cast<size_t>(engine::Reason::kCount); ++i) {
    counters["refused_" + std::string(engine::entry_of(static_cast<engine::Reason>(i)).name)] = 0;
  }
  return counters;
}

Json json_of(const dataplane::FateCounts& counts) {
  Json fates = Json::object();
  for (size_t i = 0; i < counts.size(); ++i) {
    fates[std::string(dataplane::to_string(static_cast<dataplane::Fate>(i)))] = counts[i];
  }
  return fates;
}

Json json_of(const dataplane::PortStatus& port) {
  return {{"name", port.name},
          {"device", port.device},
          {"driver", port.driver},
          {"tap_name", port.tap_name},
          {"mac", port.mac},
          {"mtu", port.mtu},
          {"rx_queues", port.rx_queues},
          {"tx_queues", port.tx_queues},
          {"checksums_by_hardware", port.checksums_by_hardware},
          {"frames_in", port.frames_in},
          {"frames_out", port.frames_out},
          {"missed", port.missed},
          {"errors_in", port.errors_in},
          {"errors_out", port.errors_out}};
}

// Why a shard did not take rules or hard state.
std::string refusal_in_words(const std::string& what, const std::string& refused) {
  const std::map<std::string, std::string> all = {
      {"body_too_long", "the document is too long; write less, or raise [limits] publication_body_bytes_max"},
      {"document_too_long", "with what is published it does not fit a NOTIFY; write less, or raise [limits] "
                            "datagram_bytes_max"},
      {"hard_states_full", "there is as much as [limits] hard_states_max and hard_states_bytes_max allow; raise them"},
      {"rule_set_too_long", "they are longer than [limits] rule_set_bytes_max; write fewer, or raise it"},
      {"rule_sets_full", "there are as many rules as [limits] rule_sets_max and rule_sets_bytes_max allow; raise them"},
      {"presentities_full", "there are as many presentities as [limits] presentities_max allows; raise it"},
      {"not_local_domain", "that domain is not served here; add [[domain]], or give an address of one that is"},
      {"documents_full", "there is no room left in [limits] document_bytes_max; raise it"}};
  const auto found = all.find(refused);
  return what + " not taken, and nothing has changed: " +
         (found == all.end() ? refused : found->second);
}

// How long hard state holds; nothing said: until it is removed.
std::string read_lifetime(const std::string& text, uint32_t& seconds) {
  constexpr uint64_t kSecondsMax = uint64_t{10} * 366 * 86'400;
  uint64_t number = 0;
  if (text.empty()) return "";
  if (parsers::parse_uint(text, kSecondsMax, number) != parsers::ParseError::kOk || number == 0) {
    return "\"" + text + "\" is no time that it can hold for; give seconds from 1 to " + std::to_string(kSecondsMax) +
           ", or nothing: until it is removed";
  }
  seconds = static_cast<uint32_t>(number);
  return "";
}

template <typename Counter, typename Counters>
Json json_of_counters(const Counters& counters) {
  Json out = Json::object();
  for (size_t i = 0; i < counters.values.size(); ++i) {
    out[std::string(to_string(static_cast<Counter>(i)))] = counters.values[i];
  }
  return out;
}

}  // namespace

AdminCommands::AdminCommands(Workers& workers, ShardQueries& queries, size_t rows_max, Facts facts,
                             Reload reload)
    : workers_(workers),
      queries_(queries),
      partitions_(engine::PartitionMap::spread_evenly(workers.count())),
      rows_max_(rows_max),
      facts_(std::move(facts)),
      reload_(std::move(reload)) {}

struct AdminCommands::Request {
  std::string command, aor, reason, action, document, lifetime;
};

void AdminCommands::on_request(SteadyTime now, std::string_view line, Respond respond) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return respond(error_line("this is not a JSON object; ask with vedettectl"));
  Request request;
  const std::map<std::string, std::string*> known = {{"command", &request.command},
                                                     {"aor", &request.aor},
                                                     {"reason", &request.reason},
                                                     {"action", &request.action},
                                                     {"document", &request.document},
                                                     {"for", &request.lifetime}};
  for (const auto& [name, value] : json.items()) {
    const auto member = known.find(name);
    if (member == known.end() || !value.is_string()) {
      return respond(error_line("\"" + name + R"(" is not understood; give "command", "aor", "reason", "action", )"
                                R"("document" and "for" as texts)"));
    }
    *member->second = value.get<std::string>();
  }
  if (const std::string trouble = trouble_of(request); !trouble.empty()) return respond(error_line(trouble));
  const std::string& command = request.command;
  std::string aor;
  if (command == "presentity" || command == "end" || command == "rules" || command == "presence" ||
      !request.aor.empty()) {
    const std::optional<std::string> canonical = canonical_aor(request.aor);
    if (!canonical) {
      return respond(
          error_line("\"" + request.aor + "\" is no address of record; give it as in alice@example.com"));
    }
    aor = request.aor = *canonical;
  }
  if (command == "status") return status(now, std::move(respond));
  if (command == "counters") return counters(now, std::move(respond));
  if (command == "floods") return respond(result_line(facts_.floods()));
  if (command == "shards") return shards(now, std::move(respond));
  if (command == "watchers") return watchers(now, aor, std::move(respond));
  if (command == "presentity") return presentity(now, aor, std::move(respond));
  if (command == "end") return end(now, aor, request.reason, std::move(respond));
  if (command == "rules") return rules(now, request, std::move(respond));
  if (command == "presence") return presence(now, request, std::move(respond));
  if (command == "users") return users(request, respond);
  respond(error_line("command \"" + command +
                     "\" is not known; there are status, counters, shards, floods, watchers, presentity, end, rules, "
                     "presence and users"));
}

// What the command has no use for; empty when all is well.
std::string AdminCommands::trouble_of(const Request& request) {
  const std::string& command = request.command;
  const bool loads = command == "rules" || command == "presence";
  const bool about_an_aor = command == "presentity" || command == "watchers" || command == "end" || loads;
  const auto useless = [&](const char* member) {
    return "\"" + command + "\" takes no \"" + member + "\"; leave it out";
  };
  if (command != "end" && !request.reason.empty()) return useless("reason");
  if (!about_an_aor && !request.aor.empty()) return useless("aor");
  if (!loads && command != "users" && !request.action.empty()) return useless("action");
  const bool sets = command == "presence" && request.action == "set";
  if (!sets && request.action != "load" && !request.document.empty()) return useless("document");
  if (!sets && !request.lifetime.empty()) return useless("for");
  return "";
}

void AdminCommands::status(SteadyTime now, Respond respond) {
  const ShardQuestion question{.message = {.kind = Kind::kSummary}};
  queries_.ask(now, question, [this, respond = std::move(respond)](const ShardAnswer& answer) {
    Json result = facts_.status();
    result["workers"] = workers_.count();
    result["workers_silent"] = answer.silent;
    result["memory_bytes"] = workers_.memory_bytes();
    result.update(summed(answer));
    result["ports"] = Json::array();
    for (const dataplane::PortStatus& port : workers_.ports()) result["ports"].push_back(json_of(port));
    respond(result_line(std::move(result)));
  });
}

void AdminCommands::counters(SteadyTime now, Respond respond) {
  const ShardQuestion question{.message = {.kind = Kind::kCounters}};
  queries_.ask(now, question, [this, respond = std::move(respond)](const ShardAnswer& answer) {
    Json engine_sums = all_counters();
    for (const Json& row : objects_of(answer, RowKind::kCounter)) {
      add_to(engine_sums, row.at("name").get<std::string>(), row.at("value"));
    }
    dataplane::FateCounts fates = workers_.service_fates();
    for (unsigned worker = 0; worker < workers_.count(); ++worker) {
      const dataplane::FateCounts counts = workers_.fates(worker);
      for (size_t i = 0; i < fates.size(); ++i) fates[i] += counts[i];
    }
    respond(result_line({{"shards_silent", answer.silent},
                         {"engine", std::move(engine_sums)},
                         {"dataplane", json_of(fates)},
                         {"connections", json_of_counters<StreamCounter>(facts_.stream_counters())},
                         {"identities", json_of_counters<IdentityCounter>(facts_.identity_counters())}}));
  });
}

void AdminCommands::shards(SteadyTime now, Respond respond) {
  const ShardQuestion question{.message = {.kind = Kind::kSummary}};
  queries_.ask(now, question, [this, respond = std::move(respond)](const ShardAnswer& answer) {
    Json shards = objects_of(answer, RowKind::kSummary);
    std::sort(shards.begin(), shards.end(),
              [](const Json& a, const Json& b) { return a.value("shard", 0) < b.value("shard", 0); });
    for (Json& shard : shards) {
      const unsigned worker = shard.value("shard", 0u);
      if (worker < workers_.count()) shard["dataplane"] = json_of(workers_.fates(worker));
    }
    respond(result_line({{"shards_silent", answer.silent}, {"shards", std::move(shards)}}));
  });
}

void AdminCommands::watchers(SteadyTime now, const std::string& aor, Respond respond) {
  queries_.ask(now, question_about(Kind::kListWatchers, aor),
               [aor, respond = std::move(respond)](const ShardAnswer& answer) {
                 respond(result_line({{"aor", aor},
                                      {"shards_silent", answer.silent},
                                      {"watchers_total", answer.rows_total},
                                      {"watchers", objects_of(answer, RowKind::kWatcher)}}));
               });
}

void AdminCommands::end(SteadyTime now, const std::string& aor, const std::string& reason, Respond respond) {
  ShardQuestion question = question_about(Kind::kEndWatchers, aor);
  if (!engine::parse_end_reason(reason, question.message.end_reason)) {
    std::string names;
    for (const engine::EndReasonEntry& entry : engine::kEndReasons) {
      names += (names.empty() ? "" : ", ") + std::string(entry.name);
    }
    return respond(error_line("\"" + reason + "\" is no reason to end a subscription; there are " + names));
  }
  queries_.ask(now, question, [aor, reason, respond = std::move(respond)](const ShardAnswer& answer) {
    respond(result_line({{"aor", aor},
                         {"reason", reason},
                         {"shards_silent", answer.silent},
                         {"watchers_total", answer.rows_total},
                         {"watchers", objects_of(answer, RowKind::kWatcher)}}));
  });
}

void AdminCommands::presentity(SteadyTime now, const std::string& aor, Respond respond) {
  queries_.ask(
      now, question_about(Kind::kListPresentity, aor),
      [aor, respond = std::move(respond)](const ShardAnswer& answer) {
        const Json presentities = objects_of(answer, RowKind::kPresentity);
        respond(result_line({{"aor", aor},
                             {"shards_silent", answer.silent},
                             {"presentities", presentities},
                             {"publications", objects_of(answer, RowKind::kPublication)},
                             {"bindings", objects_of(answer, RowKind::kBinding)}}));
      });
}

// A question about what is loaded for an AOR, and what is made of its answer.
struct AdminCommands::Loaded {
  std::string aor, what;        // "the rules of alice@example.com were"
  ShardQuestion question;
  RowKind row, part;            // One row of the whole, then one of each part,
  const char* parts;            // which are called so.
  Json more;                    // What only control knows.
};

void AdminCommands::rules(SteadyTime now, const Request& request, Respond respond) {
  Loaded loaded{request.aor, "the rules of " + request.aor + " were", question_about(Kind::kShowRules, request.aor),
                RowKind::kRules, RowKind::kView, "views", {}};
  ControlMessage& message = loaded.question.message;
  CompiledDocument compiled;
  if (request.action == "load") {
    message.kind = Kind::kLoadRules;
    const std::string trouble = compile_document(request.document, compiled);
    if (!trouble.empty()) return respond(error_line(trouble));
    loaded.question.lent = compiled.bytes;
    message.rules = compiled.lent();
  } else if (request.action == "remove") {
    message.kind = Kind::kRemoveRules;
  } else if (request.action != "show") {
    return respond(error_line("action \"" + request.action + "\" is not known; there are load, show and remove"));
  }
  loaded.more["rules_that_never_match"] = compiled.rules_that_never_match;
  change_or_show(now, loaded, std::move(respond));
}

// Hard state.
void AdminCommands::presence(SteadyTime now, const Request& request, Respond respond) {
  Loaded loaded{request.aor, "the presence of " + request.aor + " was",
                question_about(Kind::kShowHardState, request.aor), RowKind::kHardState, RowKind::kElement, "elements",
                {}};
  ControlMessage& message = loaded.question.message;
  NormalisedDocument normalised;
  if (request.action == "set") {
    message.kind = Kind::kSetHardState;
    std::string trouble = normalise_document(request.document, normalised);
    if (trouble.empty()) trouble = read_lifetime(request.lifetime, normalised.lent.lifetime_seconds);
    if (!trouble.empty()) return respond(error_line(trouble));
    loaded.question.lent = normalised.bytes;
    message.hard_state = normalised.lent;
  } else if (request.action == "remove") {
    message.kind = Kind::kRemoveHardState;
  } else if (request.action != "show") {
    return respond(error_line("action \"" + request.action + "\" is not known; there are set, show and remove"));
  }
  loaded.more["parts_left_out"] = normalised.parts_left_out;
  change_or_show(now, loaded, std::move(respond));
}

void AdminCommands::change_or_show(SteadyTime now, const Loaded& loaded, Respond respond) {
  queries_.ask(now, loaded.question, [loaded, respond = std::move(respond)](const ShardAnswer& answer) {
    const Json rows = objects_of(answer, loaded.row);
    if (rows.empty()) {
      return respond(
          error_line("the shard of " + loaded.aor + " does not answer; ask with \"show\" what has become of it"));
    }
    Json result = rows.front();
    const std::string refused = result.value("refused", "");
    if (!refused.empty()) return respond(error_line(refusal_in_words(loaded.what, refused)));
    result.erase("refused");
    result.update(loaded.more);
    result[loaded.parts] = objects_of(answer, loaded.part);
    respond(result_line(std::move(result)));
  });
}

void AdminCommands::users(const Request& request, const Respond& respond) {
  if (request.action != "reload") {
    return respond(error_line("action \"" + request.action + "\" is not known; there is reload"));
  }
  if (!reload_) return respond(error_line("there is nothing to read users from; restart with --config FILE"));
  reload_([respond](const UserReload::Outcome& outcome) {
    if (outcome.problems.empty()) {
      return respond(result_line({{"users", outcome.users}, {"shards_silent", outcome.silent}}));
    }
    std::string text = "the users stay as they were. ";
    for (const std::string& problem : outcome.problems) text += (text.ends_with(". ") ? "" : "; ") + problem;
    respond(error_line(text));
  });
}

ShardQuestion AdminCommands::question_about(Kind kind, const std::string& aor) const {
  ShardQuestion question{.message = {.kind = kind}, .rows_max = rows_max_};
  if (aor.empty()) return question;  // All shards, all of them.
  std::copy(aor.begin(), aor.end(), question.message.aor.begin());
  question.message.aor_length = static_cast<uint16_t>(aor.size());
  question.only = partitions_.owner(engine::partition_of_aor(aor)).value;
  return question;
}

}  // namespace vedette::control
