#include "bench/peer_libre.h"

#include <benchmark/benchmark.h>
#include <re/re.h>

#include <utility>

#include "bench/asked_for.h"

namespace vedette::bench {
namespace {

// Calls `visit` with the value of each element of this field until it says false; whether it never did. Lists
// are split at their commas already.
template <typename Visit>
bool for_each(const sip_msg* message, sip_hdrid id, Visit visit) {
  const auto handler = [](const sip_hdr* field, const sip_msg*, void* argument) {
    return !(*static_cast<Visit*>(argument))(&field->val);
  };
  return sip_msg_hdr_apply(message, true, id, handler, &visit) == nullptr;
}

template <typename T, typename Decode>
bool decode_all(const sip_msg* message, sip_hdrid id, Decode decode) {
  return for_each(message, id, [decode](const pl* value) {
    T decoded;
    const bool good = decode(&decoded, value) == 0;
    benchmark::DoNotOptimize(decoded);
    return good;
  });
}

// A REGISTER's: with the parameters that a registrar asks for.
bool decode_bindings(const sip_msg* message) {
  return for_each(message, SIP_HDR_CONTACT, [](const pl* value) {
    sip_addr contact;
    if (sip_addr_decode(&contact, value) != 0) return false;
    pl expires, q, instance;
    bool found = msg_param_decode(&contact.params, "expires", &expires) == 0;
    found |= msg_param_decode(&contact.params, "q", &q) == 0;
    found |= msg_param_decode(&contact.params, "+sip.instance", &instance) == 0;
    benchmark::DoNotOptimize(found);
    return true;
  });
}

bool decode_expires(const sip_msg* message) {
  uint32_t seconds = pl_isset(&message->expires) ? pl_u32(&message->expires) : 0;
  benchmark::DoNotOptimize(seconds);
  return true;
}

bool decode_further_vias(const sip_msg* message) {
  return for_each(message, SIP_HDR_VIA, [topmost = true](const pl* value) mutable {
    sip_via via;
    const bool good = std::exchange(topmost, false) || sip_via_decode(&via, value) == 0;
    benchmark::DoNotOptimize(via);
    return good;
  });
}

bool decode_contacts(const sip_msg* message) {
  const bool registers = pl_strcmp(&message->met, "REGISTER") == 0;
  return registers ? decode_bindings(message) : decode_all<sip_addr>(message, SIP_HDR_CONTACT, sip_addr_decode);
}

// What is asked for of such a message (bench/asked_for.h). sip_msg_decode() has read the Request-URI, the topmost Via,
// From, To, CSeq and Content-Type.
bool decode_values(const sip_msg* message) {
  using enum parsers::HeaderId;
  const HeaderSet wanted = asked_for(message->req ? std::string_view(message->met.p, message->met.l) : "");
  return decode_further_vias(message) && (!wanted.has(kExpires) || decode_expires(message)) &&
         (!wanted.has(kContact) || decode_contacts(message)) &&
         (!wanted.has(kRecordRoute) || decode_all<sip_addr>(message, SIP_HDR_RECORD_ROUTE, sip_addr_decode)) &&
         (!wanted.has(kAccept) || decode_all<msg_ctype>(message, SIP_HDR_ACCEPT, msg_ctype_decode)) &&
         (!wanted.has(kEvent) || decode_all<sipevent_event>(message, SIP_HDR_EVENT, sipevent_event_decode)) &&
         (!wanted.has(kAuthorization) ||
          decode_all<httpauth_digest_resp>(message, SIP_HDR_AUTHORIZATION, httpauth_digest_response_decode));
}

sip_msg* decode(mbuf* buffer) {
  buffer->pos = 0;
  sip_msg* message = nullptr;
  return sip_msg_decode(&message, buffer) == 0 ? message : nullptr;
}

}  // namespace

LibreParser::LibreParser(const BenchMessages& messages) {
  for (size_t i = 0; i < messages.count(); ++i) {
    mbuf* const buffer = mbuf_alloc(messages[i].size());
    mbuf_write_mem(buffer, reinterpret_cast<const uint8_t*>(messages[i].data()), messages[i].size());
    buffers_.push_back(buffer);
  }
}

LibreParser::~LibreParser() {
  for (mbuf* const buffer : buffers_) mem_deref(buffer);
}

bool LibreParser::read(size_t i) {
  sip_msg* const message = decode(buffers_[i]);
  if (message == nullptr) return false;
  const bool good = decode_values(message);
  mem_deref(message);
  return good;
}

Reading LibreParser::reading(size_t i) {
  Reading found;
  sip_msg* const message = decode(buffers_[i]);
  if (message == nullptr) return found;
  if (decode_values(message)) {
    found.cseq = message->cseq.num;
    found.expires = pl_isset(&message->expires) ? pl_u32(&message->expires) : 0;
    for_each(message, SIP_HDR_EVENT, [&found](const pl* value) {
      sipevent_event event;
      if (sipevent_event_decode(&event, value) != 0) return false;
      found.event.assign(event.event.p, event.event.l);
      return true;
    });
    found.vias = sip_msg_hdr_count(message, SIP_HDR_VIA);
    found.contacts = sip_msg_hdr_count(message, SIP_HDR_CONTACT);
    found.credentials = sip_msg_hdr_count(message, SIP_HDR_AUTHORIZATION);
    found.body_bytes = mbuf_get_left(buffers_[i]);
  }
  mem_deref(message);
  return found;
}

}  // namespace vedette::bench
