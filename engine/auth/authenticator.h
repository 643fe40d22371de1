// Digest authentication of one shard's requests (RFC 3261 §22, RFC 7616, RFC 8760): who sent this?
// What a user may do is decided elsewhere. One thread, the shard's; no allocation after construction.
//
// A client that answers without qop sends no nonce count that its digest covers, so refreshes would look the same as
// replays: there a nonce serves one request, and the next is told that it is stale. A domain may refuse such answers.
#pragma once

#include "engine/auth/nonce.h"
#include "engine/auth/replay.h"
#include "engine/config.h"
#include "engine/flow.h"
#include "engine/hashes.h"
#include "engine/partition.h"
#include "engine/reason.h"
#include "parsers/message.h"
#include "parsers/writer.h"

namespace vedette::engine {

struct AuthenticationRequest {
  const parsers::Message& message;
  const Flow& flow;      // Where it came from.
  const Domain& domain;  // Whose user it must be; its name is the realm.
};

struct Authentication {
  // kNone, kUnauthorized (no credentials for the realm), kUserUnknown, kWrongDigest, kStaleNonce,
  // kReplayedNonce: 401 with challenges; kBadCredentials: 400.
  Reason reason = Reason::kUnauthorized;
  // Of the configuration, when reason is kNone; its aor is who it is, unless it is anonymous.
  const User* user = nullptr;
};

class Authenticator {
 public:
  // `config` outlives this.
  Authenticator(const EngineConfig& config, const Hashes& hashes, ShardIndex shard);

  void set_nonce_keys(const NonceKey& current, const NonceKey& previous, const NonceKey& next = {}) {
    mint_.set_keys(current, previous, next);
  }
  // Sorted by aor; outlives this, or the next call.
  void set_users(const UserTable& users) { users_ = &users; }

  Authentication authenticate(Instant now, const AuthenticationRequest& request);
  // Whether the request carries a fresh nonce that was minted for where it came from, by any shard, whatever its digest
  // is worth.
  bool has_fresh_nonce(Instant now, const parsers::Message& message, const Flow& flow) const;
  // The WWW-Authenticate headers of the 401 for `reason`.
  void write_challenges(Instant now, const AuthenticationRequest& request, Reason reason,
                        parsers::Writer& writer);

  // Nonce windows given up while still of use: Counter::kReplayWindowsForgotten.
  uint64_t windows_forgotten() const { return windows_.forgotten(); }
  static uint64_t bytes(const Limits& limits) { return ReplayWindows::bytes(limits.replay_windows_max); }

 private:
  struct Credentials;
  Reason find_credentials(const AuthenticationRequest& request, Credentials& out) const;
  const User* find_named(std::string_view username, const Domain& domain) const;
  Reason check_nonce(Instant now, const AuthenticationRequest& request, const Credentials& given,
                     const User& user);

  const EngineConfig& config_;
  const UserTable* users_;
  Hashes hashes_;
  ShardIndex shard_;
  NonceMint mint_;
  ReplayWindows windows_;
};

}  // namespace vedette::engine
