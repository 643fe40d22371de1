// See identity_tokens.h. Control thread only.
#include "engine/control/identity_tokens.h"

#include <array>
#include <string>
#include <vector>

#include "engine/control/crypto.h"

namespace vedette::control {

using engine::Duration;
using engine::Instant;
using parsers::HeaderId;

// A token is fresh from as long before what it says to as long behind it.
IdentityTokens::IdentityTokens(size_t tokens_max, Duration freshness)
    : tokens_max_(tokens_max), kept_for_(freshness * 2 + Duration::seconds(1)), hashes_(openssl_hashes()) {}

// What is signed, and the signature.
IdentityTokens::Hash IdentityTokens::hash_of(const engine::IdentityClaim& claim) const {
  const std::string iat = std::to_string(claim.identity.is_compact() ? claim.passport.iat : 0);
  const std::array<std::string_view, 9> parts = {claim.identity.token, "\n", claim.passport.x5u, "\n",
                                                 claim.passport.orig.view(), "\n", claim.passport.dest.view(), "\n",
                                                 iat};
  Hash hash;
  hashes_.sha256(hashes_.context, parts, hash);
  return hash;
}

// What makes it this request, and what it asks for. Vias differ where it was forked.
IdentityTokens::Hash IdentityTokens::hash_of(const engine::Request& request) const {
  const parsers::Message& message = *request.message;
  std::vector<std::string_view> parts = {request.call_id, "\n", message.value(HeaderId::kCSeq), "\n",
                                         request.from.tag, "\n", request.to.tag, "\n", message.value(HeaderId::kEvent),
                                         "\n"};
  for (const auto* field = message.find(HeaderId::kContact); field != nullptr; field = message.find_next(*field)) {
    parts.insert(parts.end(), {message.value(*field), "\n"});
  }
  parts.push_back(message.body());
  Hash hash;
  hashes_.sha256(hashes_.context, parts, hash);
  return hash;
}

IdentityTokens::Verdict IdentityTokens::look_up(Instant now, const engine::IdentityClaim& claim,
                                                const engine::Request& request) {
  while (!by_age_.empty() && by_age_.front().until <= now) forget_oldest();
  const auto found = known_.find(hash_of(claim));
  if (found == known_.end()) return Verdict::kUnknown;
  return found->second == hash_of(request) ? Verdict::kKnown : Verdict::kReplayed;
}

bool IdentityTokens::remember(Instant now, const engine::IdentityClaim& claim, const engine::Request& request) {
  const Hash token = hash_of(claim);
  if (!known_.emplace(token, hash_of(request)).second) return false;
  by_age_.push_back({token, now + kept_for_});
  if (known_.size() <= tokens_max_) return false;
  forget_oldest();
  return true;
}

void IdentityTokens::forget_oldest() {
  known_.erase(by_age_.front().token);
  by_age_.pop_front();
}

}  // namespace vedette::control
