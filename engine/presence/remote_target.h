// Where the requests of a dialog go (RFC 3261 §12.2.1.1), decided when the peer names its Contact and route set.
// The engine resolves no names but those of peers: another target that is no IP address is reached on the flow that it
// came from.
#pragma once

#include "engine/core.h"

namespace vedette::engine {

struct RemoteTarget {
  Flow flow;
  // The target is an AOR or GRUU of a local domain: it goes through the bindings of that AOR (RFC 5627 §6.1).
  bool through_binding = false;
};

// Of a request that makes a dialog: its Record-Route is the route set.
RemoteTarget resolve_remote_target(const EngineConfig& config, const Request& request, const parsers::Uri& contact);
// Of a dialog without a route set; its later requests cannot give it one (§12.2).
RemoteTarget target_of_contact(const EngineConfig& config, const Request& request, const parsers::Uri& contact);

// The flow to a Contact that names an IP address, or the flow the request came from where that is the safer way:
// behind a NAT (the Contact is what the sender calls itself in its Via, but not where it sends from), for names,
// for another address family, for addresses that are nobody's. What came by a connection keeps it; a Contact with
// transport=tcp says besides where a new one may be opened. One that asks for TLS, by its scheme or transport, says so
// where its host is a peer's domain: that is what the certificate there has to prove (RFC 5922 §7.3), and no address
// can be proved so.
Flow contact_flow(const EngineConfig& config, const Request& request, const parsers::Uri& contact);
// The same of a REGISTER. What goes to bindings asks for no proof first (contact_proof.h), so another host than the one
// that registered is reached through that one, which is a proxy where all is well.
Flow binding_flow(const EngineConfig& config, const Request& request, const parsers::Uri& contact);

}  // namespace vedette::engine
