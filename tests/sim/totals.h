// What was answered, refused and played in many worlds. Plain data, so that a job can hand it through a pipe.
#pragma once

#include <array>
#include <string>

#include "tests/sim/run.h"

namespace vedette::sim {

struct Totals {
  uint64_t failed = 0;
  uint64_t worlds = 0;
  uint64_t messages = 0;
  std::array<uint64_t, 700> answers{};       // By status.
  engine::Counters counters;
  ServerDrops drops;
  Played played;

  void add(const RunResult& result, bool good);
  void add(const Totals& other);
  // Names the limits that no world has met, the things that none has played; empty when all were.
  std::string limits_not_met() const;
  std::string not_played() const;
  void print() const;

 private:
  void add_counters(const engine::Counters& other, const ServerDrops& dropped);
};

}  // namespace vedette::sim
