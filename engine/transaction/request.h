// A request that has been read: the header fields that every request must have (RFC 3261 §8.1.1), typed, as
// views into its datagram. Lives as long as the datagram.
#pragma once

#include <string_view>

#include "engine/flow.h"
#include "engine/reason.h"
#include "parsers/address.h"
#include "parsers/cseq.h"
#include "parsers/message.h"
#include "parsers/uri.h"
#include "parsers/via.h"

namespace vedette::engine {

inline constexpr size_t kCanonicalAorBytesMax = 255;

struct Request {
  const parsers::Message* message = nullptr;
  Flow flow;                         // Where it came from.
  parsers::Via via;                  // The topmost one; of a malformed one, what stands before the fault.
  parsers::Address from;
  parsers::Address to;
  parsers::CSeq cseq;
  std::string_view call_id;
  parsers::Uri uri;                  // The Request-URI.

  parsers::Method method() const { return message->method(); }
};

// Reads and checks what RFC 3261 §8.2 asks of every request, as far as `message_error` (what parse_message said)
// leaves it readable. kNone, or why the request is refused; kUnanswerable when not even a 400 can be written.
Reason read_request(const parsers::Message& message, parsers::ParseError message_error, const Flow& flow,
                    Request& out);

// The canonical AOR of a URI in a buffer of its own. Empty when it has none.
class CanonicalAor {
 public:
  CanonicalAor() = default;
  explicit CanonicalAor(const parsers::Uri& uri);
  // Of text that is canonical already, at most kCanonicalAorBytesMax long.
  static CanonicalAor of(std::string_view canonical);
  std::string_view view() const { return {bytes_, length_}; }
  // What stands after the last "@", or empty.
  std::string_view domain() const;
  bool empty() const { return length_ == 0; }

 private:
  char bytes_[kCanonicalAorBytesMax];
  size_t length_ = 0;
};

// Who keeps to himself who he is (RFC 3323 §4.1.1.3).
inline constexpr std::string_view kAnonymousDomain = "anonymous.invalid";
inline constexpr std::string_view kAnonymousAor = "anonymous@anonymous.invalid";

// Expires (RFC 3261 §20.19): absent is not an error. kBadExpires when malformed.
struct RequestedExpiry {
  bool present = false;
  uint32_t seconds = 0;
};
Reason read_expires(const parsers::Message& message, RequestedExpiry& out);

}  // namespace vedette::engine
