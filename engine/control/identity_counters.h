// What became of identities that were to be verified (RFC 8224), each with a name and a number. Control thread only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vedette::control {

enum class IdentityCounter : uint8_t {
  kVerified,             // By their signature,
  kRecognised,           // or because the very same request had been.
  // Why not. Of several fields in one request each counts.
  kReplayed,             // Its token came in another request before.
  kWrongSignature,
  kWrongClaims,          // The full form says something else than the request.
  kStale,                // So it was made too long ago, or is from the future.
  kHostNotAllowed,       // The certificate is not at a host of identity.fetch_hosts.
  kCertificateUnavailable,   // It could not be had, a while ago.
  kCertificateNotBelieved,   // It was looked at, a while ago, or now.
  kWrongDomain,          // It is for others than the From's domain.
  kHeldTooLong,          // identity.held_time_max.
  // Certificates.
  kFetches,
  kFetchesTooMany,       // identity.fetches_per_minute_max.
  kFetchFailed,          // No connection, no TLS, another status than 200.
  kFetchTooSlow,         // identity.fetch_time_max.
  kFetchTooLong,         // identity.fetch_bytes_max.
  kCertificateMalformed,
  kCertificateWrongKey,  // Not of P-256, or not for signatures.
  kCertificateExpired,   // Or not yet valid.
  kCertificateRevoked,
  kCertificateRevocationUnknown,
  kCertificateSelfSigned,
  kCertificateUnknownIssuer,
  kCertificateInvalid,
  kCertificatesForgotten,    // identity.certificates_max.
  kTokensForgotten,      // identity.tokens_max: a replay of one would not be seen.
  kCount
};

// snake_case.
std::string_view to_string(IdentityCounter counter);

struct IdentityCounters {
  std::array<uint64_t, static_cast<size_t>(IdentityCounter::kCount)> values{};
  void add(IdentityCounter counter) { ++values[static_cast<size_t>(counter)]; }
  uint64_t get(IdentityCounter counter) const { return values[static_cast<size_t>(counter)]; }
};

}  // namespace vedette::control
