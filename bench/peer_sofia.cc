#include "bench/peer_sofia.h"

#include <benchmark/benchmark.h>
#include <sofia-sip/auth_digest.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/msg_buffer.h>
#include <sofia-sip/msg_mclass.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_parser.h>
#include <strings.h>

#include <cstring>
#include <string>

#include "bench/asked_for.h"

namespace vedette::bench {
namespace {

// Of 0 to 16 kB the fastest.
constexpr isize_t kPreloadBytes = 4096;

msg_t* parse(std::string_view text, const msg_mclass_t* fields, std::vector<char>& buffer) {
  msg_t* const message = msg_create(fields, 0);
  if (message == nullptr) return nullptr;
  su_home_preload(msg_home(message), 1, kPreloadBytes);
  std::memcpy(buffer.data(), text.data(), text.size());
  msg_buf_set(message, buffer.data(), static_cast<usize_t>(buffer.size()));
  msg_buf_commit(message, static_cast<usize_t>(text.size()), 1);
  msg_extract(message);
  return message;
}

// Complete, and no field malformed: those it puts into sip_error.
bool is_good(const sip_t* sip) {
  return (sip->sip_flags & MSG_FLG_COMPLETE) != 0 && (sip->sip_flags & MSG_FLG_ERROR) == 0 && sip->sip_error == nullptr;
}

// A message's credentials are to it a list of parameters; this makes values of those of Digest, as we do.
bool reads_credentials(msg_t* message) {
  const sip_authorization_t* auth = sip_object(message)->sip_authorization;
  for (; auth != nullptr; auth = auth->au_next) {
    auth_response_t digest = {};
    digest.ar_size = sizeof digest;
    if (auth_digest_response_get(msg_home(message), &digest, auth->au_params) < 0) return false;
    benchmark::DoNotOptimize(digest);
  }
  return true;
}

// A class of messages that knows no other header fields than those that we read of some message.
const msg_mclass_t* make_class_of_asked_for() {
  const msg_mclass_t* const all = sip_default_mclass();
  msg_mclass_t* const some = msg_mclass_clone(all, 0, msg_mclass_empty);
  constexpr auto kLast = static_cast<size_t>(parsers::HeaderId::kCount);
  for (size_t id = 1; id < kLast; ++id) {
    const auto header = static_cast<parsers::HeaderId>(id);
    if (!kAskedForOfSome.has(header) && header != parsers::HeaderId::kContentLength) continue;
    const std::string name(parsers::to_string(header));
    const msg_href_t* const field = msg_find_hclass(all, name.c_str(), nullptr);
    if (field != nullptr && field != all->mc_unknown) msg_mclass_insert(some, field);
  }
  return some;
}

}  // namespace

SofiaParser::SofiaParser(const BenchMessages& messages, Fields fields)
    : messages_(messages),
      fields_(fields == Fields::kAll ? sip_default_mclass() : make_class_of_asked_for()),
      buffer_(messages.bytes_max() + 64) {}

bool SofiaParser::read(size_t i) {
  msg_t* message = parse(messages_[i], fields_, buffer_);
  if (message == nullptr) return false;
  const bool good = is_good(sip_object(message)) && reads_credentials(message);
  benchmark::DoNotOptimize(message);
  msg_destroy(message);
  return good;
}

Reading SofiaParser::reading(size_t i) {
  Reading found;
  msg_t* const message = parse(messages_[i], fields_, buffer_);
  if (message == nullptr) return found;
  const sip_t* const sip = sip_object(message);
  if (is_good(sip)) {
    found.cseq = sip->sip_cseq->cs_seq;
    if (sip->sip_expires != nullptr) found.expires = static_cast<uint32_t>(sip->sip_expires->ex_delta);
    if (sip->sip_event != nullptr) found.event = sip->sip_event->o_type;
    for (const sip_via_t* via = sip->sip_via; via != nullptr; via = via->v_next) ++found.vias;
    for (const sip_contact_t* contact = sip->sip_contact; contact != nullptr; contact = contact->m_next)
      ++found.contacts;
    for (const sip_authorization_t* auth = sip->sip_authorization; auth != nullptr; auth = auth->au_next) {
      if (strcasecmp(auth->au_scheme, "Digest") == 0) ++found.credentials;
    }
    if (sip->sip_payload != nullptr) found.body_bytes = sip->sip_payload->pl_len;
  }
  msg_destroy(message);
  return found;
}

}  // namespace vedette::bench
