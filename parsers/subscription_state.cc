#include "parsers/subscription_state.h"

#include "parsers/cursor.h"
#include "parsers/number.h"
#include "parsers/param.h"
#include "parsers/take_params.h"

namespace vedette::parsers {
namespace {

SubscriptionState::Value state_of(std::string_view token) {
  if (equal_ignoring_case(token, "active")) return SubscriptionState::Value::kActive;
  if (equal_ignoring_case(token, "pending")) return SubscriptionState::Value::kPending;
  if (equal_ignoring_case(token, "terminated")) return SubscriptionState::Value::kTerminated;
  return SubscriptionState::Value::kOther;
}

ParseError keep_param(const Param& param, SubscriptionState& out) {
  if (equal_ignoring_case(param.name, "reason")) {
    if (param.quoted || param.value.empty()) return ParseError::kParam;
    out.reason = param.value;
  } else if (equal_ignoring_case(param.name, "expires")) {
    out.has_expires = true;
    return parse_delta_seconds(param.value, out.expires);
  } else if (equal_ignoring_case(param.name, "retry-after")) {
    out.has_retry_after = true;
    return parse_delta_seconds(param.value, out.retry_after);
  }
  return ParseError::kOk;
}

}  // namespace

ParseError parse_subscription_state(std::string_view value, SubscriptionState& out) {
  out = {};
  Cursor cursor(value);
  cursor.skip_lws();
  out.text = cursor.take_all(kTokenChar);
  if (out.text.empty()) return ParseError::kToken;
  out.value = state_of(out.text);
  std::string_view params;
  const auto keep = [&out](const Param& param) { return keep_param(param, out); };
  if (const ParseError error = take_params(cursor, params, keep); error != ParseError::kOk) return error;
  cursor.skip_lws();
  return cursor.at_end() ? ParseError::kOk : ParseError::kToken;
}

}  // namespace vedette::parsers
