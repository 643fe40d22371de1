// How datagrams reach the server and come back. Behind it is a pair of DPDK rings to an engine in this process, or a
// kernel socket to any server. One thread; datagrams are as large as kDatagramBytes at most.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "engine/flow.h"

namespace vedette::storm {

inline constexpr size_t kDatagramBytes = 8'192;

struct Incoming {
  std::string_view bytes;
  engine::Endpoint to;           // Whose it is: the generator answers from there.
  unsigned lane = 0;
};

class Wire {
 public:
  virtual ~Wire() = default;

  // A burst of what has come, valid until the next call or flush(). It takes no more than may be answered at once.
  virtual std::span<const Incoming> receive() = 0;
  // Memory for one datagram, to be filled and sent, or null when there is no room now. Asking again gives the same.
  virtual char* lend() = 0;
  virtual void send(size_t length, const engine::Endpoint& from, unsigned lane) = 0;
  // What was sent leaves.
  virtual void flush() = 0;
  // Where a user's device is.
  virtual engine::Endpoint endpoint(uint32_t user, unsigned device) const = 0;
  // By which way a request about an address of record ("user@domain") should go, where there are several.
  virtual unsigned lane_of(std::string_view) const { return 0; }
  // Datagrams that came damaged, of those that were looked at; and that the system did not take.
  virtual uint64_t damaged() const { return 0; }
  virtual uint64_t not_taken() const { return 0; }
};

}  // namespace vedette::storm
