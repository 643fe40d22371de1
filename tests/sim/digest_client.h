// The client's side of digest authentication (RFC 7616, RFC 8760): takes a challenge, counts its uses.
#pragma once

#include <string>
#include <string_view>

#include "engine/config.h"
#include "parsers/message.h"
#include "tests/sim/random.h"

namespace vedette::sim {

struct Account {
  std::string user;
  std::string domain;
  std::string password;
  bool knows_sha256 = true;
  bool knows_md5 = true;

  std::string aor() const { return user + "@" + domain; }
};

class DigestClient {
 public:
  DigestClient(Account account, Random random) : account_(std::move(account)), random_(random) {}

  // Takes the best challenge of a 401 that the account can answer; false when there is none.
  bool take_challenge(const parsers::Message& response);
  bool was_stale() const { return stale_; }
  bool has_challenge() const { return !nonce_.empty(); }
  void forget() { nonce_.clear(); }
  // The Authorization line for a request, with its line end; every call is one more use of the nonce.
  std::string authorize(std::string_view method, std::string_view uri);

 private:
  Account account_;
  Random random_;
  engine::DigestAlgorithm algorithm_ = engine::DigestAlgorithm::kSha256;
  std::string realm_, nonce_, opaque_;
  bool offers_qop_ = false;
  bool stale_ = false;
  uint32_t nonce_count_ = 0;
};

}  // namespace vedette::sim
