// See stream_listener.h. On its thread only.
#include "engine/control/stream_listener.h"

#include <netinet/in.h>

#include <boost/asio/ip/v6_only.hpp>

#include <chrono>
#include <stdexcept>
#include <utility>

#include "engine/control/asio_endpoint.h"

namespace vedette::control {

using boost::asio::ip::tcp;
using boost::system::error_code;

namespace {

// Addresses come and go with their interfaces, the TAP's IPv6 ones a moment after start.
void allow_absent_address(tcp::acceptor& acceptor, bool is_v4) {
  const int yes = 1;
  const int level = is_v4 ? int{IPPROTO_IP} : int{IPPROTO_IPV6};
  const int option = is_v4 ? IP_FREEBIND : IPV6_FREEBIND;
  // Where the kernel will not have it, bind() says what is wrong.
  static_cast<void>(setsockopt(acceptor.native_handle(), level, option, &yes, sizeof yes));
}

using ReusePort = boost::asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

error_code bind(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, bool is_shared) {
  error_code error, ignored;
  acceptor.open(endpoint.protocol(), error);
  if (error) return error;
  acceptor.set_option(tcp::acceptor::reuse_address(true), ignored);
  if (is_shared) acceptor.set_option(ReusePort(true), ignored);
  if (endpoint.address().is_v6()) acceptor.set_option(boost::asio::ip::v6_only(true), ignored);
  allow_absent_address(acceptor, endpoint.address().is_v4());
  acceptor.bind(endpoint, error);
  return error;
}

}  // namespace

StreamListener::StreamListener(boost::asio::io_context& context, const engine::Endpoint& at, Share share,
                               OnAccepted on_accepted, Log& log)
    : on_accepted_(std::move(on_accepted)), log_(log), acceptor_(context), pause_(context) {
  const tcp::endpoint endpoint = to_asio(at);
  error_code error;
  if (share == Share::kFirst) {
    tcp::acceptor alone(context);
    error = bind(alone, endpoint, false);
  }
  if (!error) error = bind(acceptor_, endpoint, share != Share::kAlone);
  if (!error) acceptor_.listen(tcp::acceptor::max_listen_connections, error);
  if (error) {
    throw std::runtime_error("connections cannot be taken on " + endpoint.address().to_string() + " port " +
                             std::to_string(endpoint.port()) + ": " + error.message() +
                             "; give another listen, or listen = [] for none");
  }
  accept();
}

void StreamListener::close() {
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

void StreamListener::accept() {
  acceptor_.async_accept([this](error_code error, tcp::socket socket) {
    if (error == boost::asio::error::operation_aborted) return;  // Closed; this may be gone.
    if (!error) {
      on_accepted_(std::move(socket));
      return accept();
    }
    // Out of descriptors, most likely. At once again would be a busy loop.
    log_.warning("connection not accepted", {{"error", error.message()}});
    pause_.expires_after(std::chrono::milliseconds(200));
    pause_.async_wait([this](error_code aborted) {
      if (!aborted) accept();
    });
  });
}

}  // namespace vedette::control
