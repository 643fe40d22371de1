// One address on which connections are taken, by one thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>

#include "engine/control/log.h"
#include "engine/flow.h"

namespace vedette::control {

class StreamListener {
 public:
  using OnAccepted = std::function<void(boost::asio::ip::tcp::socket)>;

  // Several threads listen on an address, each for itself, and the kernel says by their addresses which connection is
  // whose (SO_REUSEPORT). The first one looks whether anybody else is there, whom that would let in, too.
  enum class Share : uint8_t { kAlone, kFirst, kFurther };

  // Listens at once; the address need not be there yet. Throws std::runtime_error, whose text says what to do.
  // Nothing runs on `context` after this.
  StreamListener(boost::asio::io_context& context, const engine::Endpoint& at, Share share, OnAccepted on_accepted,
                 Log& log);
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
