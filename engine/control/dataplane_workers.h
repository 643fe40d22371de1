// The workers of a real dataplane, as the control thread and those with stream connections see them (workers.h).
#pragma once

#include <vector>

#include "dataplane/dataplane.h"
#include "engine/control/workers.h"

namespace vedette::control {

class DataplaneWorkers final : public Workers {
 public:
  explicit DataplaneWorkers(dataplane::Dataplane& dataplane) : dataplane_(dataplane) {}

  unsigned count() const override { return dataplane_.workers(); }
  bool try_send(unsigned worker, const engine::ControlMessage& message) override {
    return dataplane_.mailbox(worker).try_send(message);
  }
  bool try_receive(unsigned worker, dataplane::ControlRecord& record) override {
    return dataplane_.mailbox(worker).try_receive(record);
  }
  dataplane::FateCounts fates(unsigned worker) const override { return dataplane_.fates(worker); }
  dataplane::FateCounts service_fates() const override { return dataplane_.service_fates(); }
  std::vector<dataplane::PortStatus> ports() const override { return dataplane_.ports(); }
  uint64_t memory_bytes() const override { return dataplane_.memory_bytes(); }
  dataplane::PortRules drop_at_ports(const engine::AddressPrefix& source) override {
    return dataplane_.drop_at_ports(source);
  }
  void admit_at_ports(const engine::AddressPrefix& source) override { dataplane_.admit_at_ports(source); }
  bool try_to_shard(dataplane::StreamWay way, const dataplane::StreamMessage& message) override {
    return dataplane_.try_to_shard(way, message);
  }
  bool try_from_shard(dataplane::StreamWay way, std::string& bytes, engine::Flow& flow) override {
    return dataplane_.try_from_shard(way, bytes, flow);
  }
  bool try_take_unverified(unsigned worker, std::string& bytes, engine::Flow& flow) override {
    return dataplane_.try_take_unverified(worker, bytes, flow);
  }
  bool try_give_verdict(unsigned worker, const dataplane::StreamMessage& message) override {
    return dataplane_.try_give_verdict(worker, message);
  }
  void service() override { dataplane_.service(); }

 private:
  dataplane::Dataplane& dataplane_;
};

}  // namespace vedette::control
