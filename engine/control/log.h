// Structured logs: an event in words and its fields, as text for people or as one JSON object per line, to
// stderr. Any thread; poll threads log nothing.
#pragma once

#include <spdlog/spdlog.h>

#include <initializer_list>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>

#include "engine/control/config.h"

namespace vedette::control {

struct LogField {
  std::string_view name;
  nlohmann::json value;
};

using LogFields = std::initializer_list<LogField>;

class Log {
 public:
  // `sink`: where lines go instead of stderr; for tests. One for several threads, if there are several.
  Log(LogFormat format, LogLevel level, spdlog::sink_ptr sink = nullptr);

  void debug(std::string_view event, LogFields fields = {}) { write(spdlog::level::debug, event, fields); }
  void info(std::string_view event, LogFields fields = {}) { write(spdlog::level::info, event, fields); }
  void warning(std::string_view event, LogFields fields = {}) { write(spdlog::level::warn, event, fields); }
  void error(std::string_view event, LogFields fields = {}) { write(spdlog::level::err, event, fields); }

 private:
  void write(spdlog::level::level_enum level, std::string_view event, LogFields fields);

  LogFormat format_;
  std::unique_ptr<spdlog::logger> logger_;
};

}  // namespace vedette::control
