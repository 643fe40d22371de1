// One row of a shard's answer on its way to the control thread, as it travels through the mailbox.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "engine/control_message.h"

namespace vedette::dataplane {

inline constexpr size_t kControlTextBytesMax = 1024;

struct ControlRecord {
  engine::ControlReplyHeader header;
  uint16_t length = 0;                           // Of the row in bytes.
  std::array<char, kControlTextBytesMax> bytes;  // Only the first `length` mean anything.

  std::string_view text() const { return {bytes.data(), length}; }
};

}  // namespace vedette::dataplane
