// WWW-Authenticate headers (RFC 7616 §3.3, RFC 8760 §2.3): one for each algorithm, in the domain's order.
// Pure.
#pragma once

#include <string_view>

#include "engine/config.h"
#include "parsers/writer.h"

namespace vedette::engine {

struct Challenge {
  const Domain& domain;  // Its name is the realm.
  std::string_view nonce;
  // The digest was right and the nonce was not: the client tries again without asking its user.
  bool stale = false;
  // The client's User-Agent, or empty: some clients fail at a challenge that they need not answer.
  std::string_view user_agent;
};

void write_challenges(const Challenge& challenge, parsers::Writer& writer);

}  // namespace vedette::engine
