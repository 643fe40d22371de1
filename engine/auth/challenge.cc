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

void write_challenge(const Challenge& challenge, DigestAlgorithm algorithm, parsers::Writer& writer) {
  // Only `stale=true` is ever said (RFC 7616 §3.3: anything else is false).
  writer.put("WWW-Authenticate: Digest realm=\"").put(challenge.domain.name);
  writer.put("\", nonce=\"").put(challenge.nonce);
  writer.put("\", qop=\"auth\", algorithm=").put(to_string(algorithm));
  if (challenge.stale) writer.put(", stale=true");
  writer.put("\r\n");
}

}  // namespace

void write_challenges(const Challenge& challenge, parsers::Writer& writer) {
  const auto& offered = challenge.domain.algorithms;
  if (understands_md5_alone(challenge.user_agent) &&
      std::find(offered.begin(), offered.end(), DigestAlgorithm::kMd5) != offered.end()) {
    write_challenge(challenge, DigestAlgorithm::kMd5, writer);
    return;
  }
  for (const DigestAlgorithm algorithm : offered) write_challenge(challenge, algorithm, writer);
}

}  // namespace vedette::engine
