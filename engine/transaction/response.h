// Responses (RFC 3261 §8.2.6), written into the Outbox from the request that they answer.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/time.h"
#include "engine/flow.h"
#include "engine/outbox.h"
#include "engine/reason.h"
#include "parsers/message.h"
#include "parsers/via.h"
#include "parsers/writer.h"

namespace vedette::engine {

// One response in the making: constructed with its status line and the header fields that it copies, then given
// more header fields through writer(), then finished. Nothing leaves when it does not fit.
class Response {
 public:
  struct Start {
    const parsers::Message* request = nullptr;
    const parsers::Via* via = nullptr;          // The topmost one, as far as it can be read.
    Flow flow;                                  // Where the request came from.
    unsigned status = 0;
    std::string_view phrase;
    std::string_view to_tag;                    // Added to the To header when that has none.
    std::string_view server_name;
    uint32_t loss_percent = 0;                  // RFC 7339: of 100 requests, how many the sender should keep back.
    Instant now;
  };
  Response(OutSlot& slot, const Start& start);

  parsers::Writer& writer() { return writer_; }
  // Ends the headers (Server, Content-Length: 0). False when it did not fit; then nothing may be committed.
  bool finish();

 private:
  OutSlot& slot_;
  parsers::Writer writer_;
  std::string_view server_name_;
};

// Where a response goes (RFC 3261 §18.2.2, RFC 3581 §4): always to the address that the request came from; to
// its source port when the Via asks for that (rport), else to the port in sent-by.
Flow response_flow(const Flow& request_flow, const parsers::Via& via);

}  // namespace vedette::engine
