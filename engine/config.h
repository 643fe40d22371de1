// What an operator decides about the engine, checked whole before a shard sees it (engine/control/config
// reads it from TOML). Shards read it and never write it; it lives as long as they do.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/address_prefix.h"
#include "engine/base/time.h"
#include "engine/hashes.h"
#include "engine/limits.h"
#include "engine/peer.h"
#include "engine/presence/pace.h"

namespace vedette::engine {

enum class DigestAlgorithm : uint8_t { kSha256, kSha512256, kMd5 };

// Who may watch whom when no rule document says otherwise.
enum class WatchPolicy : uint8_t {
  kDomain,         // Authenticated users of the presentity's own domain. The default.
  kAuthenticated,  // Authenticated users of any local domain.
  kEveryone,       // Anyone whose SUBSCRIBE is served at all.
  kOwner,          // Only the presentity itself.
};

// What others than he himself are told of a user's calls (RFC 4235).
enum class DialogDetails : uint8_t {
  kBusy,   // That there is one.
  kState,  // Of each, its state and who began it: what a busy lamp shows. The default.
  kAll,    // With whom, too, and its identifiers, so that it can be picked up.
};

struct Domain {
  std::string name;                       // Lower case; what stands after the @ of its users. Also its digest realm.
  WatchPolicy watch_policy = WatchPolicy::kDomain;
  DialogDetails dialog_details = DialogDetails::kState;
  bool authenticate = true;               // False serves everybody as who they say they are: for closed networks.
  // In order of offer, most preferred first (RFC 8760 §2.3). MD5 comes first because older clients (SIPp 3.6)
  // read only the first challenge and give up when it names another algorithm.
  std::vector<DigestAlgorithm> algorithms = {DigestAlgorithm::kSha256, DigestAlgorithm::kMd5};
  // Quality of protection (RFC 7616 §3.3): the digest covers method and URI, with auth-int the body, too. One at least.
  bool offers_auth = true;
  bool offers_auth_int = false;
  // Refuse answers without qop. Else they are taken, and their nonce serves one request.
  bool require_qop = false;
  // RFC 3261 §22.1: the user "anonymous" with the password "" may watch. It proves an address, not a person.
  bool serves_anonymous = false;
  // By Flow::peer, whose requests are refused here; empty: nobody's.
  std::vector<bool> refused_peers;
  // Whether those who are no users of ours have to be signed for (RFC 8224); none: off.
  std::optional<IdentityPolicy> identity;
};

// A user who may authenticate. Only HA1 is kept: H(user ":" realm ":" password), never the password.
struct User {
  std::string aor;                        // Canonical: "alice@example.com".
  bool is_anonymous = false;              // Everybody's: RFC 3261 §22.1. See Domain::serves_anonymous.
  Md5Digest ha1_md5{};
  Sha256Digest ha1_sha256{};
  Sha256Digest ha1_sha512_256{};
  bool has_md5 = false;
  bool has_sha256 = false;
  bool has_sha512_256 = false;
  // Event packages, a bit_of() each, whose state it may PUBLISH for every address of record of its domain: a mail
  // server's message-summary, a PBX's dialog (RFC 3903 §14.1 leaves it to the operator). All are free to for their own.
  uint32_t publishes_for_domain = 0;
};

using UserTable = std::vector<User>;

// Bounds on what clients may ask for (RFC 6665 §4.2.1.1, RFC 3903 §6, RFC 3261 §10.3). Whole seconds.
struct ExpiryRange {
  Duration min = Duration::seconds(60);        // Below it: 423 with Min-Expires. Expires: 0 is always taken.
  Duration max = Duration::seconds(3600);      // Above it: shortened.
  Duration when_absent = Duration::seconds(3600);
  // What is granted is less than that at random, by up to this share, but not below `min`: clients that came together,
  // after an outage or at nine in the morning, do not all come back together.
  uint32_t spread_percent = 10;

  // What who wants so much gets, in whole seconds; `lot` is random. Zero stays zero: a fetch, or the end.
  Duration grant(Duration wanted, uint64_t lot) const;
};

struct EngineConfig {
  std::vector<Domain> domains;
  UserTable users;                        // Sorted by aor. Shards may be given others while they run.
  Peers peers;                            // Sorted by domain; at most kPeersMax.
  ExpiryRange subscription;
  ExpiryRange publication;
  ExpiryRange registration;
  PacePolicy pace;
  bool prove_contacts = true;             // See presence/contact_proof.h.
  Duration nonce_lifetime = Duration::seconds(300);   // After it a nonce is stale (RFC 7616 §3.3).
  // RFC 8224 §6.2: how far from now Date, or what an Identity itself says, may be.
  Duration identity_freshness = Duration::seconds(60);
  // RFC 3261 §17.1.2.2: T1, T2; Timer F is 64 * T1.
  Duration t1 = Duration::milliseconds(500);
  Duration t2 = Duration::seconds(4);
  Limits limits;
  // Proxies and gateways: what comes from there has no token bucket and goes first.
  std::vector<AddressPrefix> trusted_sources;
  std::string server_name = "vedette";    // Server and User-Agent headers; empty leaves them out.

  // Whether any policy looks at Identity.
  bool checks_identities() const;
  bool is_trusted(const IpAddress& source) const;
  const Domain* find_domain(std::string_view name) const;    // Case-insensitive; null when not local.
};

// Whether a domain takes no requests of the peer that a message came from by `flow`.
inline bool refuses(const Domain& domain, const Peers& peers, const Flow& flow) {
  return !domain.refused_peers.empty() && domain.refused_peers[find_sender(peers, flow)];
}

// Null when unknown. `users` is sorted by aor.
const User* find_user(const UserTable& users, std::string_view aor);

}  // namespace vedette::engine
