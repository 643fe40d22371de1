// The header fields whose values the engine asks for, once each, of every kind of message: what parsers must give to be
// compared as parsers of values. (engine/transaction/request, engine/transaction/exchange, engine/shard, and the
// handler of each method; engine/presence/notify_response.)
// Of Contact it wants the parameters too, in a REGISTER; of Event the rates, in a SUBSCRIBE; of Accept q. Beside them
// it reads the Request-URI. Content-Length is part of the index. Bodies are only delimited.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "parsers/header_id.h"
#include "parsers/method.h"

namespace vedette::bench {

class HeaderSet {
 public:
  constexpr HeaderSet() = default;
  constexpr HeaderSet(std::initializer_list<parsers::HeaderId> ids) {
    for (const parsers::HeaderId id : ids) bits_ |= uint64_t{1} << static_cast<size_t>(id);
  }
  constexpr void add(HeaderSet more) { bits_ |= more.bits_; }
  constexpr bool has(parsers::HeaderId id) const { return (bits_ >> static_cast<size_t>(id) & 1) != 0; }

 private:
  uint64_t bits_ = 0;
};

// Of every request.
inline constexpr HeaderSet kAskedForOfAll = {parsers::HeaderId::kVia, parsers::HeaderId::kFrom, parsers::HeaderId::kTo,
                                             parsers::HeaderId::kCallId, parsers::HeaderId::kCSeq};

// Of a response, which is one to a NOTIFY.
inline constexpr HeaderSet kAskedForOfResponse = {parsers::HeaderId::kVia, parsers::HeaderId::kCSeq,
                                                  parsers::HeaderId::kRetryAfter};

// Of a request by its method. What is not named here is answered 405, which needs no more than every request does.
inline constexpr auto kAskedForOfRequest = [] {
  using enum parsers::HeaderId;
  using parsers::Method;
  std::array<HeaderSet, static_cast<size_t>(Method::kCount)> sets{};
  sets.fill(kAskedForOfAll);
  const auto ask = [&sets](Method method, HeaderSet more) { sets[static_cast<size_t>(method)].add(more); };
  ask(Method::kOptions, {kRequire});
  for (const Method method : {Method::kSubscribe, Method::kPublish, Method::kRegister}) {
    ask(method, {kRequire, kContact, kExpires, kAuthorization, kProxyAuthorization});
  }
  ask(Method::kSubscribe, {kEvent, kAccept, kContentType, kSuppressIfMatch, kRecordRoute});
  ask(Method::kPublish, {kEvent, kContentType, kSipIfMatch});
  ask(Method::kRegister, {kSupported});
  return sets;
}();

constexpr HeaderSet asked_for_of_request(parsers::Method method) {
  return kAskedForOfRequest[static_cast<size_t>(method)];
}
// The same for those who name methods themselves; an empty name is that of a response.
inline HeaderSet asked_for(std::string_view method) {
  return method.empty() ? kAskedForOfResponse : asked_for_of_request(parsers::parse_method(method));
}

// Of some message: all of the sets above.
inline constexpr HeaderSet kAskedForOfSome = [] {
  HeaderSet some = kAskedForOfResponse;
  for (const HeaderSet& set : kAskedForOfRequest) some.add(set);
  return some;
}();

}  // namespace vedette::bench
