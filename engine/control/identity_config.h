// What an operator decides about Identity (RFC 8224; [identity]): whose certificates are believed, where they come
// from, and every limit on that. Of which requests it is asked the domains and peers say (engine/config.h). Read once,
// at start.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/time.h"

namespace vedette::control {

struct IdentityConfig {
  bool is_on = false;                      // Some domain or peer has a policy that looks at Identity.
  engine::Duration freshness;              // EngineConfig::identity_freshness.

  // PEM files of the authorities that signers are believed by, and of their lists of those revoked (RFC 5280 §5).
  std::vector<std::string> trust;
  std::vector<std::string> revoked;

  // A certificate that need not be fetched: what stands in info, and the PEM file in its place.
  struct Certificate {
    std::string url;
    std::string file;
    bool operator==(const Certificate&) const = default;
  };
  std::vector<Certificate> certificates;

  // The others are fetched by HTTPS, from these hosts alone: "certs.example.org", "198.51.100.9:8443". 443 is left out.
  std::vector<std::string> fetch_hosts;
  std::vector<std::string> fetch_trust;    // PEM files of the authorities of those hosts. Empty: those of the system.
  engine::Duration fetch_time_max = engine::Duration::seconds(5);   // In all, names and handshake included. Else 436.
  uint32_t fetch_bytes_max = 65'536;       // Longer answers are cut off: 436.
  uint32_t fetches_max = 8;                // At a time; requests that need one more wait.
  // Of certificates that were not known to be good; more in a minute: 436. So that nobody makes us bother those hosts.
  uint32_t fetches_per_minute_max = 120;
  engine::Duration certificate_lifetime = engine::Duration::seconds(3'600);  // Then it is fetched again.
  engine::Duration failure_lifetime = engine::Duration::seconds(30);         // Of what could not be had.
  uint32_t certificates_max = 256;         // Fetched ones; the one that was used longest ago is forgotten.

  uint32_t held_max = 1'024;               // Requests under verification; more stay with the workers, or get 503.
  engine::Duration held_time_max = engine::Duration::seconds(8);    // For its certificate; then 436.
  uint32_t signatures_per_turn_max = 4;    // A turn is a millisecond, a signature a tenth of that.
  uint32_t tokens_max = 16'384;            // Those that were right; the oldest is forgotten.

  bool operator==(const IdentityConfig&) const = default;
};

}  // namespace vedette::control
