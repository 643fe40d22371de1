// Whether a machine is ready for vedette: what is there, what is missing, and what to do, in plain words. It
// only reads files of /proc, /sys, /dev and /usr/lib, so a test can give it a machine made of files.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/control/config.h"

namespace vedette::tools {

enum class Verdict {
  kGood,
  kAdvice,   // It works without; it is better with.
  kMissing,  // It does not work without.
};

struct Check {
  std::string name;
  Verdict verdict = Verdict::kGood;
  std::string found;
  std::string advice;  // Empty when good.
};

struct Preflight {
  std::vector<Check> checks;

  bool is_ready() const;  // Nothing is missing.
};

// Examined for `config`, or, without one, for virtual ports, which need least.
Preflight examine(const std::filesystem::path& root, const std::optional<control::Config>& config);
// This machine, for the configuration in `file`; empty for none. What is wrong with it is the first check.
Preflight examine_machine(const std::string& file);

std::string in_words(const Preflight& report);
// {"ready":true,"checks":[{"name":..,"verdict":"good|advice|missing","found":..,"advice":..}]}
nlohmann::ordered_json json_of(const Preflight& report);

}  // namespace vedette::tools
