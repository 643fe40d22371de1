// A port's companion in the kernel: a TAP interface with the port's MAC. What the kernel sends on it leaves
// by the port; what the port receives and is not SIP over UDP goes in here. Used by the thread that calls
// service().
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "dataplane/mac_address.h"

namespace vedette::dataplane {

struct TapShape {
  std::string name;
  MacAddress mac;
  uint16_t mtu = 1500;
  // Frames given to the kernel come from a kernel of this machine and may have checksums that it left
  // unfinished.
  bool unfinished_checksums = false;
};

class Tap {
 public:
  // Makes the interface and brings it up. It goes away with this object. Throws SetupError.
  explicit Tap(const TapShape& shape);
  ~Tap();
  Tap(const Tap&) = delete;
  Tap& operator=(const Tap&) = delete;

  int descriptor() const { return descriptor_; }
  int interface_index() const { return index_; }
  // Length of the frame, 0 when there is none.
  size_t try_read(std::span<char> frame);
  bool try_write(std::string_view frame);

 private:
  int descriptor_ = -1;
  int index_ = 0;
  bool unfinished_checksums_;
};

}  // namespace vedette::dataplane
