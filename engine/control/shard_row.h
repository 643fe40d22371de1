// A row of a shard's answer, and its values by the names of its columns (engine/control_message.h). Control
// thread only.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "engine/control_message.h"

namespace vedette::control {

struct ShardRow {
  engine::ControlReplyHeader::Kind kind{};
  engine::ShardIndex shard;
  std::string text;
};

// {"name":"requests_in","value":7}
nlohmann::ordered_json object_of(const ShardRow& row);
// 0 when there is no such column, or no number in it.
int64_t number_in(const ShardRow& row, std::string_view column);

}  // namespace vedette::control
