// A SIP domain that is not served here and that there is an understanding with ([[peer]]): how it proves that it is it,
// and where it is. Here: what an operator says of it, and finding it by its name. Not here: certificates
// (engine/control). Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/address_prefix.h"
#include "engine/flow.h"

namespace vedette::engine {

// What becomes of requests of others than our own users by their Identity (RFC 8224).
enum class IdentityPolicy : uint8_t {
  kOff,       // It is as if it were not there. The default.
  kVerify,    // Where there is one it has to be right.
  kRequire,   // There has to be one that is right.
};

struct Peer {
  std::string domain;             // Lower case. Its certificates are for this name (RFC 5922 §7.2).
  // Where connections to it are opened by TLS, one by IPv4 and one by IPv6. Port 0: none is.
  Endpoint v4, v6;

  // Domains, in lower case, of whose users it may say that they sent a request (RFC 3325: P-Asserted-Identity).
  std::vector<std::string> asserts;
  // What comes from there by UDP, TCP or WebSocket, or by TLS without a certificate, is this peer's.
  std::vector<AddressPrefix> sources;
  // For what comes from there, in the place of the domain's; none: the domain's.
  std::optional<IdentityPolicy> identity;

  const Endpoint& endpoint(bool is_v4) const { return is_v4 ? v4 : v6; }
  bool operator==(const Peer&) const = default;
};

// Sorted by domain.
using Peers = std::vector<Peer>;

// As Flow::peer has it: its place counted from 1, or kNoPeer. RFC 4343: case-insensitive.
uint16_t find_peer(const Peers& peers, std::string_view domain);
// Whose a message is that came by `flow`: by its connection's certificate, else by where it came from.
uint16_t find_sender(const Peers& peers, const Flow& flow);

}  // namespace vedette::engine
