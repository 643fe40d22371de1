// Memory for datagrams that begins where a datagram does in an mbuf of DPDK's. Where it stands in a page does
// not depend on chance either: a load that has the low twelve bits of an earlier store's address may wait for
// it, and so memcpy costs between 10 and 18 ns a message depending on where its ends are.
#pragma once

#include <cstddef>
#include <vector>

namespace vedette::bench {

class DatagramMemory {
 public:
  static constexpr size_t kCacheLine = 64;
  explicit DatagramMemory(size_t bytes);
  char* begin() { return begin_; }
  // The first place from `place` on where a datagram may begin.
  static char* next(char* place);

 private:
  std::vector<char> memory_;
  char* begin_;
};

}  // namespace vedette::bench
