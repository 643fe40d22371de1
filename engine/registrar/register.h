// REGISTER (RFC 3261 §10.3): bindings come and go, and with them the presence that they show without any PUBLISH.
// The sender has been authenticated as the AOR of the To before.
#pragma once

#include <string_view>

#include "engine/core.h"
#include "engine/presence/notifier.h"
#include "engine/presence/views.h"
#include "engine/registrar/registrar.h"
#include "engine/transaction/exchange.h"

namespace vedette::engine {

// RFC 3261 §10.2: what a REGISTER is about is named by a SIP or SIPS URI.
inline bool may_be_registered(const parsers::Uri& to) {
  return to.scheme == parsers::UriScheme::kSip || to.scheme == parsers::UriScheme::kSips;
}

class RegisterHandler {
 public:
  RegisterHandler(Core& core, Registrar& registrations, Notifier& notifier, Views& views)
      : core_(core), registrations_(registrations), notifier_(notifier), views_(views) {}

  void on_request(Exchange& exchange, std::string_view aor);
  // The 200 again for a retransmission, with the bindings as they are now.
  void answer(Exchange& exchange);
  void on_timer(Instant now, uint32_t presentity);

 private:
  // What watchers see of the bindings.
  struct Seen {
    uint64_t presence = 0;         // A hash of what they say of their user.
    uint32_t reg = kNoIndex;       // Who watches the registration itself (RFC 3680); nobody: kNoIndex.
    uint64_t contacts = 0;         // A hash of what they see, when somebody does.
  };
  Seen seen_of(uint32_t presentity) const;
  struct Change {
    const Seen& before;
    uint32_t ended = kNoIndex;     // The bindings that are over, which are released.
  };
  void on_bindings_changed(Instant now, uint32_t presentity, const Change& change);
  void tell_of_contacts(Instant now, uint32_t reg, uint32_t ended);

  Core& core_;
  Registrar& registrations_;
  Notifier& notifier_;
  Views& views_;
};

}  // namespace vedette::engine
