#include "tests/support/network.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "engine/base/check.h"

namespace vedette::tests {
namespace {

// As the kernel wants it; returns its length.
socklen_t to_sockaddr(const engine::Endpoint& endpoint, sockaddr_storage& out) {
  out = {};
  if (endpoint.address.is_v4()) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(out);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    v4.sin_addr.s_addr = htonl(endpoint.address.v4_host_order());
    return sizeof v4;
  }
  auto& v6 = reinterpret_cast<sockaddr_in6&>(out);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(endpoint.port);
  std::memcpy(&v6.sin6_addr, endpoint.address.bytes.data(), 16);
  return sizeof v6;
}

std::string namespace_path(pid_t pid) { return "/proc/" + std::to_string(pid) + "/ns/net"; }

}  // namespace

bool Network::possible() { return geteuid() == 0 && access("/proc/self/ns/net", R_OK) == 0; }

Network::Network() {
  VEDETTE_CHECK(unshare(CLONE_NEWNET) == 0);
  int ready[2];
  VEDETTE_CHECK(pipe(ready) == 0);
  child_ = fork();
  VEDETTE_CHECK(child_ >= 0);
  if (child_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const char fine = unshare(CLONE_NEWNET) == 0 ? 1 : 0;
    if (write(ready[1], &fine, 1) != 1) _exit(1);
    while (true) pause();
  }
  char fine = 0;
  VEDETTE_CHECK(read(ready[0], &fine, 1) == 1 && fine == 1);
  close(ready[0]);
  close(ready[1]);
  VEDETTE_CHECK(here("ip link set lo up"));
  VEDETTE_CHECK(here(
      "ip link add v0 numrxqueues 1 numtxqueues 1 type veth peer name v1 numrxqueues 1 numtxqueues 1 netns " +
      std::to_string(child_)));
  VEDETTE_CHECK(there("ip link set lo up && ip link set v1 up"));
  VEDETTE_CHECK(there("echo 0 0 >/proc/sys/net/ipv4/ping_group_range"));
  VEDETTE_CHECK(there("ip addr add 10.1.0.2/24 dev v1 && ip addr add fd00::2/64 dev v1 nodad"));
}

Network::~Network() {
  kill(child_, SIGKILL);
  waitpid(child_, nullptr, 0);
}

bool Network::here(const std::string& command) const { return std::system(command.c_str()) == 0; }

bool Network::there(const std::string& command) const {
  return here("nsenter -t " + std::to_string(child_) + " -n sh -c '" + command + "'");
}

ClientSocket::ClientSocket(const Network& network, const engine::Endpoint& own, const engine::Endpoint& peer,
                           Kind kind) {
  // A thread of its own steps over there to make the socket, which stays there.
  std::thread([&] {
    const int there = open(namespace_path(network.there_pid()).c_str(), O_RDONLY | O_CLOEXEC);
    VEDETTE_CHECK(there >= 0 && setns(there, CLONE_NEWNET) == 0);
    close(there);
    const int echo = own.address.is_v4() ? int{IPPROTO_ICMP} : int{IPPROTO_ICMPV6};
    descriptor_ = socket(own.address.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC,
                         kind == Kind::kEcho ? echo : 0);
  }).join();
  sockaddr_storage address;
  VEDETTE_CHECK(bind(descriptor_, reinterpret_cast<sockaddr*>(&address), to_sockaddr(own, address)) == 0);
  VEDETTE_CHECK(connect(descriptor_, reinterpret_cast<sockaddr*>(&address), to_sockaddr(peer, address)) == 0);
}

ClientSocket::~ClientSocket() { close(descriptor_); }

bool ClientSocket::ping(size_t bytes) {
  // RFC 792, RFC 4443: type 8 or 128 asks; the kernel fills in identifier and checksum.
  sockaddr_storage own;
  socklen_t length = sizeof own;
  getsockname(descriptor_, reinterpret_cast<sockaddr*>(&own), &length);
  const char type = own.ss_family == AF_INET ? char{8} : static_cast<char>(128);
  send(type + std::string(3, '\0') + std::string(4 + bytes, '\1'));
  const std::optional<std::string> answer = receive();
  return answer && answer->size() == 8 + bytes;
}

bool ClientSocket::send(const std::string& bytes) {
  return ::send(descriptor_, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size());
}

std::optional<std::string> ClientSocket::receive(int milliseconds) {
  pollfd waiting{descriptor_, POLLIN, 0};
  if (poll(&waiting, 1, milliseconds) <= 0) return std::nullopt;
  std::string bytes(65'536, '\0');
  const ssize_t length = recv(descriptor_, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (length < 0) return errno == ECONNREFUSED ? std::optional<std::string>("refused") : std::nullopt;
  bytes.resize(static_cast<size_t>(length));
  return bytes;
}

std::optional<std::string> ClientSocket::ask(const std::string& bytes) {
  for (int attempt = 0; attempt < 3; ++attempt) {
    send(bytes);
    if (std::optional<std::string> answer = receive()) return answer;
  }
  return std::nullopt;
}

}  // namespace vedette::tests
