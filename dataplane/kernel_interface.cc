#include "dataplane/kernel_interface.h"

#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "dataplane/setup_error.h"

namespace vedette::dataplane {
namespace {

// One ioctl on an interface.
void control(const std::string& name, unsigned long request, ifreq& argument, const char* doing) {
  std::strncpy(argument.ifr_name, name.c_str(), IFNAMSIZ - 1);
  const int socket_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const int result = ioctl(socket_fd, request, &argument);
  const int error = errno;
  close(socket_fd);
  if (result != 0) {
    throw SetupError(std::string(doing) + " of interface " + name + ": " + std::strerror(error) +
                     (error == EPERM ? "; run as root or with CAP_NET_ADMIN" : ""));
  }
}

short flags_of(const std::string& name) {
  ifreq argument{};
  control(name, SIOCGIFFLAGS, argument, "reading the flags");
  return argument.ifr_flags;
}

void add_flags(const std::string& name, int flags) {
  ifreq argument{};
  argument.ifr_flags = static_cast<short>(flags_of(name) | flags);
  control(name, SIOCSIFFLAGS, argument, "setting the flags");
}

}  // namespace

KernelInterface::KernelInterface(std::string name) : name_(std::move(name)) {
  index_ = static_cast<int>(if_nametoindex(name_.c_str()));
  if (index_ == 0) {
    throw SetupError("there is no network interface \"" + name_ +
                     "\" in this network namespace; `ip link` lists them");
  }
}

uint16_t KernelInterface::mtu() const {
  ifreq argument{};
  control(name_, SIOCGIFMTU, argument, "reading the MTU");
  return static_cast<uint16_t>(argument.ifr_mtu > 65'535 ? 65'535 : argument.ifr_mtu);
}

void KernelInterface::set_mtu(uint16_t mtu) {
  ifreq argument{};
  argument.ifr_mtu = mtu;
  control(name_, SIOCSIFMTU, argument, "setting the MTU");
}

void KernelInterface::set_mac(const MacAddress& mac) {
  ifreq argument{};
  argument.ifr_hwaddr.sa_family = ARPHRD_ETHER;
  std::memcpy(argument.ifr_hwaddr.sa_data, mac.bytes.data(), mac.bytes.size());
  control(name_, SIOCSIFHWADDR, argument, "setting the MAC address");
}

void KernelInterface::bring_up() { add_flags(name_, IFF_UP); }

void KernelInterface::use_addresses_at_once() { write_setting("ipv6/conf/" + name_ + "/accept_dad", "0"); }

void KernelInterface::make_kernel_deaf() {
  write_setting("ipv6/conf/" + name_ + "/disable_ipv6", "1");
  write_setting("ipv4/conf/" + name_ + "/rp_filter", "1");
  add_flags(name_, IFF_NOARP);
}

void KernelInterface::write_setting(const std::string& path, const std::string& value) const {
  const std::string file_name = "/proc/sys/net/" + path;
  std::ofstream file(file_name);
  if (!file) {
    // A kernel without IPv6 has nothing to be made deaf.
    if (errno == ENOENT) return;
    throw SetupError(file_name + " cannot be opened: " + std::strerror(errno) + "; run as root");
  }
  if (!(file << value << std::flush))
    throw SetupError(file_name + " does not take " + value + ": " + std::strerror(errno));
}

}  // namespace vedette::dataplane
