// Reading typed values out of a TOML table, with the words of every complaint. What the keys mean is not
// here. Control thread, at start only.
#include "engine/control/toml_reader.h"

#include <algorithm>
#include <charconv>
#include <sstream>

namespace vedette::control {
namespace {

using engine::Duration;

struct Unit {
  std::string_view name;
  int64_t milliseconds;
};
constexpr Unit kUnits[] = {{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}};  // Longest first.

// Levenshtein's distance, a row at a time.
size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<size_t> row(to.size() + 1);
  for (size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= from.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= to.size(); ++j) {
      const size_t substituted = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row.back();
}

std::string join(std::span<const std::string> names) {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty()) out += ", ";
    out += name;
  }
  return out;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  return out.append(text).append("\"");
}

// A node as it stands in the file, for messages; long ones are cut.
std::string shown(const toml::node& node) {
  std::ostringstream stream;
  node.visit([&](const auto& typed) { stream << typed; });
  std::string text = stream.str();
  return text.size() <= 40 ? text : text.substr(0, 37) + "...";
}

}  // namespace

std::string to_text(Duration duration) {
  const int64_t milliseconds = duration.to_milliseconds();
  for (const Unit& unit : kUnits) {
    if (milliseconds != 0 && milliseconds % unit.milliseconds == 0) {
      return std::to_string(milliseconds / unit.milliseconds).append(unit.name);
    }
  }
  return "0s";
}

std::optional<Duration> parse_duration(std::string_view text) {
  uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || count > 1'000'000'000) return std::nullopt;
  const std::string_view unit_name(end, static_cast<size_t>(text.data() + text.size() - end));
  for (const Unit& unit : kUnits) {
    if (unit.name == unit_name) {
      // Above ten years nothing is meant, and nanoseconds would overflow.
      const int64_t milliseconds = static_cast<int64_t>(count) * unit.milliseconds;
      if (milliseconds > int64_t{10} * 366 * 24 * 3'600'000) return std::nullopt;
      return Duration::milliseconds(milliseconds);
    }
  }
  return std::nullopt;
}

std::string_view nearest_name(std::string_view wanted, std::span<const std::string> names) {
  std::string_view nearest;
  size_t best = std::max<size_t>(2, wanted.size() / 3) + 1;
  for (const std::string& name : names) {
    const size_t distance = edit_distance(wanted, name);
    if (distance < best && distance < name.size()) {
      best = distance;
      nearest = name;
    }
  }
  return nearest;
}

TableReader::TableReader(toml::table& table, std::string path, Problems& problems)
    : table_(table), path_(std::move(path)), problems_(problems) {}

toml::node* TableReader::find(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
  return table_.get(key);
}

bool TableReader::read_text(std::string_view key, std::string& out) {
  toml::node* node = find(key);
  if (node == nullptr) return false;
  if (!node->is_string()) return add_wrong_type(key, "text in quotes"), false;
  out = node->as_string()->get();
  return true;
}

bool TableReader::read_boolean(std::string_view key, bool& out) {
  toml::node* node = find(key);
  if (node == nullptr) return false;
  if (!node->is_boolean()) return add_wrong_type(key, "true or false"), false;
  out = node->as_boolean()->get();
  return true;
}

bool TableReader::read_integer(std::string_view key, int64_t& out, IntegerRange range) {
  toml::node* node = find(key);
  if (node == nullptr) return false;
  const std::string wanted =
      "a whole number from " + std::to_string(range.min) + " to " + std::to_string(range.max);
  if (!node->is_integer()) return add_wrong_type(key, wanted), false;
  const int64_t value = node->as_integer()->get();
  if (value < range.min || value > range.max) {
    add(key, "is " + std::to_string(value) + "; give " + wanted);
    return false;
  }
  out = value;
  return true;
}

