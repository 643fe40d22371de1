// Computing a digest response. Pure; two hashes for each call, three with auth-int; no allocation.
#include "engine/auth/digest.h"

#include <array>
#include <span>

#include "engine/auth/hex.h"
#include "parsers/param.h"

namespace vedette::engine {
namespace {

template <typename Digest>
using HashFunction = void (*)(void* context, std::span<const std::string_view> parts, Digest& out);

// A digest as it goes into other digests and headers: hexadecimal.
template <typename Digest>
struct HexText {
  std::array<char, 2 * std::tuple_size_v<Digest>> text;
  explicit HexText(const Digest& digest) { write_hex(digest, text.data()); }
  std::string_view view() const { return {text.data(), text.size()}; }
};

bool is_auth_int(const parsers::AuthParams& given) { return parsers::equal_ignoring_case(given.qop, "auth-int"); }

template <typename Digest>
bool matches(HashFunction<Digest> hash, void* context, const Digest& secret, const DigestCheck& check) {
  const parsers::AuthParams& given = check.credentials;
  Digest digest;
  if (is_auth_int(given)) {
    // RFC 7616 §3.4.3: A2 = Method ":" request-uri ":" H(entity-body). Without a body: the hash of nothing.
    const std::array<std::string_view, 1> whole = {check.body};
    hash(context, whole, digest);
    const HexText<Digest> body(digest);
    const std::array<std::string_view, 5> a2 = {check.method, ":", given.uri, ":", body.view()};
    hash(context, a2, digest);
  } else {
    // §3.4.3: A2 = Method ":" request-uri.
    const std::array<std::string_view, 3> a2 = {check.method, ":", given.uri};
    hash(context, a2, digest);
  }
  const HexText<Digest> ha2(digest);
  const HexText<Digest> ha1(secret);

  if (given.qop.empty()) {
    // RFC 2069: KD(H(A1), nonce ":" H(A2)).
    const std::array<std::string_view, 5> parts = {ha1.view(), ":", given.nonce, ":", ha2.view()};
    hash(context, parts, digest);
  } else {
    // §3.4.1: KD(H(A1), nonce ":" nc ":" cnonce ":" qop ":" H(A2)).
    const std::array<std::string_view, 11> parts = {ha1.view(),   ":", given.nonce, ":", given.nc,  ":",
                                                    given.cnonce, ":", given.qop,   ":", ha2.view()};
    hash(context, parts, digest);
  }
  Digest response{};
  const bool readable = read_hex(given.response, response);
  return equal_in_constant_time(response, digest) && readable;
}

}  // namespace

bool parse_digest_algorithm(std::string_view name, DigestAlgorithm& out) {
  if (name.empty() || parsers::equal_ignoring_case(name, "MD5")) {
    out = DigestAlgorithm::kMd5;
    return true;
  }
  for (const DigestAlgorithm other : {DigestAlgorithm::kSha256, DigestAlgorithm::kSha512256}) {
    if (!parsers::equal_ignoring_case(name, to_string(other))) continue;
    out = other;
    return true;
  }
  return false;
}

std::string_view to_string(DigestAlgorithm algorithm) {
  switch (algorithm) {
    case DigestAlgorithm::kSha256: return "SHA-256";
    case DigestAlgorithm::kSha512256: return "SHA-512-256";
    case DigestAlgorithm::kMd5: break;
  }
  return "MD5";
}

bool has_secret(const User& user, DigestAlgorithm algorithm) {
  switch (algorithm) {
    case DigestAlgorithm::kSha256: return user.has_sha256;
    case DigestAlgorithm::kSha512256: return user.has_sha512_256;
    case DigestAlgorithm::kMd5: break;
  }
  return user.has_md5;
}

bool digest_matches(const Hashes& hashes, DigestAlgorithm algorithm, const DigestCheck& check) {
  const User& user = check.user;
  bool right = false;
  switch (algorithm) {
    case DigestAlgorithm::kSha256:
      right = matches<Sha256Digest>(hashes.sha256, hashes.context, user.ha1_sha256, check);
      break;
    case DigestAlgorithm::kSha512256:
      right = matches<Sha256Digest>(hashes.sha512_256, hashes.context, user.ha1_sha512_256, check);
      break;
    case DigestAlgorithm::kMd5:
      right = matches<Md5Digest>(hashes.md5, hashes.context, user.ha1_md5, check);
      break;
  }
  return right && has_secret(user, algorithm);
}

}  // namespace vedette::engine
