// The sphere that a presentity is in (RFC 4480 §3.10), as rules ask for it (RFC 4745 §7.3, RFC 5025 §3.1.2). Pure.
#pragma once

#include <string_view>

#include "engine/core.h"

namespace vedette::engine {

// Of all persons that were published: "home", "work", or another word; empty when none has one, or two differ. Good
// until the next change of the presentity's publications.
std::string_view sphere_of(const Core& core, const Presentity& presentity);

}  // namespace vedette::engine
