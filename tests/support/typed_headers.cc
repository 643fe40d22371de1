#include "tests/support/typed_headers.h"

#include <cstring>

#include "parsers/address.h"
#include "parsers/auth_params.h"
#include "parsers/cseq.h"
#include "parsers/event.h"
#include "parsers/media_type.h"
#include "parsers/number.h"
#include "parsers/param.h"
#include "parsers/subscription_state.h"
#include "parsers/token_list.h"
#include "parsers/via.h"

namespace vedette::support {
namespace {

using parsers::HeaderId;
using parsers::Message;
using parsers::ParseError;

class TypedHeaders {
 public:
  explicit TypedHeaders(const Message& message) : message_(message) {}

  TypedVerdict check() {
    check_request_uri();
    check_start_line_views();
    check_mandatory();
    for (size_t i = 0; i < message_.header_count(); ++i) check_header(i);
    return verdict_;
  }

  TypedVerdict check_changed(const Message& known, const char* changed) {
    // Line ends before the start line are no part of the message, and may have become one.
    if (message_.bytes().data() != known.bytes().data()) return check();
    const auto at = static_cast<size_t>(changed - message_.bytes().data());
    if (known.header_count() == 0 || at < known.header(0).name_offset) check_request_uri();
    check_start_line_views();
    size_t same = 0;
    for (size_t i = 0; i < message_.header_count(); ++i) {
      const parsers::HeaderField& field = message_.header(i);
      while (same < known.header_count() && known.header(same).name_offset < field.name_offset) ++same;
      const bool is_known = same < known.header_count() && known.header_id(same) == message_.header_id(i) &&
                            std::memcmp(&known.header(same), &field, sizeof field) == 0;
      const bool has_changed = at >= field.name_offset && at < field.value_end;
      if (!is_known || has_changed) check_header(i);
    }
    return verdict_;
  }

 private:
  void check_start_line_views() {
    inside({message_.method_name(), message_.request_uri(), message_.reason_phrase(), message_.body()});
  }

  void check_header(size_t i) {
    const parsers::HeaderField& field = message_.header(i);
    note(check_value(message_.header_id(i), message_.value(field)), message_.header_id(i));
    inside({message_.name(field), message_.value(field)});
  }

  void note(ParseError error, HeaderId where) {
    if (error == ParseError::kOk || verdict_.error != ParseError::kOk) return;
    verdict_.error = error;
    verdict_.where = where;
  }

  void inside(std::initializer_list<std::string_view> views) {
    const std::string_view bytes = message_.bytes();
    for (const std::string_view view : views) {
      if (view.data() == nullptr) continue;
      const bool within =
          view.data() >= bytes.data() && view.data() + view.size() <= bytes.data() + bytes.size();
      if (!within) verdict_.views_inside = false;
    }
  }

  void inside(const parsers::Uri& uri) {
    inside({uri.text, uri.scheme_name, uri.user, uri.password, uri.host, uri.params, uri.headers});
  }

  void check_request_uri() {
    if (!message_.is_request() || message_.request_uri().empty()) return;
    parsers::Uri uri;
    note(parsers::parse_request_uri(message_.request_uri(), uri), HeaderId::kOther);
    inside(uri);
  }

  // RFC 3261 §8.1.1, but for Max-Forwards, which RFC 2543 did not have.
  void check_mandatory() {
    for (const HeaderId id :
         {HeaderId::kVia, HeaderId::kFrom, HeaderId::kTo, HeaderId::kCallId, HeaderId::kCSeq}) {
      if (message_.value(id).empty()) note(ParseError::kEmpty, id);
    }
  }

  ParseError check_value(HeaderId id, std::string_view value) {
    switch (id) {
      case HeaderId::kVia:
        return check_vias(value);
      case HeaderId::kFrom:
      case HeaderId::kTo:
        return check_address(value);
      case HeaderId::kContact:
      case HeaderId::kRoute:
      case HeaderId::kRecordRoute:
      case HeaderId::kPath:
      case HeaderId::kPAssertedIdentity:
        return check_addresses(value);
      case HeaderId::kCallId:
        return parsers::check_call_id(value);
      case HeaderId::kCSeq:
        return check_cseq(value);
      case HeaderId::kMaxForwards:
        return check_uint(value, 255);
      case HeaderId::kContentLength:
        return check_uint(value, UINT32_MAX);
      case HeaderId::kExpires:
      case HeaderId::kMinExpires:
      case HeaderId::kRetryAfter:
        return check_seconds(value);
      case HeaderId::kEvent:
        return check_event(value);
      case HeaderId::kSubscriptionState:
        return check_subscription_state(value);
      case HeaderId::kContentType:
        return check_media_type(value);
      case HeaderId::kAccept:
        return check_accept(value);
      case HeaderId::kAuthorization:
      case HeaderId::kProxyAuthorization:
      case HeaderId::kWwwAuthenticate:
      case HeaderId::kProxyAuthenticate:
        return check_auth(value);
      case HeaderId::kSipEtag:
      case HeaderId::kSipIfMatch:
        return check_entity_tag(value);
      case HeaderId::kContentEncoding:
      case HeaderId::kAllowEvents:
      case HeaderId::kSupported:
      case HeaderId::kRequire:
      case HeaderId::kProxyRequire:
      case HeaderId::kUnsupported:
      case HeaderId::kAllow:
        return check_tokens(value);
      default:
        return ParseError::kOk;
    }
  }

