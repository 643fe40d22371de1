// host and port of RFC 3261 §25.1, with the IPv6 rules of RFC 5118 and RFC 5954.
// Used by the parsers of this folder only. No state; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "parsers/cursor.h"
#include "parsers/parse_error.h"

namespace vedette::parsers {

using Ipv6Bytes = std::array<uint8_t, 16>;

// hostname, IPv4address or, in brackets, IPv6address.
bool is_host(std::string_view text);
// Without brackets or zone. RFC 5118 §4.10: the extra colon before an IPv4 tail, which the grammar of
// RFC 3261 prints by mistake, is taken.
bool parse_ipv6(std::string_view text, Ipv6Bytes& out);
// Equal as RFC 3261 §19.1.4 wants it: names ignoring case, IPv6 references by their address.
bool equal_hosts(std::string_view a, std::string_view b);

struct HostPort {
  std::string_view host;
  uint16_t port = 0;
  bool has_port = false;
};
// hostport without white space, at the cursor; kHost or kPort.
ParseError take_host(Cursor& cursor, std::string_view& out);
ParseError take_port(Cursor& cursor, uint16_t& out);
ParseError take_hostport(Cursor& cursor, HostPort& out);

}  // namespace vedette::parsers
