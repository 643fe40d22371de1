// Who sent a request as a peer says that has authenticated him (RFC 3325). What of it is believed is the operator's
// word (Peer::asserts). Pure.
#pragma once

#include "engine/config.h"
#include "engine/reason.h"
#include "engine/transaction/request.h"

namespace vedette::engine {

struct AssertedSender {
  CanonicalAor user;                  // Who it is; kAnonymousAor when he wants that kept.
  Reason refusal = Reason::kNone;     // kForbidden, kNotYourAor: he may not.
};

// Of a SUBSCRIBE or PUBLISH; of nothing else is it said. False when nobody said it who may, or it is malformed: it is
// as if it were not there. `subject`: of a PUBLISH, whose state it is about.
bool read_asserted_sender(const EngineConfig& config, const Request& request, const CanonicalAor& subject,
                          AssertedSender& out);

}  // namespace vedette::engine
