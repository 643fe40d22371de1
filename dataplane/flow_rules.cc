// See flow_rules.h. Control thread only.
#include "dataplane/flow_rules.h"

#include <rte_byteorder.h>
#include <rte_errno.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace vedette::dataplane {
namespace {

// Ethernet, IP from the prefix, UDP to the port. What rte_flow points at lives here, so it stays where it is.
class Pattern {
 public:
  Pattern(const engine::AddressPrefix& source, uint16_t sip_port) {
    udp_.hdr.dst_port = rte_cpu_to_be_16(sip_port);
    udp_mask_.hdr.dst_port = UINT16_MAX;
    items_[0].type = RTE_FLOW_ITEM_TYPE_ETH;
    if (source.address.is_v4()) {
      const uint32_t bits = source.bits - 96U;
      const uint32_t mask = bits == 0 ? 0 : UINT32_MAX << (32 - bits);
      v4_.hdr.src_addr = rte_cpu_to_be_32(source.address.v4_host_order() & mask);
      v4_mask_.hdr.src_addr = rte_cpu_to_be_32(mask);
      items_[1] = {.type = RTE_FLOW_ITEM_TYPE_IPV4, .spec = &v4_, .last = nullptr, .mask = &v4_mask_};
    } else {
      for (unsigned i = 0; i < 16; ++i) {
        const unsigned bits = source.bits > 8 * i ? std::min(source.bits - 8 * i, 8U) : 0;
        v6_mask_.hdr.src_addr[i] = static_cast<uint8_t>(0xff00 >> bits);
        v6_.hdr.src_addr[i] = source.address.bytes[i] & v6_mask_.hdr.src_addr[i];
      }
      items_[1] = {.type = RTE_FLOW_ITEM_TYPE_IPV6, .spec = &v6_, .last = nullptr, .mask = &v6_mask_};
    }
    items_[2] = {.type = RTE_FLOW_ITEM_TYPE_UDP, .spec = &udp_, .last = nullptr, .mask = &udp_mask_};
    items_[3].type = RTE_FLOW_ITEM_TYPE_END;
  }
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;

  const rte_flow_item* items() const { return items_.data(); }

 private:
  rte_flow_item_ipv4 v4_{}, v4_mask_{};
  rte_flow_item_ipv6 v6_{}, v6_mask_{};
  rte_flow_item_udp udp_{}, udp_mask_{};
  std::array<rte_flow_item, 4> items_{};
};

std::string why(const rte_flow_error& error, int code) {
  return error.message != nullptr ? error.message : rte_strerror(code < 0 ? -code : code);
}

}  // namespace

FlowRules::~FlowRules() {
  for (const Rule& rule : rules_) {
    rte_flow_error error{};
    calls_.destroy(rule.port_id, rule.flow, &error);
  }
}

PortRules FlowRules::drop(const engine::AddressPrefix& source) {
  rte_flow_attr attributes{};
  attributes.ingress = 1;
  std::array<rte_flow_action, 2> actions{};
  actions[0].type = RTE_FLOW_ACTION_TYPE_DROP;
  actions[1].type = RTE_FLOW_ACTION_TYPE_END;
  const Pattern pattern(source, sip_port_);
  PortRules outcome;
  for (const Target& target : targets_) {
    const auto has_it = [&](const Rule& rule) { return rule.source == source && rule.port_id == target.port_id; };
    if (std::any_of(rules_.begin(), rules_.end(), has_it)) {
      ++outcome.installed;
      continue;
    }
    rte_flow_error error{};
    int code = calls_.validate(target.port_id, &attributes, pattern.items(), actions.data(), &error);
    rte_flow* flow = nullptr;
    if (code == 0) {
      flow = calls_.create(target.port_id, &attributes, pattern.items(), actions.data(), &error);
      code = rte_errno;
    }
    if (flow == nullptr) {
      outcome.refusals.push_back({target.name, why(error, code)});
      continue;
    }
    rules_.push_back({source, target.port_id, flow});
    ++outcome.installed;
  }
  return outcome;
}

void FlowRules::admit(const engine::AddressPrefix& source) {
  std::erase_if(rules_, [&](const Rule& rule) {
    if (!(rule.source == source)) return false;
    rte_flow_error error{};
    calls_.destroy(rule.port_id, rule.flow, &error);
    return true;
  });
}

}  // namespace vedette::dataplane
