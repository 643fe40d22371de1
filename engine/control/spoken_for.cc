// See spoken_for.h. Pure.
#include "engine/control/spoken_for.h"

#include <algorithm>
#include <string>
#include <vector>

#include "parsers/address.h"
#include "parsers/message.h"
#include "parsers/param.h"

namespace vedette::control {
namespace {

using parsers::HeaderId;
using parsers::ParseError;

bool is_sip(const parsers::Uri& uri) {
  return uri.scheme == parsers::UriScheme::kSip || uri.scheme == parsers::UriScheme::kSips;
}

// The domain of the first SIP URI in it, of all fields of that name; empty when there is none.
std::string domain_in(const parsers::Message& message, HeaderId header) {
  for (const auto* field = message.find(header); field != nullptr; field = message.find_next(*field)) {
    std::string_view rest = message.value(*field);
    parsers::Address address;
    while (parsers::next_address(rest, address) == ParseError::kOk) {
      if (address.wildcard || !is_sip(address.uri)) continue;
      std::string domain(address.uri.host);
      std::transform(domain.begin(), domain.end(), domain.begin(),
                     [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
      return domain;
    }
  }
  return {};
}

}  // namespace

uint16_t spoken_for(const engine::Peers& peers, std::span<const uint16_t> proven, std::string_view message) {
  parsers::Message parsed;
  if (parsers::parse_stream_message(message, parsed) != ParseError::kOk || !parsed.is_request()) return proven.front();
  const auto of = [&](uint16_t place) -> const engine::Peer& { return peers.at(place - 1U); };
  // RFC 3325 §5: what is asserted is believed by who asserts it.
  const std::string asserted = domain_in(parsed, HeaderId::kPAssertedIdentity);
  uint16_t asserting = engine::kNoPeer;
  for (const uint16_t place : asserted.empty() ? std::span<const uint16_t>() : proven) {
    const std::vector<std::string>& asserts = of(place).asserts;
    if (std::find(asserts.begin(), asserts.end(), asserted) == asserts.end()) continue;
    if (of(place).domain == asserted) return place;
    if (asserting == engine::kNoPeer) asserting = place;
  }
  if (asserting != engine::kNoPeer) return asserting;
  const std::string from = domain_in(parsed, HeaderId::kFrom);
  const auto own = std::find_if(proven.begin(), proven.end(), [&](uint16_t place) { return of(place).domain == from; });
  return own != proven.end() ? *own : proven.front();
}

}  // namespace vedette::control
