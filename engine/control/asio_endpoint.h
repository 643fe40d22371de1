// Addresses of the engine as those of Boost.Asio, and back.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include "engine/flow.h"

namespace vedette::control {

inline boost::asio::ip::tcp::endpoint to_asio(const engine::Endpoint& endpoint) {
  namespace ip = boost::asio::ip;
  if (endpoint.address.is_v4()) return {ip::address_v4(endpoint.address.v4_host_order()), endpoint.port};
  return {ip::address_v6(endpoint.address.bytes), endpoint.port};
}

inline engine::Endpoint from_asio(const boost::asio::ip::tcp::endpoint& endpoint) {
  engine::Endpoint out;
  out.port = endpoint.port();
  const boost::asio::ip::address& address = endpoint.address();
  if (address.is_v6()) {
    out.address.bytes = address.to_v6().to_bytes();
  } else {
    out.address = engine::IpAddress::v4(address.to_v4().to_uint());
  }
  return out;
}

}  // namespace vedette::control
