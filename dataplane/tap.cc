#include "dataplane/tap.h"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "dataplane/headers.h"
#include "dataplane/kernel_interface.h"
#include "dataplane/setup_error.h"

namespace vedette::dataplane {
namespace {

// In front of each frame: virtio_net_hdr. The kernel's header for it is not C++.
struct FrameHeader {
  static constexpr uint8_t kNeedsChecksum = 1;  // VIRTIO_NET_HDR_F_NEEDS_CSUM
  uint8_t flags = 0;
  uint8_t gso_type = 0;
  uint16_t header_length = 0;
  uint16_t gso_size = 0;
  uint16_t checksum_start = 0;
  uint16_t checksum_offset = 0;
};
static_assert(sizeof(FrameHeader) == 10);

[[noreturn]] void fail(const TapShape& shape, const std::string& doing) {
  const int error = errno;
  std::string advice;
  if (error == EPERM) advice = "; run as root or with CAP_NET_ADMIN";
  if (error == EBUSY) advice = "; another process has an interface of that name: choose another tap name";
  if (error == ENOENT) advice = "; the kernel lacks the tun module: modprobe tun";
  throw SetupError(doing + " of TAP " + shape.name + ": " + std::strerror(error) + advice);
}

}  // namespace

Tap::Tap(const TapShape& shape) : unfinished_checksums_(shape.unfinished_checksums) {
  if (shape.name.empty() || shape.name.size() >= IFNAMSIZ) {
    throw SetupError("tap name \"" + shape.name + "\": 1 to 15 bytes are possible");
  }
  descriptor_ = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (descriptor_ < 0) fail(shape, "opening /dev/net/tun for the making");
  ifreq request{};
  std::strncpy(request.ifr_name, shape.name.c_str(), IFNAMSIZ - 1);
  request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
  if (ioctl(descriptor_, TUNSETIFF, &request) != 0) {
    const int error = errno;
    close(descriptor_);
    errno = error;
    fail(shape, "making");
  }
  try {
    KernelInterface interface(shape.name);
    interface.set_mac(shape.mac);
    interface.set_mtu(shape.mtu);
    interface.use_addresses_at_once();
    interface.bring_up();
    index_ = interface.index();
  } catch (const SetupError&) {
    close(descriptor_);
    throw;
  }
}

Tap::~Tap() { close(descriptor_); }

size_t Tap::try_read(std::span<char> frame) {
  FrameHeader header;
  const iovec parts[] = {{&header, sizeof header}, {frame.data(), frame.size()}};
  const ssize_t length = readv(descriptor_, parts, 2);
  return length > static_cast<ssize_t>(sizeof header) ? static_cast<size_t>(length) - sizeof header : 0;
}

bool Tap::try_write(std::string_view frame) {
  FrameHeader header;
  if (unfinished_checksums_) {
    // Told so, the kernel takes them for good, or finishes them when it sends the packet on.
    const UnfinishedChecksum found = find_unfinished_checksum(frame);
    if (found.start != 0) {
      header.flags = FrameHeader::kNeedsChecksum;
      header.checksum_start = found.start;
      header.checksum_offset = found.offset;
    }
  }
  const iovec parts[] = {{&header, sizeof header}, {const_cast<char*>(frame.data()), frame.size()}};
  return writev(descriptor_, parts, 2) == static_cast<ssize_t>(sizeof header + frame.size());
}

}  // namespace vedette::dataplane
