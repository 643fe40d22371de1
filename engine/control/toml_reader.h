// Reads one TOML table key by key into typed fields. Everything that is wrong goes to Problems with its line,
// and reading goes on, so that an operator sees all errors at once. A key that nobody asked for is an error.
// What the keys mean is not here (config.cc). Cold start-up code.
#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/time.h"
#include "engine/control/problems.h"

namespace vedette::control {

struct IntegerRange {
  int64_t min = 0;
  int64_t max = 0;
};

struct DurationRange {
  engine::Duration min;
  engine::Duration max;
};

// "5m", "90s", "1h", "500ms"; for messages.
std::string to_text(engine::Duration duration);
// The same, and whole numbers as seconds. Nothing for anything else.
std::optional<engine::Duration> parse_duration(std::string_view text);
// The name nearest to `wanted`, empty when none is near.
std::string_view nearest_name(std::string_view wanted, std::span<const std::string> names);

class TableReader {
 public:
  // `path` is how messages call the table: "[limits]", "[[user]]"; empty for the top of the file.
  TableReader(toml::table& table, std::string path, Problems& problems);

  // Each leaves `out` as it was when the key is absent or wrong, and returns whether it has set it.
  bool read_text(std::string_view key, std::string& out);
  bool read_boolean(std::string_view key, bool& out);
  bool read_duration(std::string_view key, engine::Duration& out, DurationRange range);
  bool read_integer(std::string_view key, int64_t& out, IntegerRange range);
  template <typename Integer>
  bool read_number(std::string_view key, Integer& out, IntegerRange range) {
    int64_t value = 0;
    if (!read_integer(key, value, range)) return false;
    out = static_cast<Integer>(value);
    return true;
  }
  // Text that must be one of `choices`.
  template <typename Value>
  bool read_choice(std::string_view key, Value& out,
                   std::span<const std::pair<std::string_view, Value>> choices) {
    std::string text;
    if (!read_text(key, text)) return false;
    return find_choice(key, text, out, choices);
  }
  template <typename Value>
  bool find_choice(std::string_view key, std::string_view text, Value& out,
                   std::span<const std::pair<std::string_view, Value>> choices) {
    std::vector<std::string> names;
    for (const auto& [name, value] : choices) {
      if (name == text) return out = value, true;
      names.emplace_back(name);
    }
    add_not_a_choice(key, text, names);
    return false;
  }
  bool read_texts(std::string_view key, std::vector<std::string>& out);

  // [key]: absent gives nothing.
  std::optional<TableReader> read_table(std::string_view key);
  // [[key]], all of them.
  std::vector<TableReader> read_tables(std::string_view key);

  // Marks a key as known without reading it, and gives its node or null.
  toml::node* find(std::string_view key);
  uint32_t line() const;                         // Where the table begins.
  uint32_t line_of(std::string_view key) const;  // The key's, or the table's when it is absent.
  // "what is wrong; what to do", said of a key of this table.
  void add(std::string_view key, std::string_view text);
  // Reports the keys that nobody asked for. Call it when all have been read.
  void finish();

 private:
  std::string name_of(std::string_view key) const;
  void add_not_a_choice(std::string_view key, std::string_view text, const std::vector<std::string>& names);
  void add_wrong_type(std::string_view key, std::string_view wanted);

  toml::table& table_;
  std::string path_;
  Problems& problems_;
  std::vector<std::string> known_;
};

}  // namespace vedette::control