  ParseError check_vias(std::string_view rest) {
    if (rest.empty()) return ParseError::kEmpty;
    while (true) {
      parsers::Via via;
      const ParseError error = parsers::next_via(rest, via);
      inside({via.text, via.sent_by, via.host, via.params, via.branch, via.received, rest});
      if (error == ParseError::kEmpty) return ParseError::kOk;
      if (error != ParseError::kOk) return error;
    }
  }

  void inside(const parsers::Address& address) {
    inside({address.text, address.display_name, address.params, address.tag});
    inside(address.uri);
  }

  ParseError check_address(std::string_view value) {
    parsers::Address address;
    const ParseError error = parsers::parse_address(value, address);
    inside(address);
    return error;
  }

  ParseError check_addresses(std::string_view rest) {
    while (true) {
      parsers::Address address;
      const ParseError error = parsers::next_address(rest, address);
      inside(address);
      inside({rest});
      if (error == ParseError::kEmpty) return ParseError::kOk;
      if (error != ParseError::kOk) return error;
    }
  }

  // RFC 3261 §8.2.1: the method of the CSeq is that of the request.
  ParseError check_cseq(std::string_view value) {
    parsers::CSeq cseq;
    const ParseError error = parsers::parse_cseq(value, cseq);
    inside({cseq.method_name});
    if (error != ParseError::kOk || !message_.is_request() || message_.method_name().empty()) return error;
    return cseq.method_name == message_.method_name() ? ParseError::kOk : ParseError::kCSeq;
  }

  ParseError check_uint(std::string_view value, uint64_t max) {
    uint64_t number = 0;
    return parsers::parse_uint(value, max, number);
  }

  ParseError check_seconds(std::string_view value) {
    uint32_t seconds = 0;
    return parsers::parse_delta_seconds(value, seconds);
  }

  ParseError check_event(std::string_view value) {
    parsers::Event event;
    const ParseError error = parsers::parse_event(value, event);
    inside({event.package, event.id, event.params});
    return error;
  }

  ParseError check_subscription_state(std::string_view value) {
    parsers::SubscriptionState state;
    const ParseError error = parsers::parse_subscription_state(value, state);
    inside({state.text, state.reason});
    return error;
  }

  ParseError check_media_type(std::string_view value) {
    parsers::MediaType media;
    const ParseError error = parsers::parse_media_type(value, media);
    inside({media.type, media.subtype, media.params});
    return error;
  }

  ParseError check_accept(std::string_view rest) {
    while (true) {
      parsers::MediaType range;
      const ParseError error = parsers::next_media_range(rest, range);
      inside({range.type, range.subtype, range.params, rest});
      if (error == ParseError::kEmpty) return ParseError::kOk;
      if (error != ParseError::kOk) return error;
    }
  }

  ParseError check_auth(std::string_view value) {
    parsers::AuthParams auth;
    const ParseError error = parsers::parse_auth_params(value, auth);
    inside({auth.scheme, auth.params, auth.username, auth.realm, auth.nonce, auth.uri, auth.response,
            auth.cnonce, auth.opaque, auth.algorithm, auth.qop, auth.domain, auth.nc});
    return error;
  }

  ParseError check_entity_tag(std::string_view value) {
    std::string_view tag;
    const ParseError error = parsers::parse_entity_tag(value, tag);
    inside({tag});
    return error;
  }

  ParseError check_tokens(std::string_view rest) {
    ParseError first = ParseError::kOk;
    while (true) {
      std::string_view token;
      const ParseError error = parsers::next_token(rest, token);
      inside({token, rest});
      if (error == ParseError::kEmpty) return first;
      if (first == ParseError::kOk) first = error;
    }
  }

  const Message& message_;
  TypedVerdict verdict_;
};

}  // namespace

TypedVerdict check_typed_headers(const Message& message) { return TypedHeaders(message).check(); }

TypedVerdict check_changed_headers(const Message& message, const Message& known, const char* changed) {
  return TypedHeaders(message).check_changed(known, changed);
}

TypedVerdict check_message(std::string_view datagram, Message& out) {
  const ParseError structure = parsers::parse_message(datagram, out);
  TypedVerdict verdict = check_typed_headers(out);
  if (structure == ParseError::kOk) return verdict;
  verdict.error = structure;
  verdict.where = HeaderId::kOther;
  return verdict;
}

void write_message(const Message& message, parsers::Writer& writer) {
  if (message.is_request()) {
    writer.put(message.method_name()).put(' ').put(message.request_uri()).put(" SIP/2.0\r\n");
  } else {
    writer.put("SIP/2.0 ").put_uint(message.status()).put(' ').put(message.reason_phrase()).put("\r\n");
  }
  for (size_t i = 0; i < message.header_count(); ++i) {
    writer.put_header(message.name(message.header(i)), message.value(message.header(i)));
  }
  writer.put("\r\n").put(message.body());
}

bool equal_messages(const Message& a, const Message& b) {
  const bool same_start = a.is_request() == b.is_request() && a.method() == b.method() &&
                          a.method_name() == b.method_name() && a.request_uri() == b.request_uri() &&
                          a.status() == b.status() && a.reason_phrase() == b.reason_phrase();
  if (!same_start || a.header_count() != b.header_count() || a.body() != b.body()) return false;
  for (size_t i = 0; i < a.header_count(); ++i) {
    const parsers::HeaderField& left = a.header(i);
    const parsers::HeaderField& right = b.header(i);
    if (a.header_id(i) != b.header_id(i)) return false;
    if (a.name(left) != b.name(right) || a.value(left) != b.value(right)) return false;
  }
  return true;
}

}  // namespace vedette::support
