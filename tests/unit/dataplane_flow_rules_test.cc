// What ports are told to drop, by a rte_flow that is not there: the pattern, and that each rule goes as it came.
#include "dataplane/flow_rules.h"

#include <gtest/gtest.h>
#include <rte_byteorder.h>
#include <rte_errno.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <set>

namespace vedette::dataplane {
namespace {

struct Seen {
  uint16_t port = 0;
  rte_flow_item_type ip{};
  uint32_t v4 = 0, v4_mask = 0;
  std::string v6, v6_mask;
  uint16_t udp_port = 0, udp_mask = 0;
};

// What a port's driver does.
struct FakePorts {
  std::set<uint16_t> unable, full;
  std::vector<Seen> created;
  std::map<rte_flow*, uint16_t> rules;
  uintptr_t next = 1;
};
FakePorts* ports = nullptr;

int validate(uint16_t port, const rte_flow_attr* attributes, const rte_flow_item items[],
             const rte_flow_action actions[], rte_flow_error* error) {
  EXPECT_EQ(attributes->ingress, 1u);
  EXPECT_EQ(attributes->egress, 0u);
  EXPECT_EQ(items[0].type, RTE_FLOW_ITEM_TYPE_ETH);
  EXPECT_EQ(items[2].type, RTE_FLOW_ITEM_TYPE_UDP);
  EXPECT_EQ(items[3].type, RTE_FLOW_ITEM_TYPE_END);
  EXPECT_EQ(actions[0].type, RTE_FLOW_ACTION_TYPE_DROP);
  EXPECT_EQ(actions[1].type, RTE_FLOW_ACTION_TYPE_END);
  if (!ports->unable.contains(port)) return 0;
  if (port == 2) error->message = "no such match";
  return -ENOSYS;
}

rte_flow* create(uint16_t port, const rte_flow_attr*, const rte_flow_item items[], const rte_flow_action[],
                 rte_flow_error*) {
  if (ports->full.contains(port)) {
    rte_errno = ENOSPC;
    return nullptr;
  }
  Seen seen{.port = port, .ip = items[1].type};
  if (seen.ip == RTE_FLOW_ITEM_TYPE_IPV4) {
    seen.v4 = rte_be_to_cpu_32(static_cast<const rte_flow_item_ipv4*>(items[1].spec)->hdr.src_addr);
    seen.v4_mask = rte_be_to_cpu_32(static_cast<const rte_flow_item_ipv4*>(items[1].mask)->hdr.src_addr);
  } else {
    const auto* spec = static_cast<const rte_flow_item_ipv6*>(items[1].spec)->hdr.src_addr;
    const auto* mask = static_cast<const rte_flow_item_ipv6*>(items[1].mask)->hdr.src_addr;
    seen.v6.assign(reinterpret_cast<const char*>(spec), 16);
    seen.v6_mask.assign(reinterpret_cast<const char*>(mask), 16);
  }
  seen.udp_port = rte_be_to_cpu_16(static_cast<const rte_flow_item_udp*>(items[2].spec)->hdr.dst_port);
  seen.udp_mask = static_cast<const rte_flow_item_udp*>(items[2].mask)->hdr.dst_port;
  ports->created.push_back(seen);
  auto* const flow = reinterpret_cast<rte_flow*>(ports->next++ << 4);
  ports->rules[flow] = port;
  return flow;
}

int destroy(uint16_t port, rte_flow* flow, rte_flow_error*) {
  EXPECT_EQ(ports->rules.at(flow), port);
  ports->rules.erase(flow);
  return 0;
}

engine::AddressPrefix prefix(const char* text) {
  engine::AddressPrefix parsed;
  EXPECT_TRUE(engine::AddressPrefix::parse(text, parsed));
  return parsed;
}

class FlowRulesTest : public testing::Test {
 protected:
  FlowRulesTest() { ports = &ports_; }

  FakePorts ports_;
  FlowRules rules_{{{"lan", 0}, {"wan", 2}}, 5060, {&validate, &create, &destroy}};
};

TEST_F(FlowRulesTest, DropsSipOverUdpFromTheNetworkAndNothingElse) {
  EXPECT_EQ(rules_.drop(prefix("192.0.2.77/24")).installed, 2u);
  ASSERT_EQ(ports_.created.size(), 2u);
  EXPECT_EQ(ports_.created[1].port, 2u);
  const Seen& v4 = ports_.created[0];
  EXPECT_EQ(v4.ip, RTE_FLOW_ITEM_TYPE_IPV4);
  EXPECT_EQ(v4.v4, 0xc0000200u) << "what stands behind the prefix is cut";
  EXPECT_EQ(v4.v4_mask, 0xffffff00u);
  EXPECT_EQ(v4.udp_port, 5060u);
  EXPECT_EQ(v4.udp_mask, 0xffffu);
  EXPECT_EQ(rules_.drop(prefix("2001:db8:1::/44")).installed, 2u);
  const Seen& v6 = ports_.created[2];
  EXPECT_EQ(v6.ip, RTE_FLOW_ITEM_TYPE_IPV6);
  EXPECT_EQ(v6.v6, std::string("\x20\x01\x0d\xb8", 4) + std::string(12, '\0'));
  EXPECT_EQ(v6.v6_mask, std::string("\xff\xff\xff\xff\xff\xf0", 6) + std::string(10, '\0'));
}

TEST_F(FlowRulesTest, EachGoesAsItCame) {
  rules_.drop(prefix("192.0.2.0/24"));
  rules_.drop(prefix("198.51.100.0/24"));
  EXPECT_EQ(rules_.drop(prefix("192.0.2.0/24")).installed, 2u) << "is there";
  EXPECT_EQ(ports_.rules.size(), 4u);
  rules_.admit(prefix("192.0.2.0/24"));
  EXPECT_EQ(ports_.rules.size(), 2u);
  rules_.admit(prefix("192.0.2.0/24"));
  EXPECT_EQ(rules_.size(), 2u);
  {
    FlowRules others({{"lan", 0}}, 5060, {&validate, &create, &destroy});
    others.drop(prefix("203.0.113.0/24"));
    EXPECT_EQ(ports_.rules.size(), 3u);
  }
  EXPECT_EQ(ports_.rules.size(), 2u) << "none outlives who made it";
}

TEST_F(FlowRulesTest, WhatAPortRefusesItIsSaidWhy) {
  ports_.unable = {2};
  PortRules outcome = rules_.drop(prefix("192.0.2.0/24"));
  EXPECT_EQ(outcome.installed, 1u);
  ASSERT_EQ(outcome.refusals.size(), 1u);
  EXPECT_EQ(outcome.refusals[0].port, "wan");
  EXPECT_EQ(outcome.refusals[0].why, "no such match");
  ports_.unable = {0};
  ports_.full = {2};
  outcome = rules_.drop(prefix("198.51.100.0/24"));
  EXPECT_EQ(outcome.installed, 0u);
  ASSERT_EQ(outcome.refusals.size(), 2u);
  EXPECT_EQ(outcome.refusals[0].why, std::strerror(ENOSYS));
  EXPECT_EQ(outcome.refusals[1].why, std::strerror(ENOSPC));
}

}  // namespace
}  // namespace vedette::dataplane
