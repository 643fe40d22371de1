// The two rings between the control thread and one worker: messages to its shard, records back. Fixed-size
// records are copied in and out. A full ring is an ordinary refusal, counted by the side that met it.
//
// Exactly one thread (the control thread) calls the control side, exactly one (the worker) the worker side.
#pragma once

#include <cstdint>

#include "dataplane/config.h"
#include "dataplane/control_record.h"
#include "engine/control_message.h"

struct rte_ring;

namespace vedette::dataplane {

class Mailbox {
 public:
  // Throws SetupError. `worker` names the rings.
  Mailbox(unsigned worker, const DataplaneConfig& config);
  ~Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  // Control side. False: the ring is full or empty.
  bool try_send(const engine::ControlMessage& message);
  bool try_receive(ControlRecord& record);
  uint64_t messages_refused() const { return messages_refused_; }  // Control side's own count.

  // Worker side. The worker counts refused records among its fates.
  bool try_take(engine::ControlMessage& message);
  bool try_post(const ControlRecord& record);
  uint32_t record_room() const;

 private:
  rte_ring* messages_ = nullptr;
  rte_ring* records_ = nullptr;
  uint64_t messages_refused_ = 0;
};

}  // namespace vedette::dataplane
