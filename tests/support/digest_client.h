// A digest client for tests: answers challenges as RFC 7616 §3.4.1 says, or wrongly where a test asks for it.
#pragma once

#include <string>
#include <string_view>

#include "engine/config.h"

namespace vedette::support {

// H(user ":" realm ":" password) in all algorithms, under the AOR user@realm.
engine::User make_user(std::string_view name, std::string_view realm, std::string_view password);

struct DigestAnswer {
  std::string username = "alice";
  std::string realm = "example.com";
  std::string password = "secret";
  std::string nonce;
  std::string uri = "sip:example.com";
  std::string method = "REGISTER";
  std::string body;          // Covered by qop=auth-int.
  std::string qop = "auth";  // Empty: as RFC 2069, without cnonce and nc.
  std::string nc = "00000001";
  std::string cnonce = "0a4f113b";
  std::string ha1;                     // In hexadecimal; empty: from the password.
  engine::DigestAlgorithm algorithm = engine::DigestAlgorithm::kSha256;

  // Lower-case hexadecimal.
  std::string response() const;
  // The value of an Authorization header.
  std::string header() const;
};

}  // namespace vedette::support
