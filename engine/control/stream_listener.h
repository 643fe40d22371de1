// One address on which connections are taken. Control thread only.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>

#include "engine/control/log.h"
#include "engine/flow.h"

namespace vedette::control {

class StreamListener {
 public:
  using OnAccepted = std::function<void(boost::asio::ip::tcp::socket)>;

  // Listens at once; the address need not be there yet. Throws std::runtime_error, whose text says what to do.
  // Nothing runs on `context` after this.
  StreamListener(boost::asio::io_context& context, const engine::Endpoint& at, OnAccepted on_accepted, Log& log);
  StreamListener(const StreamListener&) = delete;
  StreamListener& operator=(const StreamListener&) = delete;

  void close();
  uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  void accept();

  OnAccepted on_accepted_;
  Log& log_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;  // After a failed accept.
};

}  // namespace vedette::control
