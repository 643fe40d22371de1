#include "dataplane/mailbox.h"

#include <rte_errno.h>
#include <rte_ring.h>
#include <rte_ring_elem.h>

#include <string>
#include <type_traits>

#include "dataplane/ring.h"
#include "dataplane/setup_error.h"

namespace vedette::dataplane {

static_assert(sizeof(engine::ControlMessage) % 4 == 0, "rte_ring copies words of four bytes");
static_assert(sizeof(ControlRecord) % 4 == 0, "rte_ring copies words of four bytes");
static_assert(std::is_trivially_copyable_v<engine::ControlMessage> &&
              std::is_trivially_copyable_v<ControlRecord>);

Mailbox::Mailbox(unsigned worker, const DataplaneConfig& config)
    : messages_(
          make_ring({"messages", worker, 0}, sizeof(engine::ControlMessage), config.control_messages_max)),
      records_(make_ring({"records", worker, 0}, sizeof(ControlRecord), config.control_records_max)) {}

Mailbox::~Mailbox() {
  free_ring(messages_);
  free_ring(records_);
}

bool Mailbox::try_send(const engine::ControlMessage& message) {
  if (rte_ring_sp_enqueue_elem(messages_, const_cast<engine::ControlMessage*>(&message), sizeof message) ==
      0) {
    return true;
  }
  ++messages_refused_;
  return false;
}

bool Mailbox::try_receive(ControlRecord& record) {
  return rte_ring_sc_dequeue_elem(records_, &record, sizeof record) == 0;
}

bool Mailbox::try_take(engine::ControlMessage& message) {
  return rte_ring_sc_dequeue_elem(messages_, &message, sizeof message) == 0;
}

bool Mailbox::try_post(const ControlRecord& record) {
  return rte_ring_sp_enqueue_elem(records_, const_cast<ControlRecord*>(&record), sizeof record) == 0;
}

uint32_t Mailbox::record_room() const { return ring_room(records_); }

}  // namespace vedette::dataplane
