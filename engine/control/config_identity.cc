// [identity]: how signed identities (RFC 8224) are verified, and of whom. Control thread, at start only.
#include <algorithm>
#include <string>

#include "engine/control/certificate_fetcher.h"
#include "engine/control/config_reader.h"

namespace vedette::control {
namespace {

using engine::Duration;
using engine::IdentityPolicy;

struct NumberKey {
  std::string_view name;
  uint32_t IdentityConfig::*field;
  IntegerRange range;
};

constexpr NumberKey kNumberKeys[] = {
    {"fetch_bytes_max", &IdentityConfig::fetch_bytes_max, {1'024, 1 << 20}},
    {"fetches_max", &IdentityConfig::fetches_max, {1, 256}},
    {"fetches_per_minute_max", &IdentityConfig::fetches_per_minute_max, {1, 1 << 20}},
    {"certificates_max", &IdentityConfig::certificates_max, {1, 65'536}},
    {"held_max", &IdentityConfig::held_max, {1, 65'536}},
    {"signatures_per_turn_max", &IdentityConfig::signatures_per_turn_max, {1, 64}},
    {"tokens_max", &IdentityConfig::tokens_max, {1, 1 << 20}},
};

struct DurationKey {
  std::string_view name;
  Duration IdentityConfig::*field;
};

constexpr DurationKey kDurationKeys[] = {
    {"fetch_time_max", &IdentityConfig::fetch_time_max},
    {"certificate_lifetime", &IdentityConfig::certificate_lifetime},
    {"failure_lifetime", &IdentityConfig::failure_lifetime},
    {"held_time_max", &IdentityConfig::held_time_max},
};

constexpr DurationRange kTimes{Duration::milliseconds(100), Duration::seconds(86'400)};

constexpr std::pair<std::string_view, IdentityPolicy> kPolicies[] = {
    {"off", IdentityPolicy::kOff},
    {"verify", IdentityPolicy::kVerify},
    {"require", IdentityPolicy::kRequire},
};

// As HttpsUrl::authority() has it.
void read_hosts(TableReader& table, std::vector<std::string>& out) {
  std::vector<std::string> texts;
  table.read_texts("fetch_hosts", texts);
  for (const std::string& text : texts) {
    HttpsUrl url;
    if (HttpsUrl::parse("https://" + text, url) && text.find_first_of("/?#") == std::string::npos) {
      out.push_back(url.authority());
    } else {
      table.add("fetch_hosts", "holds \"" + text + R"(", which is no host; give it as in "certs.example.org", )" +
                                   R"("198.51.100.9:8443" or "[2001:db8::9]")");
    }
  }
}

void read_certificates(TableReader& table, std::vector<IdentityConfig::Certificate>& out) {
  for (TableReader& one : table.read_tables("certificate")) {
    IdentityConfig::Certificate& certificate = out.emplace_back();
    HttpsUrl url;
    if (!one.read_text("url", certificate.url)) {
      one.add("url", "is missing; give what stands in info of the Identity");
    } else if (!HttpsUrl::parse(certificate.url, url)) {
      one.add("url", "is \"" + certificate.url + R"(", which no Identity may name; give it as in "https://host/path")");
    }
    if (!one.read_text("file", certificate.file)) {
      one.add("file", "is missing; name the PEM file with the certificate and what leads to it");
    }
    one.finish();
  }
}

}  // namespace

bool read_identity_policy(TableReader& table, std::string_view key, IdentityPolicy& out) {
  return table.read_choice<IdentityPolicy>(key, out, kPolicies);
}

void read_identity(TableReader& top, Config& out) {
  IdentityConfig& identity = out.control.identity;
  if (std::optional<TableReader> table = top.read_table("identity")) {
    IdentityPolicy everywhere = IdentityPolicy::kOff;
    read_identity_policy(*table, "policy", everywhere);
    for (engine::Domain& domain : out.engine.domains) domain.identity = domain.identity.value_or(everywhere);
    table->read_duration("freshness", out.engine.identity_freshness, {Duration::seconds(1), Duration::seconds(3'600)});
    table->read_texts("trust", identity.trust);
    table->read_texts("revoked", identity.revoked);
    read_certificates(*table, identity.certificates);
    read_hosts(*table, identity.fetch_hosts);
    table->read_texts("fetch_trust", identity.fetch_trust);
    for (const NumberKey& key : kNumberKeys) table->read_number(key.name, identity.*key.field, key.range);
    for (const DurationKey& key : kDurationKeys) table->read_duration(key.name, identity.*key.field, kTimes);
    table->finish();
  }
  identity.freshness = out.engine.identity_freshness;
  identity.is_on = out.engine.checks_identities();
  if (!identity.is_on) return;
  if (identity.trust.empty()) {
    top.add("identity", "is asked for, but nobody is believed; name the authorities' PEM files in [identity] trust");
  }
  if (identity.certificates.empty() && identity.fetch_hosts.empty()) {
    top.add("identity", "is asked for, but there is no certificate to verify one by; name hosts in fetch_hosts, or add "
                        "an [[identity.certificate]]");
  }
}

}  // namespace vedette::control
