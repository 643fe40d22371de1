#include "engine/transaction/exchange.h"

#include "engine/presence/packages/package.h"
#include "parsers/event.h"
#include "parsers/param.h"
#include "parsers/token_list.h"

namespace vedette::engine {
namespace {

using parsers::HeaderId;
using parsers::ParseError;

// Calls `visit` for every token of every Require field that is no extension of ours.
template <typename Visit>
void for_each_unknown_extension(const parsers::Message& message, Visit&& visit) {
  for (const parsers::HeaderField* field = message.find(HeaderId::kRequire); field != nullptr;
       field = message.find_next(*field)) {
    parsers::TokenList tokens(message.value(*field));
    std::string_view token;
    while (tokens.next(token) == ParseError::kOk) {
      if (!parsers::equal_ignoring_case(token, kSupported)) visit(token);
    }
  }
}

}  // namespace

void Exchange::refuse(Reason reason) {
  if (entry_of(reason).status == 0) {
    core_.counters.add(reason);
    return;
  }
  refuse_with(reason, [&](parsers::Writer& writer) { write_refusal_headers(reason, writer); });
}

void Exchange::refuse_too_brief(Duration min) {
  refuse_with(Reason::kIntervalTooBrief, [&](parsers::Writer& writer) {
    writer.put_header_uint("Min-Expires", static_cast<uint64_t>(min.to_seconds()));
  });
}

const ServerTransactions::Keys& Exchange::keys() {
  if (keys_.transaction == 0) keys_ = ServerTransactions::keys_of(request_, core_.hash);
  return keys_;
}

void Exchange::remember(const Answer& answer) {
  // RFC 3261 §17.2.2: Timer J is "zero seconds for reliable transports": nothing comes twice there.
  if (is_reliable(request_.flow.transport)) return;
  if (core_.transactions.remember(keys(), answer, now_)) core_.counters.add(Counter::kServerTransactionsForgotten);
}

Exchange::Tag Exchange::stateless_tag() const {
  Tag tag;
  write_tag(Partition{}, request_hash(), tag.digits);
  return tag;
}

uint64_t Exchange::request_hash() const {
  return core_.hash(request_.via.branch, request_.message->value(HeaderId::kCallId));
}

unsigned Exchange::status_of(Reason reason) const {
  const unsigned status = entry_of(reason).status;
  // RFC 6665 §4.1.2.2: "If a SUBSCRIBE request to refresh a subscription receives a 404, 405, 410, 416, 480-485, 489,
  // 501, or 604 response, the subscriber MUST consider the subscription terminated", and this one goes on. RFC 3261
  // §21.5.1: 500, too, may say when to try again, and concerns no other request.
  return status == 480 && !request_.to.tag.empty() ? 500 : status;
}

// Of the package that the request is about; all of them when it names none.
std::string_view Exchange::wanted_media_types(bool of_body) const {
  parsers::Event event;
  PackageId id;
  if (parsers::parse_event(request_.message->value(HeaderId::kEvent), event) != parsers::ParseError::kOk) {
    return published_media_types();
  }
  const EventPackage* package = find_package(event.package, id);
  if (package == nullptr) return published_media_types();
  // RFC 4660: what a SUBSCRIBE may have for a body.
  const bool is_subscribe = request_.message->method() == parsers::Method::kSubscribe;
  if (of_body && is_subscribe && package->takes_filters) return "application/simple-filter+xml";
  return package->media_type;
}

void Exchange::write_refusal_headers(Reason reason, parsers::Writer& writer) const {
  switch (entry_of(reason).status) {
    case 405: case 501: writer.put_header("Allow", kAllow); break;        // RFC 3261 §21.4.6, §8.2.1
    case 489: writer.put_header("Allow-Events", package_names()); break;  // RFC 6665 §8.2.2
    case 406: writer.put_header("Accept", wanted_media_types(false)); break;
    case 415:                                                             // RFC 3261 §21.4.13
      writer.put_header("Accept", wanted_media_types(true));
      if (reason == Reason::kContentEncodingUnknown) writer.put_header("Accept-Encoding", "identity");
      break;
    case 420:                                                             // RFC 3261 §8.2.2.3
      writer.put("Unsupported: ");
      write_unsupported(*request_.message, writer);
      writer.put("\r\n");
      break;
    case 413:                                                             // RFC 3261 §21.4.11
      if (reason == Reason::kDocumentTooLong) write_retry_after(writer);
      break;
    case 480: case 503: write_retry_after(writer); break;                 // RFC 3261 §20.33
    default: break;
  }
}

void Exchange::write_retry_after(parsers::Writer& writer) const {
  writer.put_header_uint("Retry-After", core_.limits.retry_after(request_hash()));
}

void write_unsupported(const parsers::Message& message, parsers::Writer& writer) {
  bool first = true;
  for_each_unknown_extension(message, [&](std::string_view token) {
    if (!first) writer.put(", ");
    first = false;
    writer.put(token);
  });
}

bool requires_unknown_extension(const parsers::Message& message) {
  bool found = false;
  for_each_unknown_extension(message, [&](std::string_view) { found = true; });
  return found;
}

}  // namespace vedette::engine
