// A network of two namespaces joined by a veth pair, for one test process: ours with v0, the clients' with
// v1. Both vanish with the process, however it ends. Needs root.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include "engine/flow.h"

namespace vedette::tests {

class Network {
 public:
  static bool possible();  // Root, and a kernel that has namespaces.
  Network();
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // Shell commands, here and where the clients are. Exit status 0 is true.
  bool here(const std::string& command) const;
  bool there(const std::string& command) const;
  pid_t there_pid() const { return child_; }

 private:
  pid_t child_ = -1;  // Holds the clients' namespace.
};

// A UDP socket, or one for ICMP echo, in the clients' namespace.
class ClientSocket {
 public:
  enum class Kind { kUdp, kEcho };
  // Bound to `own` and connected to `peer`, so that ICMP errors are seen.
  ClientSocket(const Network& network, const engine::Endpoint& own, const engine::Endpoint& peer,
               Kind kind = Kind::kUdp);
  ~ClientSocket();
  ClientSocket(const ClientSocket&) = delete;
  ClientSocket& operator=(const ClientSocket&) = delete;

  bool send(const std::string& bytes);
  // What comes within the time; "refused" for an ICMP port unreachable.
  std::optional<std::string> receive(int milliseconds = 1000);
  // The answer to `bytes`, sent up to three times: UDP may lose it.
  std::optional<std::string> ask(const std::string& bytes);
  // kEcho: an echo request with so many bytes is answered within a second.
  bool ping(size_t bytes);

 private:
  int descriptor_ = -1;
};

}  // namespace vedette::tests
