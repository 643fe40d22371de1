// What became of one drop rule on all ports (flow_rules.h). Plain data.
#pragma once

#include <string>
#include <vector>

namespace vedette::dataplane {

struct PortRules {
  struct Refusal {
    std::string port;      // Its name in the configuration.
    std::string why;
  };
  unsigned installed = 0;
  std::vector<Refusal> refusals;
};

}  // namespace vedette::dataplane
