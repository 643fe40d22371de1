#include "tests/sim/facts.h"

#include <algorithm>
#include <array>

#include "parsers/address.h"
#include "parsers/cseq.h"
#include "parsers/number.h"
#include "parsers/uri.h"

namespace vedette::sim {

using parsers::HeaderId;
using parsers::ParseError;

bool read_facts(std::string_view bytes, Facts& out) {
  if (parsers::parse_message(bytes, out.message) != ParseError::kOk) return false;
  const parsers::Message& message = out.message;
  parsers::Address from, to;
  parsers::CSeq cseq;
  parsers::Via via;
  std::string_view vias = message.value(HeaderId::kVia);
  const bool has_via = parsers::next_via(vias, via) == ParseError::kOk;
  out.branch = via.branch;
  out.sent_by = via.sent_by;
  out.call_id = message.value(HeaderId::kCallId);
  if (out.call_id.empty() || !has_via ||
      parsers::parse_address(message.value(HeaderId::kFrom), from) != ParseError::kOk ||
      parsers::parse_address(message.value(HeaderId::kTo), to) != ParseError::kOk ||
      parsers::parse_cseq(message.value(HeaderId::kCSeq), cseq) != ParseError::kOk) {
    return false;
  }
  out.method = message.is_request() ? message.method() : cseq.method;
  out.from_tag = from.tag;
  out.to_tag = to.tag;
  out.cseq = cseq.number;
  out.cseq_method = cseq.method_name;
  return true;
}

std::string aor_of(std::string_view text) {
  parsers::Uri uri;
  std::array<char, 512> buffer;
  size_t length = 0;
  if (parsers::parse_uri(text, uri) != ParseError::kOk ||
      parsers::write_canonical_aor(uri, buffer.data(), buffer.size(), length) != ParseError::kOk) {
    return {};
  }
  return {buffer.data(), length};
}

std::string aor_of_address(std::string_view value) {
  parsers::Address address;
  if (parsers::parse_address(value, address) != ParseError::kOk) return {};
  return aor_of(address.uri.text);
}

std::string transaction_key(const Facts& facts) {
  std::string key(facts.branch);
  key.append("|").append(facts.sent_by).append("|").append(facts.message.method_name());
  // Without the cookie (RFC 2543) a branch says too little.
  if (!facts.branch.starts_with("z9hG4bK")) key.append("|").append(facts.call_id).append(facts.value(HeaderId::kCSeq));
  return key;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

DialogId dialog_of(const Facts& request, std::string_view server_tag) {
  return {std::string(request.call_id), lower_case(server_tag), std::string(request.from_tag)};
}

DialogId dialog_of_notify(const Facts& notify) {
  return {std::string(notify.call_id), lower_case(notify.from_tag), std::string(notify.to_tag)};
}

bool read_expires(const parsers::Message& message, uint32_t& out) {
  return message.find(HeaderId::kExpires) != nullptr &&
         parsers::parse_delta_seconds(message.value(HeaderId::kExpires), out) == ParseError::kOk;
}

bool may_grant(const engine::ExpiryRange& range, uint32_t asked, uint32_t granted) {
  const int64_t most = std::min<int64_t>(asked, range.max.to_seconds());
  const int64_t least = std::max(most - most * range.spread_percent / 100, std::min(most, range.min.to_seconds()));
  return granted >= least && granted <= most;
}

}  // namespace vedette::sim
