// See identity_verifier.h. Control thread only.
#include "engine/control/identity_verifier.h"

#include <array>
#include <utility>

#include "engine/control/full_passport.h"
#include "parsers/base64url.h"
#include "parsers/message.h"

namespace vedette::control {

using engine::IdentityClaim;
using engine::Instant;
using engine::Reason;

namespace {

std::chrono::milliseconds to_chrono(engine::Duration duration) {
  return std::chrono::milliseconds(duration.to_milliseconds());
}

}  // namespace

IdentityVerifier::IdentityVerifier(boost::asio::io_context& context, const IdentityConfig& config, Workers& workers,
                                   Log& log)
    : config_(config),
      workers_(workers),
      certificates_(context, config, counters_, log, [this] { has_arrived_ = true; }),
      tokens_(config.tokens_max, config.freshness) {}

void IdentityVerifier::on_turn(SteadyTime now, Instant wall) {
  if (!config_.is_on) return;
  while (!returning_.empty() && try_give_back(returning_.front())) returning_.pop_front();
  // Who waits for too long is told so, also when nothing arrives.
  while (!waiting_.empty() && waiting_.front().until <= now) {
    counters_.add(IdentityCounter::kHeldTooLong);
    give_back(std::move(waiting_.front()), Reason::kBadIdentityInfo);
    waiting_.pop_front();
  }
  if (std::exchange(has_arrived_, false)) {
    fresh_.insert(fresh_.begin(), std::make_move_iterator(waiting_.begin()), std::make_move_iterator(waiting_.end()));
    waiting_.clear();
  }
  take(now, wall);
  for (signatures_left_ = config_.signatures_per_turn_max; !fresh_.empty() && signatures_left_ > 0;) {
    Held request = std::move(fresh_.front());
    fresh_.pop_front();
    if (const std::optional<Reason> verdict = judge(now, request)) {
      give_back(std::move(request), *verdict);
    } else {
      waiting_.push_back(std::move(request));
    }
  }
}

// One of each worker in turn, so that none of them takes all places.
void IdentityVerifier::take(SteadyTime now, Instant wall) {
  for (unsigned empty = 0; empty < workers_.count() && held() < config_.held_max;) {
    Held request{.worker = next_worker_, .arrived = wall, .until = now + to_chrono(config_.held_time_max)};
    next_worker_ = (next_worker_ + 1) % workers_.count();
    if (workers_.try_take_unverified(request.worker, request.bytes, request.flow)) {
      fresh_.push_back(std::move(request));
      empty = 0;
    } else {
      ++empty;
    }
  }
}

void IdentityVerifier::give_back(Held request, Reason verdict) {
  request.verdict = verdict;
  if (!returning_.empty() || !try_give_back(request)) returning_.push_back(std::move(request));
}

bool IdentityVerifier::try_give_back(const Held& request) {
  return workers_.try_give_verdict(request.worker,
                                   {request.bytes, request.flow, engine::PeerKind::kVerified, request.verdict});
}

std::optional<Reason> IdentityVerifier::judge(SteadyTime now, const Held& held) {
  const bool is_apart = engine::keeps_messages_apart(held.flow.transport);
  const parsers::ParseError error = is_apart ? parsers::parse_message(held.bytes, message_)
                                             : parsers::parse_stream_message(held.bytes, message_);
  engine::Request request;
  if (engine::read_request(message_, error, held.flow, request) != Reason::kNone) return Reason::kInvalidIdentity;
  bool waits = false;
  const auto judge_one = [&](const IdentityClaim& claim) { return judge_claim(now, held, request, claim, waits); };
  const Reason reason = engine::judge_identities(request, held.arrived, config_.freshness, judge_one);
  if (reason != Reason::kNone && waits) return std::nullopt;
  return reason;
}

Reason IdentityVerifier::judge_claim(SteadyTime now, const Held& held, const engine::Request& request,
                                     const IdentityClaim& claim, bool& waits) {
  switch (tokens_.look_up(held.arrived, claim, request)) {
    case IdentityTokens::Verdict::kKnown: counters_.add(IdentityCounter::kRecognised); return Reason::kNone;
    case IdentityTokens::Verdict::kReplayed: return refuse(IdentityCounter::kReplayed, Reason::kIdentityReplayed);
    case IdentityTokens::Verdict::kUnknown: break;
  }
  if (const Reason reason = judge_full_form(held, claim); reason != Reason::kNone) return reason;
  const IdentityCertificates::Answer found = certificates_.find(now, claim.identity.info);
  waits = waits || found.is_under_way;
  if (found.is_under_way) return Reason::kBadIdentityInfo;
  if (found.credential == nullptr) return found.reason;
  // RFC 8224 §6.2, step 3: the signer's authority over the identity; for a domain's users it is the domain's.
  if (!found.credential->speaks_for(engine::CanonicalAor(request.from.uri).domain())) {
    return refuse(IdentityCounter::kWrongDomain, Reason::kUnsupportedCredential);
  }
  if (const Reason reason = judge_signature(claim, *found.credential); reason != Reason::kNone) return reason;
  counters_.add(IdentityCounter::kVerified);
  if (tokens_.remember(held.arrived, claim, request)) counters_.add(IdentityCounter::kTokensForgotten);
  return Reason::kNone;
}

Reason IdentityVerifier::judge_full_form(const Held& held, const IdentityClaim& claim) {
  if (claim.identity.is_compact()) return Reason::kNone;
  const Reason reason = check_full_passport(claim, held.arrived, config_.freshness);
  if (reason == Reason::kNone) return reason;
  return refuse(reason == Reason::kStaleDate ? IdentityCounter::kStale : IdentityCounter::kWrongClaims, reason);
}

// RFC 8224 §6.2, step 5: of the compact form over what we make of the request, of the full form over what came.
Reason IdentityVerifier::judge_signature(const IdentityClaim& claim, const IdentityCredential& credential) {
  std::array<char, engine::kSigningInputBytesMax> made;
  parsers::Writer writer(made.data(), made.size());
  std::string_view input = claim.identity.token.substr(0, claim.identity.token.rfind('.'));
  if (claim.identity.is_compact()) {
    engine::write_signing_input(claim.passport, writer);
    input = writer.text();
  }
  std::array<char, 64> signature;
  size_t length = 0;
  if (signatures_left_ > 0) --signatures_left_;
  const bool is_right =
      !writer.overflowed() &&
      parsers::decode_base64url(claim.identity.signature, signature.data(), signature.size(), length) &&
      credential.has_signed(input, {signature.data(), length});
  return is_right ? Reason::kNone : refuse(IdentityCounter::kWrongSignature, Reason::kInvalidIdentity);
}

Reason IdentityVerifier::refuse(IdentityCounter why, Reason reason) {
  counters_.add(why);
  return reason;
}

}  // namespace vedette::control
