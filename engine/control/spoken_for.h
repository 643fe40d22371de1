// For which of the peers that a connection's certificate proves (RFC 5922 §7.1: a set of identities) one message
// speaks: what it says itself, of those that are proven and of no other. Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/peer.h"

namespace vedette::control {

// A place as in Flow::peer, out of `proven`, which has one at least. In this order: who may assert the P-Asserted-
// Identity that it has, first of all about its own domain; whose domain stands in its From; the first.
uint16_t spoken_for(const engine::Peers& peers, std::span<const uint16_t> proven, std::string_view message);

}  // namespace vedette::control
