// SIP over WebSocket (RFC 7118) as a byte stream that keeps messages apart (byte_stream.h): the upgrade of RFC 6455,
// and one SIP message in each WebSocket message. By Boost.Beast, over any other byte stream. On its thread only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/control/byte_stream.h"

namespace vedette::control {

struct WebSocketRules {
  uint32_t message_bytes_max;                    // Longer ones: close code 1009.
  const std::vector<std::string>& origins;       // Of which pages; empty: of any. It outlives the stream.
};

// For a peer who called: async_shake_hands() accepts on `carrier` and answers the upgrade.
std::unique_ptr<ByteStream> make_websocket_stream(std::unique_ptr<ByteStream> carrier, const WebSocketRules& rules);

}  // namespace vedette::control
