// One DPDK port: a virtual device or a NIC, its queues and what it can do. Start-up and status; the bursts
// are in rx and tx.
#pragma once

#include <cstdint>
#include <string>

#include "dataplane/buffers.h"
#include "dataplane/config.h"
#include "dataplane/mac_address.h"

namespace vedette::dataplane {

class Port {
 public:
  // Probes and configures the device. Throws SetupError.
  Port(uint8_t index, const DataplaneConfig& config, const Buffers& buffers, const BufferShape& shape);
  ~Port();
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  void start();

  uint8_t index() const { return index_; }  // In DataplaneConfig::ports and in Flow::port_index.
  uint16_t id() const { return id_; }        // DPDK's.
  const PortConfig& config() const { return config_; }
  const MacAddress& mac() const { return mac_; }
  uint16_t rx_queues() const { return rx_queues_; }
  uint16_t tx_queues() const { return tx_queues_; }
  bool udp_checksum_by_port() const { return udp_checksum_by_port_; }
  bool gathers() const { return gathers_; }  // Sends frames of several segments.
  bool unfinished_checksums() const { return unfinished_checksums_; }
  std::string driver() const;

  struct Counters {
    uint64_t frames_in = 0, frames_out = 0, missed = 0, errors_in = 0, errors_out = 0;
  };
  Counters counters() const;

 private:
  void probe(const DataplaneConfig& config, const BufferShape& shape);
  void configure(const DataplaneConfig& config, const Buffers& buffers);
  void fail(const std::string& doing, int error) const;

  uint8_t index_;
  PortConfig config_;
  uint16_t id_ = 0;
  bool probed_ = false;  // By us, and so removed by us.
  MacAddress mac_;
  uint16_t rx_queues_ = 0;
  uint16_t tx_queues_ = 0;
  bool udp_checksum_by_port_ = false;
  bool gathers_ = false;
  bool unfinished_checksums_ = false;
};

}  // namespace vedette::dataplane
