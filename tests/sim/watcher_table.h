// The table of watchers that a subscriber to presence.winfo puts together from full and partial documents (RFC 3858
// §4).
#pragma once

#include <cstdint>
#include <string>

#include "tests/sim/package_view.h"

namespace vedette::sim {

class WatcherTable {
 public:
  // A document of kWatcherInfo. Empty when it was taken or is older than what is there; else why it fits nothing. Then
  // there is nothing any more.
  std::string take(const PackageView& document);
  void clear() { *this = {}; }

  // Those who have not terminated, as the one document that it would be; its version and length are the last one's.
  const PackageView& view() const { return view_; }

 private:
  PackageView view_;
  int64_t version_ = -1;         // -1: nothing.
};

}  // namespace vedette::sim
