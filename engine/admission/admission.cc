#include "engine/admission/admission.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace vedette::engine {
namespace {

// RFC 3261 §7.2: a status line begins with the version, a request line with a method, which no RFC calls "SIP/".
bool is_response(std::string_view bytes) { return bytes.starts_with("SIP/"); }

uint64_t mask_of(uint32_t prefix, uint32_t bits) { return prefix == 0 ? 0 : ~uint64_t{0} << (bits - prefix); }

uint64_t read_half(const uint8_t* bytes) {
  uint64_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return std::endian::native == std::endian::little ? __builtin_bswap64(value) : value;
}

SourceRates rates_of_sources(const Limits& limits) {
  return {.requests = {limits.source_requests_per_second, limits.source_requests_burst},
          .responses = {limits.source_responses_per_second, limits.source_responses_burst}};
}

SourceRates rates_of_users(const Limits& limits) {
  return {.requests = {limits.user_requests_per_second, limits.user_requests_burst}, .responses = {}};
}

// A tenth of a second's at once.
TokenInterval for_a_tenth(uint32_t per_second) { return TokenInterval({per_second, per_second / 10}); }

}  // namespace

Admission::Admission(const EngineConfig& config, KeyedHash hash)
    : config_(config),
      hash_(hash),
      sources_(config.limits.sources_max, hash, rates_of_sources(config.limits)),
      users_(config.limits.active_users_max, hash, rates_of_users(config.limits)),
      overload_(Duration::milliseconds(config.limits.overload_delay_ms)),
      answers_(for_a_tenth(config.limits.overload_answers_per_second)),
      strangers_(for_a_tenth(config.limits.stranger_requests_per_second)),
      v4_mask_(mask_of(config.limits.source_prefix_v4, 32)),
      v6_mask_(mask_of(config.limits.source_prefix_v6, 64)) {}

Reason Admission::on_datagram(Instant now, std::string_view bytes, const Flow& flow) {
  const IpAddress& address = flow.remote.address;
  is_trusted_ = !config_.trusted_sources.empty() && config_.is_trusted(address);
  source_ = is_trusted_ ? nullptr : &sources_.obtain(now, key_of(address));
  if (is_reliable(flow.transport)) on_proof(now);
  if (is_response(bytes)) {
    if (source_ == nullptr || sources_.try_take_response(now, *source_)) return Reason::kNone;
    ++source_->refused;
    overload_.on_turned_away();
    return Reason::kResponsesTooFast;
  }
  if (source_ != nullptr && !sources_.try_take_request(now, *source_)) {
    ++source_->refused;
    overload_.on_turned_away();
    return may_answer(now) ? Reason::kSourceTooFast : Reason::kSourceSilenced;
  }
  const WorkClass work = work_class(now);
  if (work == WorkClass::kNew && !strangers_.try_take(now, strangers_full_)) {
    overload_.on_turned_away();
    return may_answer(now) ? Reason::kStrangersTooMany : Reason::kStrangersSilenced;
  }
  if (overload_.admits(work)) return Reason::kNone;
  return may_answer(now) ? Reason::kOverloaded : Reason::kOverloadSilenced;
}

bool Admission::try_take_user(Instant now, std::string_view aor) {
  const uint64_t key = hash_(aor);
  return users_.try_take_request(now, users_.obtain(now, {key == 0 ? 1 : key}));
}

// One half of an address tells sources apart: of IPv6 the upper one at most (RFC 4291 §2.5.1: interface identifiers
// have 64 bits), of IPv4 the lower one, which begins with the 0:ffff of a mapped address.
SourceKey Admission::key_of(const IpAddress& address) const {
  const uint64_t high = read_half(address.bytes.data());
  const uint64_t low = read_half(address.bytes.data() + 8);
  const bool is_v4 = high == 0 && low >> 32 == 0xffff;
  const uint64_t key = is_v4 ? low & (v4_mask_ | uint64_t{0xffff} << 32) : high & v6_mask_;
  return {key == 0 ? 1 : key};
}

WorkClass Admission::work_class(Instant now) const {
  const bool is_proven = is_trusted_ || (source_ != nullptr && source_->proven_until >= now.unix_seconds());
  return is_proven ? WorkClass::kProven : WorkClass::kNew;
}

bool Admission::may_answer(Instant now) {
  return config_.limits.overload_answers_per_second > 0 && answers_.try_take(now, answers_full_);
}

}  // namespace vedette::engine
