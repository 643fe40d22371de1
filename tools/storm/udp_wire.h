// A wire of the kernel's: one UDP socket to any server, behind which all users are, as behind a proxy. Bursts by
// sendmmsg and recvmmsg; what the socket's buffer had no room for is counted.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <vector>

#include "tools/storm/wire.h"

namespace vedette::storm {

class UdpWire final : public Wire {
 public:
  // "192.0.2.1:5060" each; a port of 0 is one that is free. IPv4. Throws std::runtime_error.
  UdpWire(const std::string& server, const std::string& own);
  ~UdpWire() override;
  UdpWire(const UdpWire&) = delete;
  UdpWire& operator=(const UdpWire&) = delete;

  std::span<const Incoming> receive() override;
  char* lend() override;
  void send(size_t length, const engine::Endpoint& from, unsigned lane) override;
  void flush() override;
  engine::Endpoint endpoint(uint32_t, unsigned) const override { return own_; }
  uint64_t not_taken() const override { return not_taken_; }

 private:
  static constexpr unsigned kBurst = 32;
  static constexpr unsigned kStaged = 2 * kBurst;
  struct Control {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(uint32_t))> bytes;
  };

  int socket_ = -1;
  engine::Endpoint own_;
  std::vector<char> memory_;     // kBurst datagrams that came, kStaged that go.
  std::array<mmsghdr, kBurst> in_{};
  std::array<iovec, kBurst> in_parts_{};
  std::array<Control, kBurst> in_control_{};
  std::array<mmsghdr, kStaged> out_{};
  std::array<iovec, kStaged> out_parts_{};
  unsigned staged_ = 0;
  std::vector<Incoming> incoming_;
  uint32_t not_taken_ = 0;
};

}  // namespace vedette::storm
