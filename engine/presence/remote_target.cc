#include "engine/presence/remote_target.h"

#include "parsers/param.h"

namespace vedette::engine {
namespace {

constexpr uint16_t kSipPort = 5060;
constexpr uint16_t kSipsPort = 5061;   // RFC 3261 §19.1.2.

bool is_unicast(const IpAddress& address) {
  if (address.is_v4()) {
    const uint32_t v4 = address.v4_host_order();
    return (v4 >> 24) != 0 && (v4 >> 28) != 0xe && (v4 >> 28) != 0xf;
  }
  return address.bytes[0] != 0xff && address != IpAddress{};
}

bool is_loopback(const IpAddress& address) {
  if (address.is_v4()) return address.v4_host_order() >> 24 == 127;
  IpAddress one;
  one.bytes[15] = 1;
  return address == one;
}

// The transport that the URI asks for (RFC 3261 §19.1.1; §26.2.2: a SIPS URI for TLS); UDP without one (RFC 3263 §4.1
// for an IP address).
Transport wanted_transport(const parsers::Uri& uri) {
  if (uri.scheme == parsers::UriScheme::kSips) return Transport::kTls;
  parsers::Param transport;
  if (uri.scheme != parsers::UriScheme::kSip || !parsers::find_uri_param(uri, "transport", transport)) {
    return Transport::kUdp;
  }
  if (parsers::equal_ignoring_case(transport.value, "tcp")) return Transport::kTcp;
  return parsers::equal_ignoring_case(transport.value, "tls") ? Transport::kTls : Transport::kUdp;
}

// RFC 5922 §7.3: where a connection to the domain of the URI may be opened; the same flow where that is none of a
// peer's, or the peer is not to be reached from our address.
Flow tls_flow(const EngineConfig& config, Flow flow, const parsers::Uri& uri) {
  const uint16_t place = find_peer(config.peers, uri.host);
  if (place == kNoPeer) return flow;
  const Endpoint& there = config.peers[place - 1].endpoint(flow.local.address.is_v4());
  if (there.port == 0) return flow;
  if (flow.transport != Transport::kTls) {
    flow.connection = 0;
    flow.local.port = kSipsPort;
  }
  flow.transport = Transport::kTls;
  flow.may_open = true;
  flow.peer = place & kPeersMax;
  flow.remote = there;
  return flow;
}

}  // namespace

Flow contact_flow(const EngineConfig& config, const Request& request, const parsers::Uri& contact) {
  Flow flow = request.flow;
  const Transport wanted = wanted_transport(contact);
  const bool by_tcp = wanted == Transport::kTcp;
  // A page of a browser can be told on its own connection alone (RFC 7118 §5).
  const bool is_web = flow.transport == Transport::kWs || flow.transport == Transport::kWss;
  if (wanted == Transport::kTls && !is_web) return tls_flow(config, flow, contact);
  // What came by a connection goes back on it: that is the one way known to pass. Only a Contact that asks for TCP by
  // name says where another one can be opened.
  if (is_reliable(flow.transport) && (!by_tcp || flow.transport != Transport::kTcp)) return flow;
  IpAddress address;
  if (!IpAddress::parse(contact.host, address) || !is_unicast(address)) return flow;
  if (address.is_v4() != flow.local.address.is_v4()) return flow;
  // What calls itself "this host" is on the host that sent it.
  if (is_loopback(address) && !is_loopback(flow.remote.address)) return flow;
  IpAddress sent_by;
  const bool names_itself = IpAddress::parse(request.via.host, sent_by) && sent_by == address;
  if (names_itself && address != flow.remote.address) return flow;
  flow.remote = {address, contact.has_port ? contact.port : kSipPort};
  if (by_tcp) {
    flow.transport = Transport::kTcp;
    flow.may_open = true;
  }
  return flow;
}

Flow binding_flow(const EngineConfig& config, const Request& request, const parsers::Uri& contact) {
  const Flow flow = contact_flow(config, request, contact);
  const IpAddress& source = request.flow.remote.address;
  const bool is_believed = !config.prove_contacts || flow.remote.address == source || config.is_trusted(source) ||
                           config.is_trusted(flow.remote.address);
  return is_believed ? flow : request.flow;
}

RemoteTarget resolve_remote_target(const EngineConfig& config, const Request& request, const parsers::Uri& contact) {
  const std::string_view route = request.message->value(parsers::HeaderId::kRecordRoute);
  if (!route.empty()) {
    // RFC 3261 §12.1.1: the route set is the Record-Route in order; its first URI is the next hop.
    std::string_view rest = route;
    parsers::Address first;
    if (parsers::next_address(rest, first) == parsers::ParseError::kOk)
      return {contact_flow(config, request, first.uri), false};
  }
  return target_of_contact(config, request, contact);
}

RemoteTarget target_of_contact(const EngineConfig& config, const Request& request, const parsers::Uri& contact) {
  if (contact.has_user && config.find_domain(contact.host) != nullptr) return {request.flow, true};
  return {contact_flow(config, request, contact), false};
}

}  // namespace vedette::engine
