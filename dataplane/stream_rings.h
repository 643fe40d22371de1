// The rings between the workers and the threads that have the stream connections (TCP, TLS), or the one that verifies
// identities: whole SIP messages in packet buffers, with their flow in the private area, as workers hand them to each
// other. Two rings for each worker and each thread; each has one producer and one consumer.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/buffers.h"
#include "dataplane/config.h"
#include "engine/flow.h"
#include "engine/outbox.h"
#include "engine/reason.h"

struct rte_mbuf;
struct rte_ring;

namespace vedette::dataplane {

// Between one worker and one thread that has connections.
struct StreamWay {
  unsigned worker = 0;
  unsigned thread = 0;
};

// A message from a connection to a shard: a request or response that arrived (kDatagram), or a NOTIFY that no
// connection takes (kNotifyUndeliverable), for the shard that has its partition. Or a request that has been verified
// (kVerified), for the shard that asked.
struct StreamMessage {
  std::string_view bytes;
  engine::Flow flow;
  engine::PeerKind kind = engine::PeerKind::kDatagram;
  engine::Reason verdict = engine::Reason::kNone;   // kVerified only.
};

// The thread that has a connection, by its number; without one, the thread that opens one there, always the same.
unsigned stream_thread_of(const engine::Flow& flow, unsigned threads);

class StreamRings {
 public:
  struct Shape {
    unsigned workers;
    unsigned threads;      // That have connections, or verify.
    uint32_t size;         // Messages in one ring.
    const char* in_name;   // Of the rings to the workers,
    const char* out_name;  // and from them.
  };
  StreamRings(const Shape& shape, const Buffers& buffers);             // Throws SetupError.
  ~StreamRings();                                                      // Frees what is still under way.
  StreamRings(const StreamRings&) = delete;
  StreamRings& operator=(const StreamRings&) = delete;

  using Way = StreamWay;

  // Worker side. The buffer's private area says flow and kind.
  size_t take(Way way, std::span<rte_mbuf*> out);
  bool try_give(unsigned worker, rte_mbuf* message);  // To its flow's thread. False: full, and still the caller's.
  uint32_t room(unsigned worker) const;               // Of the fullest ring that try_give fills.

  // The side of the connections. False: the ring is full or there is no buffer; nothing to take.
  bool try_to_worker(Way way, const StreamMessage& message);
  bool try_from_worker(Way way, std::string& bytes, engine::Flow& flow);

 private:
  size_t place_of(Way way) const { return size_t{way.worker} * threads_ + way.thread; }

  const Buffers& buffers_;
  const unsigned threads_;
  std::vector<rte_ring*> to_worker_;
  std::vector<rte_ring*> from_worker_;
};

}  // namespace vedette::dataplane
