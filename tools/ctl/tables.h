// Answers as people read them: tables and short sentences. What the engine's answers hold is in
// engine/control/admin_commands.cc.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace vedette::tools {

std::string status_in_words(const nlohmann::ordered_json& result);
// Without those at 0, unless `all`.
std::string counters_in_words(const nlohmann::ordered_json& result, bool all);
std::string floods_in_words(const nlohmann::ordered_json& result);
std::string shards_in_words(const nlohmann::ordered_json& result);
std::string watchers_in_words(const nlohmann::ordered_json& result);
// The same rows, each in some lines, with all that is known of it.
std::string subscriptions_in_words(const nlohmann::ordered_json& result);
std::string ended_in_words(const nlohmann::ordered_json& result);
std::string rules_in_words(const nlohmann::ordered_json& result);
std::string presence_in_words(const nlohmann::ordered_json& result);
std::string users_in_words(const nlohmann::ordered_json& result);
std::string presentity_in_words(const nlohmann::ordered_json& result);

}  // namespace vedette::tools
