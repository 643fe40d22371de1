// Our own parsers, each in the shape in which parser_bench times the peers, too: read() is timed, reading() is not.
#pragma once

#include <array>
#include <cstddef>

#include "bench/bench_messages.h"
#include "bench/reading.h"
#include "engine/presence/notify_response.h"
#include "parsers/message.h"
#include "parsers/parse_error.h"
#include "parsers/pidf.h"

namespace vedette::bench {

// The index of start line and header fields, and nothing of their values.
class IndexParser {
 public:
  explicit IndexParser(const BenchMessages& messages) : messages_(messages) {}
  bool read(size_t i) { return parsers::parse_message(messages_[i], message_) == parsers::ParseError::kOk; }

 private:
  const BenchMessages& messages_;
  parsers::Message message_;       // Used again, as a shard does.
};

// The index, then typed values of everything that the engine reads of some message and of what the peers read of all:
// Request-URI; Via (all), From, To, Contact (all; a REGISTER's with its parameters), Route and Record-Route (all),
// Call-ID, CSeq, Max-Forwards, Expires, Event, Subscription-State, Accept, Allow, Supported, Require, Content-Type,
// Authorization, SIP-ETag and SIP-If-Match. Content-Length is part of the index. Bodies are only delimited.
class TypedParser {
 public:
  explicit TypedParser(const BenchMessages& messages) : messages_(messages) {}
  bool read(size_t i);
  Reading reading(size_t i);

 private:
  const BenchMessages& messages_;
  parsers::Message message_;
};

// What the poll loop reads of a response to a NOTIFY of ours: whose it is, and what it says.
using NotifyAnswer = engine::NotifyResponse;
bool read_notify_response(std::string_view datagram, parsers::Message& message, NotifyAnswer& out);

// A presence document, reduced to fragments.
class PidfReader {
 public:
  explicit PidfReader(const BenchMessages& messages) : body_(messages.presence_body()) {}
  bool read() { return parsers::normalise_pidf(body_, fragments_, document_) == parsers::ParseError::kOk; }
  size_t elements() const { return document_.count; }      // Children of <presence>, as read() found them.

 private:
  std::string_view body_;
  std::array<char, 8192> fragments_;
  parsers::PidfDocument document_;
};

}  // namespace vedette::bench
