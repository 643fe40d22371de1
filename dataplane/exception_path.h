// Moves frames between the TAPs and the workers' rings, and the workers' questions to the kernel mirror. On
// the thread that calls service(); a bounded number of frames each time.
#pragma once

#include <memory>
#include <vector>

#include "dataplane/buffers.h"
#include "dataplane/kernel_mirror.h"
#include "dataplane/kernel_rings.h"
#include "dataplane/stats.h"
#include "dataplane/tap.h"

namespace vedette::dataplane {

struct ExceptionParts {
  unsigned workers = 0;
  const Buffers* buffers = nullptr;
  KernelRings* rings = nullptr;
  KernelMirror* mirror = nullptr;
  FateCounters* fates = nullptr;
};

class ExceptionPath {
 public:
  explicit ExceptionPath(const ExceptionParts& parts) : parts_(parts) {}

  // The TAP of the next port; null for a port without one.
  void add_port(std::unique_ptr<Tap> tap) { taps_.push_back(std::move(tap)); }
  const std::vector<std::unique_ptr<Tap>>& taps() const { return taps_; }
  void service();

 private:
  void frames_to_kernel(unsigned worker);
  void frames_from_kernel(unsigned port);
  void requests(unsigned worker);

  ExceptionParts parts_;
  std::vector<std::unique_ptr<Tap>> taps_;
};

}  // namespace vedette::dataplane
