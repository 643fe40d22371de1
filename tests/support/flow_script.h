// A call flow kept as a text file, read into steps; tests/rfc/flows/README.md says how one is written. Whatever is
// not understood is a fault: a flow that is read wrongly would hold nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config.h"
#include "engine/flow.h"
#include "engine/presence/end_reason.h"

namespace vedette::support {

// Thrown: by the flow's text when it makes no sense, by its steps when something else happens than they say.
struct FlowFault {
  int line = 0;
  std::string what;
};

struct FlowDetail {
  int line = 0;
  std::string text;     // Without its indentation.
};

struct FlowStep {
  enum class Kind { kSend, kReceive, kWait, kNothing, kKeeps, kEnd, kRules, kHardState, kConnect, kClose };
  Kind kind = Kind::kNothing;
  int line = 0;
  std::string party;                  // kSend, kReceive, kConnect, kClose.
  std::vector<std::string> words;     // What stands behind the arrow.
  std::vector<FlowDetail> details;
  engine::Duration duration;          // kWait; kHardState: for how long, 0: until it is removed.
  uint32_t subscriptions = 0;         // kKeeps.
  std::string aor;                    // kEnd: whose watchers an operator ends, and why; kRules, kHardState: whose.
  engine::EndReason reason{};
};

struct FlowParty {
  std::string name;
  std::string address;
  uint16_t port = 5060;
  engine::Transport transport = engine::Transport::kUdp;
};

struct FlowScript {
  std::string title;
  std::vector<std::string> rfcs;      // "6665", each once.
  std::vector<FlowParty> parties;
  engine::EngineConfig config;
  std::vector<FlowStep> steps;
};

// Throws FlowFault.
FlowScript parse_flow(std::string_view text);

std::vector<std::string> words_of(std::string_view text);

}  // namespace vedette::support
