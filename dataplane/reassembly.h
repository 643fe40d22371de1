// Datagrams that arrive in fragments, put together in one buffer, because a shard reads a message as one run
// of bytes. One table per worker; all fragments of a datagram meet at one worker (fragment_worker).
//
// Not rte_ip_frag's tables: Debian builds them for at most eight fragments of a datagram (11.8 kB at MTU
// 1500), a repeated fragment makes them give the datagram up, and what they give is a chain, to be copied.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "dataplane/config.h"
#include "dataplane/headers.h"
#include "dataplane/stats.h"
#include "engine/base/time.h"

struct rte_mbuf;
struct rte_mempool;

namespace vedette::dataplane {

class Reassembly {
 public:
  // `pool` gives the buffers; what one of them holds bounds a datagram's length.
  Reassembly(const DataplaneConfig& config, rte_mempool* pool, FateCounters& fates);
  ~Reassembly();
  Reassembly(const Reassembly&) = delete;
  Reassembly& operator=(const Reassembly&) = delete;

  // Takes a fragment's frame. Gives the whole frame, headers mended, when this was the last piece, else null.
  rte_mbuf* add(engine::Instant now, const Fragment& fragment, rte_mbuf* frame);
  // RFC 8200 §4.5: a datagram whose pieces do not all come in time is dropped. One look at each.
  void expire(engine::Instant now);
  size_t waiting() const { return waiting_; }

 private:
  struct Datagram;
  Datagram* find(const Fragment& fragment, uint64_t hash);
  Datagram* open(engine::Instant now, const Fragment& fragment, uint64_t hash);
  // False: the piece contradicts what is there (RFC 5722: the whole datagram is then worth nothing).
  bool place(Datagram& datagram, const Fragment& fragment, const char* frame);
  void close(Datagram& datagram);
  rte_mbuf* take_whole(Datagram& datagram);
  Datagram* oldest();

  std::vector<Datagram> datagrams_;
  std::vector<uint64_t> hashes_;  // Of each, side by side for the search; 0: free.
  size_t waiting_ = 0;
  engine::Duration timeout_;
  engine::Instant next_expiry_ = engine::Instant::never();
  rte_mempool* pool_;
  uint32_t bytes_max_;  // IP payload that one buffer holds.
  FateCounters& fates_;
};

// Which of `workers` puts the datagram together.
unsigned fragment_worker(const Fragment& fragment, unsigned workers);

}  // namespace vedette::dataplane
