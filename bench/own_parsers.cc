#include "bench/own_parsers.h"

#include <benchmark/benchmark.h>

#include "bench/asked_for.h"
#include "engine/route.h"
#include "parsers/number.h"
#include "parsers/token_list.h"

namespace vedette::bench {
namespace {

using parsers::HeaderId;
using parsers::ParseError;

// Every value must be made: none of it is dead code.
template <typename T>
bool kept(ParseError error, T& value) {
  benchmark::DoNotOptimize(value);
  return error == ParseError::kOk;
}

template <typename T, typename Parse>
bool read_one(Parse parse, std::string_view text, T& value) {
  const ParseError error = parse(text, value);
  return kept(error, value);
}

// All elements of one field.
template <typename T, typename Next>
bool read_list(Next next, std::string_view rest, T& element) {
  while (true) {
    const ParseError error = next(rest, element);
    if (error == ParseError::kEmpty) return true;
    if (!kept(error, element)) return false;
  }
}

bool read_tokens(std::string_view value, std::string_view& token) {
  parsers::TokenList tokens(value);
  return read_list([&tokens](std::string_view, std::string_view& out) { return tokens.next(out); }, value, token);
}

// As engine/registrar/register_plan takes them: each with expires, q and +sip.instance.
bool read_bindings(std::string_view rest, TypedValues& values) {
  while (true) {
    const ParseError error = parsers::next_address(rest, values.address);
    if (error == ParseError::kEmpty) return true;
    if (!kept(error, values.address)) return false;
    if (!read_list(parsers::next_param, values.address.params, values.param)) return false;
  }
}

bool read_accept(std::string_view rest, TypedValues& values) {
  while (true) {
    const ParseError error = parsers::next_media_range(rest, values.media_type);
    if (error == ParseError::kEmpty) return true;
    if (!kept(error, values.media_type)) return false;
    if (!values.media_type.params.empty()) {
      bool has_q = parsers::find_param(values.media_type.params, "q", values.param);
      benchmark::DoNotOptimize(has_q);
    }
  }
}

bool read_event(std::string_view value, bool has_rates, TypedValues& values) {
  return read_one(parsers::parse_event, value, values.event) &&
         (!has_rates || read_one(parsers::parse_notification_rates, values.event.params, values.rates));
}

bool read_value(const parsers::Message& message, size_t field, TypedValues& values) {
  const std::string_view value = message.value(message.header(field));
  switch (message.header_id(field)) {
    case HeaderId::kVia: return read_list(parsers::next_via, value, values.via);
    case HeaderId::kFrom:
    case HeaderId::kTo: return read_one(parsers::parse_address, value, values.address);
    case HeaderId::kContact:
      if (message.method() == parsers::Method::kRegister) return read_bindings(value, values);
      return read_list(parsers::next_address, value, values.address);
    case HeaderId::kRecordRoute: return read_list(parsers::next_address, value, values.address);
    case HeaderId::kCallId: return parsers::check_call_id(value) == ParseError::kOk;
    case HeaderId::kCSeq: return read_one(parsers::parse_cseq, value, values.cseq);
    case HeaderId::kExpires:
    case HeaderId::kRetryAfter: return read_one(parsers::parse_delta_seconds, value, values.seconds);
    case HeaderId::kEvent: return read_event(value, message.method() == parsers::Method::kSubscribe, values);
    case HeaderId::kAccept: return read_accept(value, values);
    case HeaderId::kSupported:
    case HeaderId::kRequire: return read_tokens(value, values.token);
    case HeaderId::kContentType: return read_one(parsers::parse_media_type, value, values.media_type);
    case HeaderId::kAuthorization:
    case HeaderId::kProxyAuthorization: return read_one(parsers::parse_auth_params, value, values.credentials);
    case HeaderId::kSipIfMatch:
    case HeaderId::kSuppressIfMatch: return read_one(parsers::parse_entity_tag, value, values.token);
    default: return true;
  }
}

HeaderSet asked_for_of(const parsers::Message& message) {
  return message.is_request() ? asked_for_of_request(message.method()) : kAskedForOfResponse;
}

}  // namespace

bool TypedParser::read(size_t i) {
  if (parsers::parse_message(messages_[i], message_) != ParseError::kOk) return false;
  bool good = !message_.is_request() || read_one(parsers::parse_request_uri, message_.request_uri(), values_.uri);
  const HeaderSet wanted = wanted_ == Values::kAskedFor ? asked_for_of(message_) : kAskedForOfSome;
  for (size_t field = 0; field < message_.header_count(); ++field) {
    if (wanted.has(message_.header_id(field))) good = read_value(message_, field, values_) && good;
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
    if (id == HeaderId::kExpires) parsers::parse_delta_seconds(rest, found.expires);
    if (id == HeaderId::kEvent && parsers::parse_event(rest, values_.event) == ParseError::kOk) {
      found.event = values_.event.package;
    }
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
