// See admin_client.h.
#include "tools/ctl/admin_client.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

namespace vedette::tools {
namespace {

using Json = nlohmann::ordered_json;

constexpr timeval kPatience{.tv_sec = 30, .tv_usec = 0};
constexpr size_t kAnswerBytesMax = size_t{1} << 30;

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() { close(fd_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

std::string advice_for(int error) {
  switch (error) {
    case ENOENT:
    case ECONNREFUSED:
      return "vedette is not running there. Start it, or name its [admin] socket with --socket.";
    case EACCES:
      return "you may not connect. Run vedettectl as the user vedette runs as (sudo).";
    default:
      return std::string(std::strerror(error)) + ".";
  }
}

void connect_to(const Socket& socket, const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    throw AdminError("--socket " + path + ": this is too long for a Unix socket's path.");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  if (connect(socket.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    throw AdminError(path + ": " + advice_for(errno));
  }
  setsockopt(socket.fd(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
  setsockopt(socket.fd(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof(kPatience));
}

void send_all(const Socket& socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = send(socket.fd(), text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    // Closed already: why stands in what is to be read.
    if (sent <= 0) return;
    text.remove_prefix(static_cast<size_t>(sent));
  }
}

std::string receive_line(const Socket& socket, const std::string& path) {
  std::string line;
  char piece[65'536];
  while (!line.ends_with('\n') && line.size() < kAnswerBytesMax) {
    const ssize_t got = recv(socket.fd(), piece, sizeof(piece), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) throw AdminError(path + ": vedette does not answer. Look at its log.");
    if (got <= 0) throw AdminError(path + ": vedette has hung up. Is it stopping? Look at its log.");
    line.append(piece, static_cast<size_t>(got));
  }
  return line;
}

}  // namespace

Json ask_engine(const std::string& socket_path, const Json& request) {
  const Socket socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  connect_to(socket, socket_path);
  std::string line;
  try {
    line = request.dump();
  } catch (const Json::type_error&) {
    throw AdminError("this is not UTF-8, and cannot be asked. Is it the right file?");
  }
  send_all(socket, line + "\n");
  const Json answer = Json::parse(receive_line(socket, socket_path), nullptr, false);
  if (!answer.is_object() || !answer.contains("ok")) {
    throw AdminError(socket_path + ": this is not a vedette's answer. Is it the right socket?");
  }
  if (!answer.value("ok", false))
    throw AdminError(answer.value("error", "vedette refuses, without a reason."));
  return answer.value("result", Json::object());
}

}  // namespace vedette::tools
