#include "tests/sim/digest_client.h"

#include <array>
#include <cstdio>

#include "parsers/auth_params.h"
#include "parsers/param.h"
#include "tests/sim/fake_hashes.h"

namespace vedette::sim {

using engine::DigestAlgorithm;
using parsers::HeaderId;

bool DigestClient::take_challenge(const parsers::Message& response) {
  const parsers::HeaderField* field = response.find(HeaderId::kWwwAuthenticate);
  for (; field != nullptr; field = response.find_next(*field)) {
    parsers::AuthParams params;
    if (parsers::parse_auth_params(response.value(*field), params) != parsers::ParseError::kOk) continue;
    const bool sha256 = parsers::equal_ignoring_case(params.algorithm, "SHA-256");
    const bool md5 = params.algorithm.empty() || parsers::equal_ignoring_case(params.algorithm, "MD5");
    if (!(sha256 && account_.knows_sha256) && !(md5 && account_.knows_md5)) continue;
    algorithm_ = sha256 ? DigestAlgorithm::kSha256 : DigestAlgorithm::kMd5;
    realm_ = params.realm;
    nonce_ = params.nonce;
    opaque_ = params.opaque;
    offers_qop_ = !params.qop.empty();
    stale_ = params.stale;
    nonce_count_ = 0;
    return true;
  }
  return false;
}

std::string DigestClient::authorize(std::string_view method, std::string_view uri) {
  std::array<char, 16> nc;
  std::snprintf(nc.data(), nc.size(), "%08x", ++nonce_count_);
  const std::string cnonce = random_.hex();
  const std::string ha1 = fake_hash_hex(algorithm_, account_.user + ":" + realm_ + ":" + account_.password);
  const std::string ha2 = fake_hash_hex(algorithm_, std::string(method) + ":" + std::string(uri));
  std::string text = ha1 + ":" + nonce_ + ":";
  if (offers_qop_) text += std::string(nc.data()) + ":" + cnonce + ":auth:";
  std::string line = "Authorization: Digest username=\"" + account_.user + "\", realm=\"" + realm_ +
                     "\", nonce=\"" + nonce_ + "\", uri=\"" + std::string(uri) + "\", response=\"" +
                     fake_hash_hex(algorithm_, text + ha2) +
                     "\", algorithm=" + (algorithm_ == DigestAlgorithm::kSha256 ? "SHA-256" : "MD5");
  if (!opaque_.empty()) line += ", opaque=\"" + opaque_ + "\"";
  if (offers_qop_) line += ", qop=auth, nc=" + std::string(nc.data()) + ", cnonce=\"" + cnonce + "\"";
  return line + "\r\n";
}

}  // namespace vedette::sim
