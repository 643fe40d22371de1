// One client of the admin socket: reads a line, has it answered, writes the answer, reads the next. It keeps
// itself alive through its pending operations and ends with the last of them. Control thread only.
#pragma once

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>

#include "engine/control/admin_server.h"

namespace vedette::control {

class AdminSession : public std::enable_shared_from_this<AdminSession> {
 public:
  using Socket = boost::asio::local::stream_protocol::socket;

  AdminSession(AdminServer& server, Socket socket);
  ~AdminSession();
  AdminSession(const AdminSession&) = delete;
  AdminSession& operator=(const AdminSession&) = delete;

  void read();
  // Then the session ends.
  void refuse(const std::string& line) { write(line, false); }

 private:
  void on_line(size_t length);
  void write(std::string line, bool read_on);
  void set_deadline(std::chrono::milliseconds time);

  AdminServer& server_;  // Lives as long as handlers run, not as long as this.
  std::shared_ptr<size_t> clients_;
  Socket socket_;
  boost::asio::steady_timer deadline_;
  std::string received_;
  std::string answer_;
};

}  // namespace vedette::control
