#include "tools/storm/udp_wire.h"

#include <arpa/inet.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace vedette::storm {
namespace {

constexpr int kSocketBytes = 64 << 20;

sockaddr_in address_of(const std::string& text) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  const size_t colon = text.rfind(':');
  const std::string host = text.substr(0, colon);
  const unsigned long port =
      colon == std::string::npos ? 5060 : std::strtoul(text.c_str() + colon + 1, nullptr, 10);
  if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1 || port > UINT16_MAX) {
    throw std::runtime_error("\"" + text + "\" is no address like 192.0.2.1:5060");
  }
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

[[noreturn]] void fail(const std::string& doing) {
  throw std::runtime_error(doing + ": " + std::strerror(errno));
}

}  // namespace

UdpWire::UdpWire(const std::string& server, const std::string& own)
    : memory_((kBurst + kStaged) * kDatagramBytes) {
  const sockaddr_in to = address_of(server), from = address_of(own);
  socket_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_ < 0) fail("a UDP socket");
  const int on = 1;
  for (const int option : {SO_RCVBUFFORCE, SO_SNDBUFFORCE}) {  // Root's; without, what everybody may have.
    if (setsockopt(socket_, SOL_SOCKET, option, &kSocketBytes, sizeof kSocketBytes) != 0) {
      setsockopt(socket_, SOL_SOCKET, option == SO_RCVBUFFORCE ? SO_RCVBUF : SO_SNDBUF, &kSocketBytes,
                 sizeof kSocketBytes);
    }
  }
  setsockopt(socket_, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
  if (bind(socket_, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0) fail("bind to " + own);
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) fail("the way to " + server);
  sockaddr_in bound{};
  socklen_t length = sizeof bound;
  getsockname(socket_, reinterpret_cast<sockaddr*>(&bound), &length);
  own_ = {engine::IpAddress::v4(ntohl(bound.sin_addr.s_addr)), ntohs(bound.sin_port)};
  for (unsigned i = 0; i < kBurst; ++i) {
    in_parts_[i] = {memory_.data() + i * kDatagramBytes, kDatagramBytes};
    in_[i].msg_hdr.msg_iov = &in_parts_[i];
    in_[i].msg_hdr.msg_iovlen = 1;
  }
  for (unsigned i = 0; i < kStaged; ++i) {
    out_parts_[i] = {memory_.data() + (kBurst + i) * kDatagramBytes, 0};
    out_[i].msg_hdr.msg_iov = &out_parts_[i];
    out_[i].msg_hdr.msg_iovlen = 1;
  }
}

UdpWire::~UdpWire() {
  if (socket_ >= 0) close(socket_);
}

std::span<const Incoming> UdpWire::receive() {
  incoming_.clear();
  if (staged_ + kBurst > kStaged) return {};
  for (unsigned i = 0; i < kBurst; ++i) {
    in_[i].msg_hdr.msg_control = in_control_[i].bytes.data();
    in_[i].msg_hdr.msg_controllen = in_control_[i].bytes.size();
  }
  const int taken = recvmmsg(socket_, in_.data(), kBurst, 0, nullptr);
  for (int i = 0; i < taken; ++i) {
    msghdr& header = in_[static_cast<size_t>(i)].msg_hdr;
    for (cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr;
         control = CMSG_NXTHDR(&header, control)) {
      if (control->cmsg_type == SO_RXQ_OVFL) std::memcpy(&not_taken_, CMSG_DATA(control), sizeof not_taken_);
    }
    const size_t length = in_[static_cast<size_t>(i)].msg_len;
    incoming_.push_back({{static_cast<const char*>(header.msg_iov->iov_base), length}, own_, 0});
  }
  return incoming_;
}

char* UdpWire::lend() {
  if (staged_ == kStaged) flush();
  return staged_ == kStaged ? nullptr : static_cast<char*>(out_parts_[staged_].iov_base);
}

void UdpWire::send(size_t length, const engine::Endpoint&, unsigned) {
  out_parts_[staged_++].iov_len = length;
}

void UdpWire::flush() {
  if (staged_ == 0) return;
  const int sent = sendmmsg(socket_, out_.data(), staged_, 0);
  // ECONNREFUSED tells of an earlier datagram: the server is not there. What it did to this one is not known.
  const unsigned gone =
      sent > 0 ? static_cast<unsigned>(sent) : (errno == EAGAIN || errno == ENOBUFS ? 0 : staged_);
  for (unsigned i = gone; i < staged_; ++i) std::swap(out_parts_[i - gone], out_parts_[i]);
  staged_ -= gone;
}

}  // namespace vedette::storm
