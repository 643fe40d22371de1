// What ports drop by themselves, before a worker sees it: SIP over UDP from some networks, by rte_flow, where a port's
// driver can. Which networks the control thread decides (control/flood_watch.h). One thread calls all of this, the
// control thread; rte_flow takes the port's lock where its driver has not said RTE_ETH_DEV_FLOW_OPS_THREAD_SAFE.
#pragma once

#include <rte_flow.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "dataplane/port_rules.h"
#include "engine/address_prefix.h"

namespace vedette::dataplane {

// rte_flow's functions, or those of a test.
struct FlowCalls {
  decltype(&rte_flow_validate) validate = &rte_flow_validate;
  decltype(&rte_flow_create) create = &rte_flow_create;
  decltype(&rte_flow_destroy) destroy = &rte_flow_destroy;
};

class FlowRules {
 public:
  struct Target {
    std::string name;
    uint16_t port_id = 0;  // DPDK's.
  };
  FlowRules(std::vector<Target> targets, uint16_t sip_port, const FlowCalls& calls = {})
      : targets_(std::move(targets)), sip_port_(sip_port), calls_(calls) {}
  ~FlowRules();
  FlowRules(const FlowRules&) = delete;
  FlowRules& operator=(const FlowRules&) = delete;

  // Datagrams from `source` to our SIP port are dropped from now on by the ports that can. The ports are started.
  PortRules drop(const engine::AddressPrefix& source);
  // No longer; also when none was.
  void admit(const engine::AddressPrefix& source);
  size_t size() const { return rules_.size(); }

 private:
  struct Rule {
    engine::AddressPrefix source;
    uint16_t port_id;
    rte_flow* flow;
  };

  std::vector<Target> targets_;
  uint16_t sip_port_;
  FlowCalls calls_;
  std::vector<Rule> rules_;
};

}  // namespace vedette::dataplane
