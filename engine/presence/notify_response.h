// An answer to a NOTIFY of ours, as the notifier takes it, and the two ways to it: most come in one shape and are read
// as they arrived; what has any other shape is read of the parsed message. Whose it is stands in its branch. No state.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/presence/notify.h"
#include "parsers/message.h"

namespace vedette::engine {

struct NotifyResponse {
  NotifyBranch branch;
  uint32_t cseq = 0;
  unsigned status = 0;
  uint32_t retry_after = 0;         // Seconds; 0 when absent.
  std::string_view event;           // As it stands there (RFC 6446 §9.3), for the call; empty when absent.
};

// Whether the answer ends the subscription, and not just the attempt to notify.
bool ends_subscription(unsigned status);

// Of a plain 2xx with a branch of ours (parsers/plain_response.h). False: parse the datagram. When it is true,
// parsing it and read_notify_response() would give the same.
bool read_plain_notify_response(std::string_view datagram, NotifyResponse& out);

// `branch`: of the response's only Via; empty when there is none such. False when it answers no NOTIFY of ours.
bool read_notify_response(const parsers::Message& response, std::string_view branch, NotifyResponse& out);

}  // namespace vedette::engine
