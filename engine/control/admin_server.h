// The admin socket: a Unix stream socket of mode 0600 on which each line is a request and each answer a line.
// What is asked is not understood here (admin_commands.h). A client that asks too much at once, is idle or
// slow to read, or is one too many, is told so where that is possible, and closed. Control thread only.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "engine/control/log.h"

namespace vedette::control {

struct AdminServerLimits {
  size_t clients_max = 16;
  // A document of rules as a JSON text, each of whose quotation marks and line ends takes two bytes.
  size_t request_bytes_max = 640 * 1024;
  std::chrono::milliseconds idle_max{60'000};   // Until a whole request has come.
  std::chrono::milliseconds write_max{10'000};  // Until an answer has been taken.
};

class AdminServer {
 public:
  using Respond = std::function<void(std::string line)>;
  using OnRequest = std::function<void(std::string_view line, Respond respond)>;

  // Listens at once. Throws std::runtime_error, whose text says what to do. Nothing runs on `context` after
  // this.
  AdminServer(boost::asio::io_context& context, std::string path, AdminServerLimits limits,
              OnRequest on_request, Log& log);
  ~AdminServer();  // Removes the socket.
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  void close();  // Takes no more clients.
  size_t clients() const { return *clients_; }

 private:
  friend class AdminSession;
  void listen();
  void accept();

  boost::asio::io_context& context_;
  std::string path_;
  AdminServerLimits limits_;
  OnRequest on_request_;
  Log& log_;
  boost::asio::local::stream_protocol::acceptor acceptor_;
  boost::asio::steady_timer pause_;  // After a failed accept.
  std::shared_ptr<size_t> clients_ =
      std::make_shared<size_t>(0);  // Sessions count themselves, and may outlive this.
};

}  // namespace vedette::control
