#include "bench/own_parsers.h"

#include <benchmark/benchmark.h>

#include "engine/route.h"
#include "parsers/address.h"
#include "parsers/auth_params.h"
#include "parsers/cseq.h"
#include "parsers/event.h"
#include "parsers/media_type.h"
#include "parsers/number.h"
#include "parsers/param.h"
#include "parsers/subscription_state.h"
#include "parsers/token_list.h"
#include "parsers/uri.h"
#include "parsers/via.h"

namespace vedette::bench {
namespace {

using parsers::HeaderId;
using parsers::ParseError;

constexpr uint64_t kMaxForwardsMax = 255;      // RFC 3261 §20.22.

// Every value must be made: none of it is dead code.
template <typename T>
bool kept(ParseError error, T& value) {
  benchmark::DoNotOptimize(value);
  return error == ParseError::kOk;
}

template <typename T, typename Parse>
bool read_one(Parse parse, std::string_view text) {
  T value;
  const ParseError error = parse(text, value);
  return kept(error, value);
}

// All elements of one field.
template <typename T, typename Next>
bool read_list(Next next, std::string_view rest) {
  while (true) {
    T element;
    const ParseError error = next(rest, element);
    if (error == ParseError::kEmpty) return true;
    if (!kept(error, element)) return false;
  }
}

bool read_max_forwards(std::string_view text) {
  uint64_t hops = 0;
  const ParseError error = parsers::parse_uint(text, kMaxForwardsMax, hops);
  return kept(error, hops);
}

// As engine/registrar/register_plan takes them: each with expires, q and +sip.instance.
bool read_bindings(std::string_view rest) {
  while (true) {
    parsers::Address contact;
    const ParseError error = parsers::next_address(rest, contact);
    if (error == ParseError::kEmpty) return true;
    if (!kept(error, contact) || !read_list<parsers::Param>(parsers::next_param, contact.params)) return false;
  }
}

bool read_value(const parsers::Message& message, size_t field) {
  const std::string_view value = message.value(message.header(field));
  switch (message.header_id(field)) {
    case HeaderId::kVia: return read_list<parsers::Via>(parsers::next_via, value);
    case HeaderId::kFrom:
    case HeaderId::kTo: return read_one<parsers::Address>(parsers::parse_address, value);
    case HeaderId::kContact:
      if (message.method() == parsers::Method::kRegister) return read_bindings(value);
      return read_list<parsers::Address>(parsers::next_address, value);
    case HeaderId::kRoute:
    case HeaderId::kRecordRoute: return read_list<parsers::Address>(parsers::next_address, value);
    case HeaderId::kCallId: return parsers::check_call_id(value) == ParseError::kOk;
    case HeaderId::kCSeq: return read_one<parsers::CSeq>(parsers::parse_cseq, value);
    case HeaderId::kMaxForwards: return read_max_forwards(value);
    case HeaderId::kExpires: return read_one<uint32_t>(parsers::parse_delta_seconds, value);
    case HeaderId::kEvent: return read_one<parsers::Event>(parsers::parse_event, value);
    case HeaderId::kSubscriptionState:
      return read_one<parsers::SubscriptionState>(parsers::parse_subscription_state, value);
    case HeaderId::kAccept: return read_list<parsers::MediaType>(parsers::next_media_range, value);
    case HeaderId::kAllow:
    case HeaderId::kSupported:
    case HeaderId::kRequire: return read_list<std::string_view>(parsers::next_token, value);
    case HeaderId::kContentType: return read_one<parsers::MediaType>(parsers::parse_media_type, value);
    case HeaderId::kAuthorization: return read_one<parsers::AuthParams>(parsers::parse_auth_params, value);
    case HeaderId::kSipEtag:
    case HeaderId::kSipIfMatch: return read_one<std::string_view>(parsers::parse_entity_tag, value);
    default: return true;
  }
}

}  // namespace

bool TypedParser::read(size_t i) {
  if (parsers::parse_message(messages_[i], message_) != ParseError::kOk) return false;
  bool good = !message_.is_request() || read_one<parsers::Uri>(parsers::parse_request_uri, message_.request_uri());
  for (size_t field = 0; field < message_.header_count(); ++field) {
    good = read_value(message_, field) && good;
  }
  return good;
}

Reading TypedParser::reading(size_t i) {
  Reading found;
  if (!read(i)) return found;
  parsers::CSeq cseq;
  if (parsers::parse_cseq(message_.value(HeaderId::kCSeq), cseq) == ParseError::kOk) found.cseq = cseq.number;
  for (size_t n = 0; n < message_.header_count(); ++n) {
    std::string_view rest = message_.value(message_.header(n));
    parsers::Via via;
    parsers::Address contact;
    parsers::AuthParams auth;
    const HeaderId id = message_.header_id(n);
    if (id == HeaderId::kVia) while (parsers::next_via(rest, via) == ParseError::kOk) ++found.vias;
    if (id == HeaderId::kContact)
      while (parsers::next_address(rest, contact) == ParseError::kOk) ++found.contacts;
    if (id != HeaderId::kAuthorization) continue;
    if (parsers::parse_auth_params(rest, auth) == ParseError::kOk && auth.is_digest) ++found.credentials;
  }
  found.body_bytes = message_.body().size();
  return found;
}

// As Shard::on_datagram does: what is plain at once, the others parsed, and then whose it is (engine/route).
bool read_notify_response(std::string_view datagram, parsers::Message& message, NotifyAnswer& out) {
  if (engine::read_plain_notify_response(datagram, out)) return true;
  if (parsers::parse_message(datagram, message) != ParseError::kOk || message.is_request()) return false;
  std::string_view vias = message.value(HeaderId::kVia);
  parsers::Via via;
  return parsers::next_via(vias, via) == ParseError::kOk && vias.empty() && message.count(HeaderId::kVia) == 1 &&
         engine::read_notify_response(message, via.branch, out) && engine::route_of_response(via).has_owner;
}

}  // namespace vedette::bench
