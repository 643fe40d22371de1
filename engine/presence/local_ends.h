// What is ours in the NOTIFYs of a dialog: which way they leave, and the lines that say so. The dialogs of one of our
// addresses and one package have the same, so it is kept once, with how many have it; there are as many as the
// configuration makes. Owned by the shard's thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/pool.h"
#include "engine/flow.h"
#include "engine/reason.h"
#include "engine/text_store.h"

namespace vedette::engine {

struct LocalEnd {
  Text text;                             // [via][lines]
  uint32_t users = 0;
  uint16_t via_length = 0;
  Transport transport = Transport::kUdp;
  uint8_t port_index = 0;
  Endpoint local;

  // From the end of the Request-URI to the branch in Via.
  std::string_view via() const { return text.view().substr(0, via_length); }
  // From the Call-ID's end to the package in Event.
  std::string_view lines() const { return text.view().substr(via_length); }
  bool is_of(const Flow& flow) const {
    return transport == flow.transport && port_index == flow.port_index && local == flow.local;
  }
};

class LocalEnds {
 public:
  LocalEnds(TextStore& texts, uint32_t ends_max) : texts_(texts), ends_(ends_max) {}

  // The one by which `flow` leaves with these lines, for one user more. kLocalEndsFull, kDocumentsFull: none.
  Reason try_enter(const Flow& flow, std::string_view lines, uint32_t& end);
  void leave(uint32_t end);

  const LocalEnd& operator[](uint32_t end) const { return ends_[end]; }
  uint32_t size() const { return ends_.size(); }
  static uint64_t bytes(uint32_t ends_max) { return ends_max * Pool<LocalEnd>::bytes_per_record(); }

 private:
  uint32_t find(const Flow& flow, std::string_view lines) const;

  TextStore& texts_;
  Pool<LocalEnd> ends_;
  uint32_t latest_ = 0;                  // The one that was entered last: most likely the next one's, too.
};

}  // namespace vedette::engine
