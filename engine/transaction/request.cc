#include "engine/transaction/request.h"

#include <cstring>

#include "engine/base/check.h"
#include "parsers/number.h"

namespace vedette::engine {
namespace {

using parsers::HeaderField;
using parsers::HeaderId;
using parsers::ParseError;

// What a message-level error means for the one who sent it.
Reason reason_of(ParseError error) {
  switch (error) {
    case ParseError::kOk: return Reason::kNone;
    case ParseError::kVersion: return Reason::kVersion;
    case ParseError::kContentLength: return Reason::kBadContentLength;
    case ParseError::kSingleHeader: return Reason::kRepeatedHeader;
    case ParseError::kMessageTooLong: return Reason::kMessageTooLong;
    default: return Reason::kBadRequest;
  }
}

// RFC 3261 §8.2.6.2: all Vias are given back, so all must be good: `rest`, what stands behind the topmost one in its
// field, and the fields after that.
bool are_good_vias(const parsers::Message& message, const HeaderField& topmost, std::string_view rest) {
  parsers::Via via;
  for (const HeaderField* field = &topmost;;) {
    while (!rest.empty()) {
      if (parsers::next_via(rest, via) != ParseError::kOk) return false;
    }
    field = message.find_next(*field);
    if (field == nullptr) return true;
    rest = message.value(*field);
    // RFC 3261 §25.1: a Via field has one via-parm at least.
    if (rest.empty()) return false;
  }
}

Reason read_request_uri(const parsers::Message& message, parsers::Uri& out) {
  const ParseError error = parsers::parse_uri(message.request_uri(), out);
  // RFC 3261 §8.2.2.1: a scheme that is not supported gets 416.
  if (error == ParseError::kUriScheme) return Reason::kSchemeUnknown;
  if (error != ParseError::kOk) return Reason::kBadRequestUri;
  if (out.scheme == parsers::UriScheme::kOther) return Reason::kSchemeUnknown;
  // RFC 3261 §19.1.1: headers are not allowed in a Request-URI.
  return out.headers.empty() ? Reason::kNone : Reason::kBadRequestUri;
}

}  // namespace

Reason read_request(const parsers::Message& message, ParseError message_error, const Flow& flow, Request& out) {
  out.message = &message;
  out.flow = flow;
  // RFC 3261 §18.2.2: without the topmost Via's sent-by there is nowhere to answer to. What is malformed behind it
  // keeps nobody from answering 400 (RFC 4475 §3.1.2.1).
  const HeaderField* const field = message.find(HeaderId::kVia);
  if (field == nullptr) return Reason::kUnanswerable;
  std::string_view vias = message.value(*field);
  const bool is_topmost_good = parsers::next_via(vias, out.via) == ParseError::kOk;
  if (!is_topmost_good && out.via.text.empty()) return Reason::kUnanswerable;
  if (message_error != ParseError::kOk) return reason_of(message_error);
  for (const HeaderId id : {HeaderId::kFrom, HeaderId::kTo, HeaderId::kCallId, HeaderId::kCSeq}) {
    if (message.find(id) == nullptr) return Reason::kMissingHeader;
  }
  if (!is_topmost_good || !are_good_vias(message, *field, vias)) return Reason::kBadVia;
  if (parsers::parse_address(message.value(HeaderId::kFrom), out.from) != ParseError::kOk ||
      parsers::parse_address(message.value(HeaderId::kTo), out.to) != ParseError::kOk) {
    return Reason::kBadFromTo;
  }
  out.call_id = message.value(HeaderId::kCallId);
  if (parsers::check_call_id(out.call_id) != ParseError::kOk) return Reason::kBadCallId;
  if (parsers::parse_cseq(message.value(HeaderId::kCSeq), out.cseq) != ParseError::kOk) return Reason::kBadCSeq;
  // RFC 3261 §8.1.1.5: the CSeq's method must be the request's. (An unknown method is told 501 all the same:
  // RFC 4475 §3.1.2.18.)
  if (out.cseq.method_name != message.method_name() && message.method() != parsers::Method::kUnknown) {
    return Reason::kBadCSeq;
  }
  return read_request_uri(message, out.uri);
}

CanonicalAor::CanonicalAor(const parsers::Uri& uri) {
  if (parsers::write_canonical_aor(uri, bytes_, sizeof bytes_, length_) != ParseError::kOk) length_ = 0;
}

CanonicalAor CanonicalAor::of(std::string_view canonical) {
  VEDETTE_CHECK(canonical.size() <= kCanonicalAorBytesMax);
  CanonicalAor aor;
  std::memcpy(aor.bytes_, canonical.data(), canonical.size());
  aor.length_ = canonical.size();
  return aor;
}

std::string_view CanonicalAor::domain() const {
  const size_t at = view().rfind('@');
  return at == std::string_view::npos ? std::string_view{} : view().substr(at + 1);
}

Reason read_expires(const parsers::Message& message, RequestedExpiry& out) {
  const parsers::HeaderField* field = message.find(HeaderId::kExpires);
  if (field == nullptr) return Reason::kNone;
  if (parsers::parse_delta_seconds(message.value(*field), out.seconds) != ParseError::kOk) {
    return Reason::kBadExpires;
  }
  out.present = true;
  return Reason::kNone;
}

}  // namespace vedette::engine
