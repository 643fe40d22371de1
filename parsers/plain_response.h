// The answer that a notifier receives all the time: a 2xx to a NOTIFY, in the shape in which nearly everybody sends it.
// One walk over its head, and only the few values are read that say what was answered; no index is made.
#pragma once

#include <cstdint>
#include <string_view>

namespace vedette::parsers {

struct PlainResponse {
  unsigned status = 0;          // 200 to 299.
  uint32_t cseq = 0;            // Its method is NOTIFY.
  std::string_view branch;      // Of the only Via; empty when that has none.
};

// True only for a datagram that parse_message() takes, too, as a response with this status, this CSeq, one
// Via with this branch (next_via()), and neither Retry-After nor Event: then nothing is to be learned by parsing it. So
// every line of the head is looked at as far as that takes: its line end, its name, whether its name stands
// there twice. Values are read of Via, CSeq and Content-Length alone.
//
// False says nothing about the datagram but that it is to be parsed, and leaves `out` undefined. All that is
// malformed is among that, and what is good but uncommon: line ends before the message, other cases of
// "SIP/2.0", a bare LF, folds, HTAB and other control characters, any known header field that stands there
// twice; a Via, CSeq or Content-Length that is not spelled so with a colon and one SP behind it (other names
// may be of any case, or compact); a CSeq or Content-Length of unusual length. A pure function; nothing
// outside of the datagram is read.
bool read_plain_response(std::string_view datagram, PlainResponse& out);

}  // namespace vedette::parsers
