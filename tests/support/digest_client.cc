// Written from RFC 7616 alone, with std::string, so that it shares nothing with what it tests but the hash
// functions.
#include "tests/support/digest_client.h"

#include <array>
#include <span>

#include "engine/control/crypto.h"

namespace vedette::support {
namespace {

using engine::DigestAlgorithm;

std::string hash_hex(DigestAlgorithm algorithm, const std::string& text) {
  const engine::Hashes hashes = control::openssl_hashes();
  const std::array<std::string_view, 1> parts = {text};
  std::string out;
  const auto append = [&](std::span<const uint8_t> digest) {
    for (const uint8_t byte : digest) {
      out += "0123456789abcdef"[byte / 16];
      out += "0123456789abcdef"[byte % 16];
    }
  };
  if (algorithm != DigestAlgorithm::kMd5) {
    engine::Sha256Digest digest;
    (algorithm == DigestAlgorithm::kSha256 ? hashes.sha256 : hashes.sha512_256)(hashes.context, parts, digest);
    append(digest);
  } else {
    engine::Md5Digest digest;
    hashes.md5(hashes.context, parts, digest);
    append(digest);
  }
  return out;
}

}  // namespace

engine::User make_user(std::string_view name, std::string_view realm, std::string_view password) {
  engine::User user{.aor = std::string(name) + "@" + std::string(realm)};
  const engine::Hashes hashes = control::openssl_hashes();
  const std::array<std::string_view, 5> a1 = {name, ":", realm, ":", password};
  hashes.md5(hashes.context, a1, user.ha1_md5);
  hashes.sha256(hashes.context, a1, user.ha1_sha256);
  hashes.sha512_256(hashes.context, a1, user.ha1_sha512_256);
  user.has_md5 = user.has_sha256 = user.has_sha512_256 = true;
  return user;
}

std::string DigestAnswer::response() const {
  const std::string a1 = username + ":" + realm + ":" + password;
  const std::string secret = ha1.empty() ? hash_hex(algorithm, a1) : ha1;
  const std::string integrity = qop == "auth-int" ? ":" + hash_hex(algorithm, body) : "";
  const std::string ha2 = hash_hex(algorithm, method + ":" + uri + integrity);
  if (qop.empty()) return hash_hex(algorithm, secret + ":" + nonce + ":" + ha2);
  return hash_hex(algorithm, secret + ":" + nonce + ":" + nc + ":" + cnonce + ":" + qop + ":" + ha2);
}

std::string DigestAnswer::header() const {
  std::string out = "Digest username=\"" + username + "\", realm=\"" + realm + "\", nonce=\"" + nonce +
                    "\", uri=\"" + uri + "\", response=\"" + response() +
                    "\", algorithm=" + (algorithm == DigestAlgorithm::kMd5      ? "MD5"
                                       : algorithm == DigestAlgorithm::kSha256 ? "SHA-256"
                                                                               : "SHA-512-256");
  if (!qop.empty()) out += ", qop=" + qop + ", nc=" + nc + ", cnonce=\"" + cnonce + "\"";
  return out;
}

}  // namespace vedette::support
