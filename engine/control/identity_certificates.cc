// See identity_certificates.h. Control thread only.
#include "engine/control/identity_certificates.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace vedette::control {
namespace {

using engine::Reason;

// Certificates expire, so who is believed is asked about again.
constexpr std::chrono::seconds kJudgedFor{60};

std::chrono::milliseconds to_chrono(engine::Duration duration) {
  return std::chrono::milliseconds(duration.to_milliseconds());
}

std::unique_ptr<const IdentityCredential> read_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  auto credential = in.good() || in.eof() ? IdentityCredential::read(bytes) : nullptr;
  if (credential == nullptr) {
    throw std::runtime_error("no certificate in " + file + "; [[identity.certificate]] wants a PEM file");
  }
  return credential;
}

}  // namespace

IdentityCertificates::IdentityCertificates(boost::asio::io_context& context, const IdentityConfig& config,
                                           IdentityCounters& counters, Log& log, std::function<void()> on_arrived)
    : config_(config),
      counters_(counters),
      log_(log),
      on_arrived_(std::move(on_arrived)),
      fetcher_(context, config) {
  load(known_, trust_);
}

void IdentityCertificates::load(Table& known, std::unique_ptr<const TlsTrust>& trust) const {
  trust = std::make_unique<const TlsTrust>(config_.trust, config_.revoked, "[identity]");
  for (const IdentityConfig::Certificate& one : config_.certificates) {
    Known& entry = known[one.url];
    entry.credential = read_file(one.file);
    entry.is_file = true;
  }
}

void IdentityCertificates::reload() {
  try {
    Table known;
    std::unique_ptr<const TlsTrust> trust;
    load(known, trust);
    // What is under way arrives in the new table.
    for (auto& [url, entry] : known_) {
      if (entry.is_under_way) known[url].is_under_way = true;
    }
    known_ = std::move(known);
    trust_ = std::move(trust);
    log_.info("certificates of identities read anew", {{"files", config_.certificates.size()}});
  } catch (const std::runtime_error& error) {
    log_.error("certificates of identities not read, those there were stay", {{"why", error.what()}});
  }
}

IdentityCertificates::Answer IdentityCertificates::find(SteadyTime now, std::string_view url) {
  const auto at = known_.find(url);
  if (at == known_.end()) return begin_fetch(now, url);
  at->second.used = now;
  if (at->second.is_under_way) return {.is_under_way = true};
  if (!at->second.is_file && at->second.until <= now) return begin_fetch(now, url);
  return answer_of(now, at->first, at->second);
}

IdentityCertificates::Answer IdentityCertificates::answer_of(SteadyTime now, const std::string& url, Known& known) {
  if (known.credential == nullptr) {
    counters_.add(IdentityCounter::kCertificateUnavailable);
    return {.reason = Reason::kBadIdentityInfo};
  }
  if (now - known.judged >= kJudgedFor) judge(now, url, known);
  if (!known.trouble) return {.credential = known.credential.get()};
  counters_.add(IdentityCounter::kCertificateNotBelieved);
  return {.reason = Reason::kUnsupportedCredential};
}

// RFC 8224 §7.2, §12.2: only where the operator knows somebody.
IdentityCertificates::Answer IdentityCertificates::begin_fetch(SteadyTime now, std::string_view url) {
  HttpsUrl parsed;
  if (!HttpsUrl::parse(url, parsed) || !fetcher_.may_fetch(parsed)) {
    counters_.add(IdentityCounter::kHostNotAllowed);
    return {.reason = Reason::kBadIdentityInfo};
  }
  if (!fetcher_.has_room()) return {.is_under_way = true};   // Another one's arrival makes room.
  const auto at = known_.find(url);
  const bool was_good = at != known_.end() && at->second.credential != nullptr;
  if (!was_good && !may_fetch_another(now)) {
    counters_.add(IdentityCounter::kFetchesTooMany);
    return {.reason = Reason::kBadIdentityInfo};
  }
  if (at == known_.end()) make_room();
  std::string key(url);
  Known& known = known_[key];
  known.is_under_way = true;
  known.used = now;
  counters_.add(IdentityCounter::kFetches);
  fetcher_.fetch(parsed, [this, key = std::move(key)](CertificateFetcher::Outcome outcome) {
    on_fetched(key, std::move(outcome));
  });
  return {.is_under_way = true};
}

bool IdentityCertificates::may_fetch_another(SteadyTime now) {
  if (now - minute_ >= std::chrono::minutes(1)) {
    minute_ = now;
    fetched_ = 0;
  }
  return fetched_++ < config_.fetches_per_minute_max;
}

void IdentityCertificates::on_fetched(const std::string& url, CertificateFetcher::Outcome outcome) {
  Known& known = known_[url];
  known.is_under_way = false;
  std::optional<IdentityCounter> trouble = outcome.trouble;
  auto credential = trouble ? nullptr : IdentityCredential::read(outcome.body);
  if (!trouble && credential == nullptr) trouble = IdentityCounter::kCertificateMalformed;
  known.credential = std::move(credential);
  known.judged = {};
  known.until = known.used + to_chrono(trouble ? config_.failure_lifetime : config_.certificate_lifetime);
  if (trouble) {
    counters_.add(*trouble);
    log_.warning("certificate of an identity not fetched", {{"url", url}, {"why", to_string(*trouble)}});
  }
  on_arrived_();
}

void IdentityCertificates::judge(SteadyTime now, const std::string& url, Known& known) {
  const bool was_believed = !known.trouble;
  known.trouble = known.credential->trouble(*trust_);
  known.judged = now;
  if (!known.trouble) return;
  counters_.add(*known.trouble);
  if (was_believed) {
    log_.warning("certificate of an identity not believed", {{"url", url}, {"why", to_string(*known.trouble)}});
  }
}

void IdentityCertificates::make_room() {
  const auto fetched = static_cast<size_t>(
      std::count_if(known_.begin(), known_.end(), [](const auto& one) { return !one.second.is_file; }));
  if (fetched < config_.certificates_max) return;
  // Those that could not be had go first: whoever names many of them drives out no good one.
  const auto is_less_worth = [](const Known& a, const Known& b) {
    const bool is_a_good = a.credential != nullptr, is_b_good = b.credential != nullptr;
    return is_a_good != is_b_good ? is_b_good : a.used < b.used;
  };
  auto oldest = known_.end();
  for (auto at = known_.begin(); at != known_.end(); ++at) {
    if (at->second.is_file || at->second.is_under_way) continue;
    if (oldest == known_.end() || is_less_worth(at->second, oldest->second)) oldest = at;
  }
  if (oldest == known_.end()) return;   // All are under way: as many as fetches_max.
  counters_.add(IdentityCounter::kCertificatesForgotten);
  known_.erase(oldest);
}

}  // namespace vedette::control
