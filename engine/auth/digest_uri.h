// What the digest's uri parameter says about the request it came with (RFC 7616 §3.4.6, RFC 3261 §22.4 item
// 7). Pure; not here: whether the digest is right.
#pragma once

#include <string_view>

#include "engine/config.h"
#include "engine/flow.h"

namespace vedette::engine {

enum class DigestTarget : uint8_t {
  kSameAor,  // The same local address of record as the Request-URI, which has one owner: the shard that sees
             // it.
  kOurs,     // Something else that we may be asked for: the same host, a local domain, our own address.
  kForeign,  // Meant for somebody else: credentials made for another server, passed on to us.
};

struct DigestUris {
  std::string_view request_uri;
  std::string_view digest_uri;
  IpAddress local;  // Where the request arrived.
};

DigestTarget digest_target(const EngineConfig& config, const DigestUris& uris);

}  // namespace vedette::engine
