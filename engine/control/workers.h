// What the control thread needs of the dataplane, so that tests can stand in for it. Called by the control
// thread alone.
#pragma once

#include <cstdint>
#include <vector>

#include "dataplane/control_record.h"
#include "dataplane/dataplane.h"
#include "dataplane/fate.h"
#include "engine/control_message.h"

namespace vedette::control {

class Workers {
 public:
  virtual ~Workers() = default;

  virtual unsigned count() const = 0;
  // False: the ring is full, or empty.
  virtual bool try_send(unsigned worker, const engine::ControlMessage& message) = 0;
  virtual bool try_receive(unsigned worker, dataplane::ControlRecord& record) = 0;
  virtual dataplane::FateCounts fates(unsigned worker) const = 0;
  virtual dataplane::FateCounts service_fates() const = 0;  // Of service().
  virtual std::vector<dataplane::PortStatus> ports() const = 0;
  virtual uint64_t memory_bytes() const = 0;
  // The kernel's side of the dataplane: never blocks, called every dataplane::Dataplane::kServiceIntervalMs.
  virtual void service() = 0;
};

}  // namespace vedette::control
