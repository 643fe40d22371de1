// The digest itself (RFC 7616 §3.4.1, RFC 2069 for clients that ignore qop): is this response made with that
// HA1? MD5, SHA-256 and SHA-512-256; qop=auth, auth-int or none. Not here: whether the nonce is good, who the user is,
// what the domain offers.
#pragma once

#include <string_view>

#include "engine/config.h"
#include "engine/hashes.h"
#include "parsers/auth_params.h"

namespace vedette::engine {

struct DigestCheck {
  const parsers::AuthParams& credentials;
  std::string_view method;  // Of the request, as it stands in its start line.
  const User& user;         // Whose HA1 it must be.
  std::string_view body;    // Of the request: qop=auth-int covers it.
};

// RFC 7616 §3.3: no algorithm parameter means MD5. False for one that we do not offer to anybody.
bool parse_digest_algorithm(std::string_view name, DigestAlgorithm& out);
// "SHA-256", "SHA-512-256", "MD5": as in a challenge.
std::string_view to_string(DigestAlgorithm algorithm);

bool has_secret(const User& user, DigestAlgorithm algorithm);

// Does the same work whether or not the user has a secret for that algorithm; false when not.
bool digest_matches(const Hashes& hashes, DigestAlgorithm algorithm, const DigestCheck& check);

}  // namespace vedette::engine
