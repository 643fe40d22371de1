// What must be true of parse_message() and its kin for every datagram there is. For tests and fuzzers.
#pragma once

#include <string>
#include <string_view>

namespace vedette::support {

// The first law that these bytes break, or nothing: all views lie within them; a second, naive reader sees the same;
// fields of one name are linked in order; nothing depends on what the Message held before; line ends may be LF, may
// stand before, noise may stand behind; on a stream it is the same message, and ends where the framer ends it; what
// is accepted reads the same when it was written anew; and the law below.
std::string broken_message_law(std::string_view bytes);

// Nothing, or how read_plain_response() breaks its law for this datagram: if it reads it at all, then
// parse_message() takes it, too, and says the same. `is_read` says whether it does.
std::string broken_plain_response_law(std::string_view datagram, bool& is_read);

}  // namespace vedette::support
