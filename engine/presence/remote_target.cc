#include "engine/presence/remote_target.h"

#include "parsers/param.h"

namespace vedette::engine {
namespace {

constexpr uint16_t kSipPort = 5060;

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

// The transport that the URI asks for (RFC 3261 §19.1.1); UDP without one (RFC 3263 §4.1 for an IP address).
bool asks_for_tcp(const parsers::Uri& uri) {
  parsers::Param transport;
  return uri.scheme == parsers::UriScheme::kSip && parsers::find_uri_param(uri, "transport", transport) &&
         parsers::equal_ignoring_case(transport.value, "tcp");
}

}  // namespace

Flow contact_flow(const Request& request, const parsers::Uri& contact) {
  Flow flow = request.flow;
  const bool by_tcp = asks_for_tcp(contact);
  // What came by a connection goes back on it: that is the one way known to pass. Only a Contact that asks for TCP by
  // name says where another one can be opened; a TLS peer would have to be verified first (RFC 5923).
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
  const Flow flow = contact_flow(request, contact);
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
      return {contact_flow(request, first.uri), false};
  }
  return target_of_contact(config, request, contact);
}

RemoteTarget target_of_contact(const EngineConfig& config, const Request& request, const parsers::Uri& contact) {
  if (contact.has_user && config.find_domain(contact.host) != nullptr) return {request.flow, true};
  return {contact_flow(request, contact), false};
}

}  // namespace vedette::engine
