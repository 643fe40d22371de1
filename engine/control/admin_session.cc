// See admin_session.h. Control thread only.
#include "engine/control/admin_session.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "engine/control/admin_answer.h"

namespace vedette::control {

using boost::system::error_code;

AdminSession::AdminSession(AdminServer& server, Socket socket)
    : server_(server), clients_(server.clients_), socket_(std::move(socket)), deadline_(server.context_) {
  ++*clients_;
}

AdminSession::~AdminSession() { --*clients_; }

void AdminSession::read() {
  set_deadline(server_.limits_.idle_max);
  boost::asio::async_read_until(
      socket_, boost::asio::dynamic_buffer(received_, server_.limits_.request_bytes_max), '\n',
      [self = shared_from_this()](error_code error, size_t length) {
        self->deadline_.cancel();
        if (error == boost::asio::error::not_found) {
          self->refuse(error_line("the request is longer than " +
                                  std::to_string(self->server_.limits_.request_bytes_max) +
                                  " bytes; ask with vedettectl"));
        } else if (!error) {
          self->on_line(length);
        }
      });
}

void AdminSession::on_line(size_t length) {
  const std::string line = received_.substr(0, length - 1);
  received_.erase(0, length);
  server_.on_request_(
      line, [self = shared_from_this()](std::string answer) { self->write(std::move(answer), true); });
}

void AdminSession::write(std::string line, bool read_on) {
  answer_ = std::move(line);
  set_deadline(server_.limits_.write_max);
  boost::asio::async_write(socket_, boost::asio::buffer(answer_),
                           [self = shared_from_this(), read_on](error_code error, size_t) {
                             self->deadline_.cancel();
                             self->answer_ = {};
                             if (!error && read_on) self->read();
                           });
}

void AdminSession::set_deadline(std::chrono::milliseconds time) {
  deadline_.expires_after(time);
  deadline_.async_wait([weak = weak_from_this()](error_code error) {
    if (error) return;  // Cancelled: it was in time.
    if (const std::shared_ptr<AdminSession> self = weak.lock()) {
      self->server_.log_.info("admin client closed, it was idle or too slow");
      error_code ignored;
      self->socket_.close(ignored);
    }
  });
}

}  // namespace vedette::control
