#include "engine/presence/notify_response.h"

#include "parsers/cseq.h"
#include "parsers/number.h"
#include "parsers/plain_response.h"

namespace vedette::engine {

using parsers::HeaderId;
using parsers::ParseError;

// RFC 6665 §4.2.2: the answers to a NOTIFY that end the subscription, whatever Retry-After they name. RFC 5057 §5.1: so
// do a 408, which is a timeout that somebody else has seen, and a 502, which ends the dialog.
bool ends_subscription(unsigned status) {
  switch (status) {
    case 404: case 405: case 408: case 410: case 416: case 489: case 501: case 502: case 604: return true;
    default: return status >= 480 && status <= 485;
  }
}

bool read_plain_notify_response(std::string_view datagram, NotifyResponse& out) {
  parsers::PlainResponse plain;
  if (!parsers::read_plain_response(datagram, plain) || !NotifyBranch::parse(plain.branch, out.branch)) return false;
  out.cseq = plain.cseq;
  out.status = plain.status;
  out.retry_after = 0;
  out.event = {};
  return true;
}

bool read_notify_response(const parsers::Message& response, std::string_view branch, NotifyResponse& out) {
  parsers::CSeq cseq;
  if (!NotifyBranch::parse(branch, out.branch) ||
      parsers::parse_cseq(response.value(HeaderId::kCSeq), cseq) != ParseError::kOk ||
      cseq.method != parsers::Method::kNotify) {
    return false;
  }
  out.cseq = cseq.number;
  out.status = response.status();
  out.retry_after = 0;
  out.event = response.value(HeaderId::kEvent);
  // A Retry-After that cannot be read is as good as none.
  if (response.find(HeaderId::kRetryAfter) != nullptr &&
      parsers::parse_delta_seconds(response.value(HeaderId::kRetryAfter), out.retry_after) != ParseError::kOk) {
    out.retry_after = 0;
  }
  return true;
}

}  // namespace vedette::engine
