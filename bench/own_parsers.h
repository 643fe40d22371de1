// Our own parsers, each in the shape in which parser_bench times the peers, too: read() is timed, reading() is not.
#pragma once

#include <array>
#include <cstddef>

#include "bench/bench_messages.h"
#include "bench/reading.h"
#include "engine/presence/notify_response.h"
#include "parsers/address.h"
#include "parsers/auth_params.h"
#include "parsers/cseq.h"
#include "parsers/event.h"
#include "parsers/media_type.h"
#include "parsers/message.h"
#include "parsers/notification_rates.h"
#include "parsers/param.h"
#include "parsers/parse_error.h"
#include "parsers/pidf.h"
#include "parsers/uri.h"
#include "parsers/via.h"

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

// Where typed values are put, used again for each: every parser writes all of its value.
struct TypedValues {
  parsers::Uri uri;
  parsers::Via via;
  parsers::Address address;
  parsers::Param param;
  parsers::CSeq cseq;
  parsers::Event event;
  parsers::NotificationRates rates;
  parsers::MediaType media_type;
  parsers::AuthParams credentials;
  std::string_view token;
  uint32_t seconds = 0;
};

// The index, then the typed values that the engine asks for of a message of this kind, or all that it asks for of some
// (bench/asked_for.h).
class TypedParser {
 public:
  enum class Values { kAskedFor, kAskedForOfSome };
  TypedParser(const BenchMessages& messages, Values values) : messages_(messages), wanted_(values) {}
  bool read(size_t i);
  Reading reading(size_t i);

 private:
  const BenchMessages& messages_;
  const Values wanted_;
  parsers::Message message_;
  TypedValues values_;
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
