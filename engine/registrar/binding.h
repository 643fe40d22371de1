// One binding of an address of record to a Contact (RFC 3261 §10.3), with the instance that registered it
// (RFC 5627) and the flow that reaches it.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/handle.h"
#include "engine/base/time.h"
#include "engine/flow.h"
#include "engine/presence/published_state.h"
#include "engine/text_store.h"

namespace vedette::engine {

// What led to the state in which a binding is (RFC 3680 §4.7.1); it is over with those from kUnregistered on.
enum class BindingEvent : uint8_t { kCreated, kRefreshed, kUnregistered, kExpired };

struct Binding {
  Text text;                            // [Contact URI][instance][Contact header parameters to give back]
  uint16_t contact_length = 0;
  uint16_t instance_length = 0;         // 0: none. Without the quotes and brackets: "urn:uuid:...".
  uint16_t q = 1000;                    // Thousandths.
  BindingEvent event = BindingEvent::kCreated;
  uint32_t cseq = 0;                    // Of the REGISTER that made or refreshed it, with
  uint64_t call_id_hash = 0;            // the hash of its Call-ID.
  uint32_t next = kNoIndex;             // The AOR's next binding.
  Instant expires_at;
  Instant updated_at;
  Flow flow;                            // Where requests for it go.
  uint32_t presentity = kNoIndex;       // Whose it is.
  uint64_t device = 0;                  // Where its last REGISTER came from, see presence/device.h.
  PublishedState presence;              // What it says of its user.

  std::string_view contact() const { return text.view().substr(0, contact_length); }
  std::string_view instance() const { return text.view().substr(contact_length, instance_length); }
  std::string_view params() const { return text.view().substr(contact_length + instance_length); }
};

}  // namespace vedette::engine
