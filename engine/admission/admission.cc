#include "engine/admission/admission.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace vedette::engine {
namespace {

// RFC 3261 §7.2: a status line begins with the version, a request line with a method, which no RFC calls "SIP/".
bool is_response(std::string_view bytes) { return bytes.starts_with("SIP/"); }

SourceRates rates_of_sources(const Limits& limits) {
  return {.requests = {limits.source_requests_per_second, limits.source_requests_burst},
          .responses = {limits.source_responses_per_second, limits.source_responses_burst}};
}

SourceRates rates_of_users(const Limits& limits) {
  return {.requests = {limits.user_requests_per_second, limits.user_requests_burst}, .responses = {}};
}

// What the control thread has lent, as a copy.
class Verdicts {
 public:
  explicit Verdicts(const LentVerdicts& lent) : count_(std::min<size_t>(lent.count, copies_.size())) {
    if (count_ > 0) std::memcpy(copies_.data(), lent.bytes, count_ * sizeof(PrefixVerdict));
  }
  std::span<const PrefixVerdict> all() const { return {copies_.data(), count_}; }

 private:
  std::array<PrefixVerdict, PrefixVerdicts::kMax> copies_;
  size_t count_;
};

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
      keys_(config.limits.source_prefix_v4, config.limits.source_prefix_v6),
      networks_(config.limits.prefix_v4, config.limits.prefix_v6),
      heavy_(hash) {}

Reason Admission::on_datagram(Instant now, std::string_view bytes, const Flow& flow) {
  const IpAddress& address = flow.remote.address;
  is_trusted_ = !config_.trusted_sources.empty() && config_.is_trusted(address);
  const bool answers_us = is_response(bytes);
  const bool has_to_pass = !verdicts_.empty() && !answers_us && !is_trusted_ && !is_reliable(flow.transport);
  if (has_to_pass && !passes_verdict(now, address)) {
    source_ = nullptr;
    overload_.on_turned_away();
    return Reason::kPrefixLimited;
  }
  source_ = is_trusted_ ? nullptr : &sources_.obtain(now, key_of(address));
  if (is_reliable(flow.transport)) on_proof(now);
  if (answers_us) {
    if (source_ == nullptr || sources_.try_take_response(now, *source_)) return Reason::kNone;
    ++source_->refused;
    overload_.on_turned_away();
    return Reason::kResponsesTooFast;
  }
  const WorkClass work = work_class(now);
  if (work == WorkClass::kNew) count_stranger(address);
  if (source_ != nullptr && !sources_.try_take_request(now, *source_)) {
    ++source_->refused;
    overload_.on_turned_away();
    return may_answer(now) ? Reason::kSourceTooFast : Reason::kSourceSilenced;
  }
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

WorkClass Admission::work_class(Instant now) const {
  const bool is_proven = is_trusted_ || (source_ != nullptr && source_->proven_until >= now.unix_seconds());
  return is_proven ? WorkClass::kProven : WorkClass::kNew;
}

void Admission::take_verdicts(const LentVerdicts& verdicts) {
  const Verdicts copies(verdicts);
  verdicts_.set(copies.all());
}

void Admission::begin_count(const LentVerdicts& networks) {
  const Verdicts copies(networks);
  proven_.begin(copies.all());
}

bool Admission::passes_verdict(Instant now, const IpAddress& address) {
  const SourceTable::Source* const known = sources_.find(key_of(address));
  if (known != nullptr && known->proven_until >= now.unix_seconds()) return true;
  if (verdicts_.admits(now, networks_.of(address))) return true;
  count_stranger(address);
  return false;
}

bool Admission::may_answer(Instant now) {
  return config_.limits.overload_answers_per_second > 0 && answers_.try_take(now, answers_full_);
}

}  // namespace vedette::engine
