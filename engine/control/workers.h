// What the control thread and those with stream connections need of the dataplane, so that tests can stand in for it.
// Called by the control thread alone, but where it says so.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dataplane/control_record.h"
#include "dataplane/dataplane.h"
#include "dataplane/fate.h"
#include "dataplane/stream_rings.h"
#include "engine/control_message.h"

namespace vedette::control {

class Workers {
 public:
  virtual ~Workers() = default;

  virtual unsigned count() const = 0;   // Any thread: it never changes.
  // False: the ring is full, or empty.
  virtual bool try_send(unsigned worker, const engine::ControlMessage& message) = 0;
  virtual bool try_receive(unsigned worker, dataplane::ControlRecord& record) = 0;
  virtual dataplane::FateCounts fates(unsigned worker) const = 0;
  virtual dataplane::FateCounts service_fates() const = 0;  // Of service().
  virtual std::vector<dataplane::PortStatus> ports() const = 0;
  virtual uint64_t memory_bytes() const = 0;
  // What ports drop by themselves of what a network sends: dataplane/flow_rules.h.
  virtual dataplane::PortRules drop_at_ports(const engine::AddressPrefix& source) = 0;
  virtual void admit_at_ports(const engine::AddressPrefix& source) = 0;
  // To and from the shards, for stream connections, by the thread of that number (stream_thread.h). False: no room
  // there now; nothing has come.
  virtual bool try_to_shard(dataplane::StreamWay way, const dataplane::StreamMessage& message) = 0;
  virtual bool try_from_shard(dataplane::StreamWay way, std::string& bytes, engine::Flow& flow) = 0;
  // Requests whose Identity is to be verified, and the verdicts (engine::PeerKind::kVerified).
  virtual bool try_take_unverified(unsigned worker, std::string& bytes, engine::Flow& flow) = 0;
  virtual bool try_give_verdict(unsigned worker, const dataplane::StreamMessage& message) = 0;
  // The kernel's side of the dataplane: never blocks, called every dataplane::Dataplane::kServiceIntervalMs.
  virtual void service() = 0;
};

}  // namespace vedette::control
