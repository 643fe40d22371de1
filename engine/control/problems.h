// What is wrong with a configuration, all of it, in the order of its lines. Cold start-up code.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace vedette::control {

struct Problem {
  uint32_t line = 0;  // 0: the file as a whole.
  std::string text;   // What is wrong, a semicolon, what to do.
};

class Problems {
 public:
  explicit Problems(std::string file) : file_(std::move(file)) {}

  void add(uint32_t line, std::string text) { all_.push_back({line, std::move(text)}); }
  bool empty() const { return all_.empty(); }
  size_t count() const { return all_.size(); }

  // One line each: "vedette.toml:12: what is wrong; what to do".
  std::vector<std::string> lines() const {
    std::vector<Problem> sorted = all_;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const Problem& a, const Problem& b) { return a.line < b.line; });
    std::vector<std::string> out;
    for (const Problem& problem : sorted) {
      const std::string place = problem.line == 0 ? file_ : file_ + ":" + std::to_string(problem.line);
      out.push_back(place + ": " + problem.text);
    }
    return out;
  }

 private:
  std::string file_;
  std::vector<Problem> all_;
};

}  // namespace vedette::control
