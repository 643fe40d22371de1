// The full form of a PASSporT (RFC 8225, RFC 8224 §6.2): what it says itself, held to the request that it came in.
// Pure. Control thread only.
#pragma once

#include "engine/auth/identity.h"
#include "engine/reason.h"

namespace vedette::control {

// kNone when header and payload say what the request says, and were made not too long from `now`: kInvalidIdentity,
// kStaleDate. What else stands in them is passed over (RFC 8225 §8.3).
engine::Reason check_full_passport(const engine::IdentityClaim& claim, engine::Instant now,
                                   engine::Duration freshness);

}  // namespace vedette::control
