// Lines of the log. spdlog has the time, the levels and the sink; what stands in a line is made here. Any
// thread.
#include "engine/control/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <string>

namespace vedette::control {
namespace {

using nlohmann::json;

constexpr std::string_view kTextPattern = "%Y-%m-%dT%H:%M:%S.%eZ %l %v";
// A line of JSON is this with the event and the fields inside.
constexpr std::string_view kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";

std::string as_json(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

// Words as they are; anything that could be mistaken for something else in quotes.
std::string as_text(const json& value) {
  if (!value.is_string()) return as_json(value);
  const std::string& text = value.get_ref<const std::string&>();
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c <= '~' && c != '"' && c != '=';
  });
  return plain ? text : as_json(value);
}

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

Log::Log(LogFormat format, LogLevel level, spdlog::sink_ptr sink) : format_(format) {
  if (sink == nullptr) sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  logger_ = std::make_unique<spdlog::logger>("vedette", std::move(sink));
  logger_->set_level(spdlog_level(level));
  logger_->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      std::string(format == LogFormat::kJson ? kJsonPattern : kTextPattern), spdlog::pattern_time_type::utc));
  logger_->flush_on(spdlog::level::debug);
}

void Log::write(spdlog::level::level_enum level, std::string_view event, LogFields fields) {
  if (!logger_->should_log(level)) return;
  std::string line;
  if (format_ == LogFormat::kJson) {
    line.append("\"event\":").append(as_json(event));
    for (const LogField& field : fields) {
      line.append(",").append(as_json(field.name)).append(":").append(as_json(field.value));
    }
  } else {
    line.append(event);
    for (const LogField& field : fields) {
      line.append(" ").append(field.name).append("=").append(as_text(field.value));
    }
  }
  logger_->log(level, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace vedette::control
