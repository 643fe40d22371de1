// Plays a call flow against a shard (or several) on a bench, in virtual time. After each step nothing may have come out
// but what the flow says.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/flow_agent.h"
#include "tests/support/flow_pattern.h"
#include "tests/support/flow_script.h"
#include "tests/support/shard_bench.h"

namespace vedette::support {

class FlowRunner {
 public:
  // Messages arrive at each of the shards in turn: what comes out must not depend on it.
  FlowRunner(const FlowScript& script, unsigned shards);
  // Throws FlowFault at the first step that is not as written.
  void run();

 private:
  void take(const FlowStep& step);
  bool is_open(uint32_t connection) const;
  bool is_theirs(const FlowAgent& agent, const Sent& sent) const;
  void give_back_undeliverable();
  void expect_message(const FlowStep& step);
  void expect_start(const FlowStep& step, const std::string& bytes);
  void expect_details(const FlowStep& step, const std::string& bytes);
  void expect_body(const FlowDetail& detail, const std::string& bytes);
  bool is_in_body(const std::string& text, std::string body, int line);
  void expect_header(const FlowDetail& detail, const std::string& pattern, const std::string& name,
                     const std::string& bytes, bool is_wanted);
  void expect_nothing(int line) const;

  const FlowScript& script_;
  ShardBench bench_;
  unsigned shards_, turn_ = 0;
  uint32_t connections_ = 0;      // So many were opened; each has its number.
  std::map<std::string, FlowAgent> agents_;
  Placeholders placeholders_;
  std::vector<Sent> waiting_;     // Came out, and no step has spoken of it yet.
};

// Reads and plays `text`; nothing when all is as written, else the fault with its line.
struct FlowVerdict {
  bool holds = true;
  FlowFault fault;
};
FlowVerdict play_flow(std::string_view text, unsigned shards = 1);

}  // namespace vedette::support
