// Subscription-State (RFC 6665 §8.2.3).
#pragma once

#include <cstdint>
#include <string_view>

#include "parsers/parse_error.h"

namespace vedette::parsers {

struct SubscriptionState {
  enum class Value : uint8_t { kActive, kPending, kTerminated, kOther };
  Value value = Value::kOther;
  std::string_view text;         // The state token as it stands.
  std::string_view reason;       // Empty when absent.
  bool has_expires = false;
  uint32_t expires = 0;          // Seconds.
  bool has_retry_after = false;
  uint32_t retry_after = 0;      // Seconds.
};

ParseError parse_subscription_state(std::string_view value, SubscriptionState& out);

}  // namespace vedette::parsers