bool TableReader::read_duration(std::string_view key, Duration& out, DurationRange range) {
  toml::node* node = find(key);
  if (node == nullptr) return false;
  const std::string wanted = "a time from " + to_text(range.min) + " to " + to_text(range.max) +
                             R"(, as in "90s", "5m", "1h" or a whole number of seconds)";
  std::optional<Duration> value;
  if (node->is_string()) value = parse_duration(node->as_string()->get());
  if (node->is_integer()) {
    value = parse_duration(std::to_string(node->as_integer()->get()) + "s");
  }
  if (!value) return add_wrong_type(key, wanted), false;
  if (*value < range.min || *value > range.max) {
    add(key, "is " + to_text(*value) + "; give " + wanted);
    return false;
  }
  out = *value;
  return true;
}

bool TableReader::read_texts(std::string_view key, std::vector<std::string>& out) {
  toml::node* node = find(key);
  if (node == nullptr) return false;
  std::vector<std::string> texts;
  bool all = node->is_array();
  if (all) {
    for (const toml::node& element : *node->as_array()) {
      if (element.is_string()) {
        texts.push_back(element.as_string()->get());
      } else {
        all = false;
      }
    }
  }
  if (!all) return add_wrong_type(key, R"(a list of texts, as in ["one", "two"])"), false;
  out = std::move(texts);
  return true;
}

std::optional<TableReader> TableReader::read_table(std::string_view key) {
  toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  if (!node->is_table()) return add_wrong_type(key, "a table: [" + std::string(key) + "]"), std::nullopt;
  return TableReader(*node->as_table(), "[" + std::string(key) + "]", problems_);
}

std::vector<TableReader> TableReader::read_tables(std::string_view key) {
  std::vector<TableReader> out;
  toml::node* node = find(key);
  if (node == nullptr) return out;
  const std::string path = "[[" + std::string(key) + "]]";
  if (!node->is_array() || !node->as_array()->is_homogeneous(toml::node_type::table)) {
    add_wrong_type(key, "a list of tables: " + path + " above each");
    return out;
  }
  for (toml::node& element : *node->as_array()) out.emplace_back(*element.as_table(), path, problems_);
  return out;
}

uint32_t TableReader::line() const { return table_.source().begin.line; }

uint32_t TableReader::line_of(std::string_view key) const {
  const toml::node* node = table_.get(key);
  return node == nullptr ? line() : node->source().begin.line;
}

void TableReader::add(std::string_view key, std::string_view text) {
  problems_.add(line_of(key), name_of(key).append(" ").append(text));
}

void TableReader::finish() {
  for (const auto& [key, node] : table_) {
    if (std::find(known_.begin(), known_.end(), key.str()) != known_.end()) continue;
    const std::string_view nearest = nearest_name(key.str(), known_);
    std::string text = name_of(key.str()) + " is not known; ";
    if (nearest.empty()) {
      text.append("remove it; known here: ").append(join(known_));
    } else {
      text.append("did you mean ").append(nearest).append("?");
    }
    problems_.add(node.source().begin.line, std::move(text));
  }
}

std::string TableReader::name_of(std::string_view key) const {
  std::string name = path_;
  if (!name.empty()) name += ' ';
  return name.append(key);
}

void TableReader::add_not_a_choice(std::string_view key, std::string_view text,
                                   const std::vector<std::string>& names) {
  const std::string_view nearest = nearest_name(text, names);
  std::string message = "is " + quoted(text) + "; ";
  if (nearest.empty()) {
    message += "give one of " + join(names);
  } else {
    message += "did you mean " + quoted(nearest) + "? It can be " + join(names);
  }
  add(key, message);
}

void TableReader::add_wrong_type(std::string_view key, std::string_view wanted) {
  const toml::node* node = table_.get(key);
  const std::string what =
      node->is_table() || node->is_array() ? "is not of the right kind" : "is " + shown(*node);
  add(key, what + "; give " + std::string(wanted));
}

}  // namespace vedette::control
