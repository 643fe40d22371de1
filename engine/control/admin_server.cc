// See admin_server.h. Control thread only.
#include "engine/control/admin_server.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <utility>

#include "engine/control/admin_answer.h"
#include "engine/control/admin_session.h"

namespace vedette::control {

namespace fs = std::filesystem;
using boost::asio::local::stream_protocol;
using boost::system::error_code;

AdminServer::AdminServer(boost::asio::io_context& context, std::string path, AdminServerLimits limits,
                         OnRequest on_request, Log& log)
    : context_(context),
      path_(std::move(path)),
      limits_(limits),
      on_request_(std::move(on_request)),
      log_(log),
      acceptor_(context),
      pause_(context) {
  listen();
  accept();
}

AdminServer::~AdminServer() { close(); }

void AdminServer::close() {
  if (!acceptor_.is_open()) return;
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  unlink(path_.c_str());
}

void AdminServer::listen() {
  const auto fail = [&](const std::string& why) {
    throw std::runtime_error("the admin socket " + path_ + " cannot be opened: " + why);
  };
  std::error_code folder_error;
  fs::create_directories(fs::path(path_).parent_path(), folder_error);
  if (folder_error)
    fail("its folder cannot be made (" + folder_error.message() + "); give another [admin] socket");

  error_code error;
  if (fs::is_socket(path_, folder_error)) {
    // One that nobody listens on was left by an engine that was killed.
    stream_protocol::socket probe(context_);
    probe.connect(stream_protocol::endpoint(path_), error);
    if (!error) fail("another vedette is running there; stop it, or give another [admin] socket");
    unlink(path_.c_str());
  }
  acceptor_.open();
  // The mode is right from the first moment on: connecting needs write permission.
  const mode_t before = umask(0177);
  acceptor_.bind(stream_protocol::endpoint(path_), error);
  umask(before);
  if (!error) acceptor_.listen(stream_protocol::acceptor::max_listen_connections, error);
  if (error) {
    acceptor_.close();
    fail(error.message() + "; give another [admin] socket, or run vedette as a user who may write there");
  }
}

void AdminServer::accept() {
  acceptor_.async_accept([this](error_code error, stream_protocol::socket socket) {
    if (error == boost::asio::error::operation_aborted) return;  // Closed; this may be gone.
    if (error) {
      // Out of descriptors, most likely. At once again would be a busy loop.
      log_.warning("admin client not accepted", {{"error", error.message()}});
      pause_.expires_after(std::chrono::milliseconds(200));
      pause_.async_wait([this](error_code aborted) {
        if (!aborted) accept();
      });
      return;
    }
    const bool one_too_many = *clients_ >= limits_.clients_max;
    const auto session = std::make_shared<AdminSession>(*this, std::move(socket));
    if (one_too_many) {
      session->refuse(error_line("there are too many admin clients; close one of them"));
    } else {
      session->read();
    }
    accept();
  });
}

}  // namespace vedette::control
