// The whole dataplane: EAL, ports with their companion TAPs, workers with their shards. It is made, started
// and stopped by main; between start and stop the control thread talks to the shards through the mailboxes
// and lends its time to service(). One per process at a time, because the EAL is one per process.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dataplane/config.h"
#include "dataplane/fate.h"
#include "dataplane/mailbox.h"
#include "dataplane/port_rules.h"
#include "dataplane/setup_error.h"
#include "dataplane/stream_rings.h"
#include "engine/address_prefix.h"
#include "engine/config.h"
#include "engine/control_message.h"
#include "engine/hashes.h"

namespace vedette::dataplane {

// What the dataplane needs for its shards.
struct ShardSupply {
  const engine::EngineConfig* engine = nullptr;           // Outlives the dataplane.
  std::function<engine::Hashes(unsigned worker)> hashes;  // Called once per worker, before start.
  engine::NonceKey nonce_key;
  std::array<uint8_t, 32> random_seed{};  // Unpredictable; each shard gets its own derived from it.
};

struct PortStatus {
  std::string name;
  std::string device;
  std::string driver;
  std::string tap_name;  // Empty: none.
  std::string mac;
  uint16_t mtu = 0;
  uint16_t rx_queues = 0;
  uint16_t tx_queues = 0;
  bool checksums_by_hardware = false;
  // The driver's own counters; 0 where it has none.
  uint64_t frames_in = 0, frames_out = 0, missed = 0, errors_in = 0, errors_out = 0;
};

class Dataplane {
 public:
  // Brings up EAL, ports, TAPs, pools, rings and shards. Throws SetupError, whose text says what to do.
  Dataplane(const DataplaneConfig& config, const ShardSupply& supply);
  ~Dataplane();  // Stops.
  Dataplane(const Dataplane&) = delete;
  Dataplane& operator=(const Dataplane&) = delete;

  void start();  // Starts the poll threads.
  void stop();   // Ends and joins them. Idempotent.

  unsigned workers() const;
  Mailbox& mailbox(unsigned worker);
  FateCounts fates(unsigned worker) const;  // Any thread, any time: relaxed reads, each value exact.
  FateCounts service_fates() const;         // Of the thread that calls service(), by that thread.
  std::vector<PortStatus> ports() const;
  uint64_t memory_bytes() const;  // What pools, rings and shards reserved; printed at start.

  // What comes from this network to our SIP port by UDP is dropped by the ports that can, and no longer. By the thread
  // that calls service(), while the workers run.
  PortRules drop_at_ports(const engine::AddressPrefix& source);
  void admit_at_ports(const engine::AddressPrefix& source);

  // Stream connections (TCP, TLS) end at the threads that call these, each with its own number. False: the worker has
  // no room now; nothing has come from it.
  bool try_to_shard(StreamWay way, const StreamMessage& message);
  bool try_from_shard(StreamWay way, std::string& bytes, engine::Flow& flow);
  // The same, by one thread, of requests whose Identity is to be verified, and of the verdicts
  // (engine::PeerKind::kVerified).
  bool try_take_unverified(unsigned worker, std::string& bytes, engine::Flow& flow);
  bool try_give_verdict(unsigned worker, const StreamMessage& message);

  // The kernel's side: netlink (addresses, routes, neighbours) and the TAPs. All of it happens inside
  // service(), which never blocks. The control thread calls it when descriptor() is readable
  // (level-triggered), and also every kServiceIntervalMs, because frames for the kernel come by ring and wake
  // nobody.
  static constexpr int kServiceIntervalMs = 1;
  int descriptor() const;
  void service();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace vedette::dataplane
