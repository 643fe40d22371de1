// Writing challenges. Pure.
#include "engine/auth/challenge.h"

#include <algorithm>

#include "engine/auth/digest.h"

namespace vedette::engine {
namespace {

// baresip's library before 2022 (Debian 12 has it) gives up at any challenge with another algorithm than MD5,
// wherever it stands, instead of skipping it as RFC 8760 §2.4 wants; after 2022 it forgets the algorithm when
// a nonce goes stale.
bool understands_md5_alone(std::string_view user_agent) { return user_agent.starts_with("baresip"); }

// SIPp 3.6 (Debian 12) answers the first challenge or none, and knows MD5 alone; its stock scenarios carry no
// User-Agent, as next to no client of a person does.
bool reads_first_challenge_alone(std::string_view user_agent) {
  return user_agent.empty() || user_agent.starts_with("SIPp");
}

// RFC 7616 §3.3: one or more of them; a client that knows auth alone skips the other.
std::string_view qop_of(const Domain& domain) {
  if (!domain.offers_auth_int) return "auth";
  return domain.offers_auth ? "auth,auth-int" : "auth-int";
}

void write_challenge(const Challenge& challenge, DigestAlgorithm algorithm, parsers::Writer& writer) {
  // Only `stale=true` is ever said (RFC 7616 §3.3: anything else is false).
  writer.put("WWW-Authenticate: Digest realm=\"").put(challenge.domain.name);
  writer.put("\", nonce=\"").put(challenge.nonce);
  writer.put("\", qop=\"").put(qop_of(challenge.domain)).put("\", algorithm=").put(to_string(algorithm));
  if (challenge.stale) writer.put(", stale=true");
  writer.put("\r\n");
}

}  // namespace

void write_challenges(const Challenge& challenge, parsers::Writer& writer) {
  const auto& offered = challenge.domain.algorithms;
  const bool has_md5 = std::find(offered.begin(), offered.end(), DigestAlgorithm::kMd5) != offered.end();
  const bool md5_alone = has_md5 && understands_md5_alone(challenge.user_agent);
  const bool md5_first = md5_alone || (has_md5 && reads_first_challenge_alone(challenge.user_agent));
  if (md5_first) write_challenge(challenge, DigestAlgorithm::kMd5, writer);
  if (md5_alone) return;
  for (const DigestAlgorithm algorithm : offered) {
    if (md5_first && algorithm == DigestAlgorithm::kMd5) continue;
    write_challenge(challenge, algorithm, writer);
  }
}

}  // namespace vedette::engine
