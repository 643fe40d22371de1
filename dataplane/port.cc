#include "dataplane/port.h"

#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include <algorithm>
#include <cstring>

#include "dataplane/device_args.h"
#include "dataplane/kernel_interface.h"
#include "dataplane/setup_error.h"

namespace vedette::dataplane {
namespace {

constexpr uint64_t kUdpChecksumTx = RTE_ETH_TX_OFFLOAD_UDP_CKSUM;
constexpr uint64_t kUdpChecksumRx = RTE_ETH_RX_OFFLOAD_UDP_CKSUM;

}  // namespace

Port::Port(uint8_t index, const DataplaneConfig& config, const Buffers& buffers, const BufferShape& shape)
    : index_(index), config_(config.ports[index]), unfinished_checksums_(device_is_local(config_.device)) {
  const std::string interface_name = device_interface(config_.device);
  if (!interface_name.empty()) {
    KernelInterface interface(interface_name);
    if (config_.mtu > interface.mtu()) {
      throw SetupError("port " + config_.name + ": mtu = " + std::to_string(config_.mtu) +
                       ", but interface " + interface_name + " has " + std::to_string(interface.mtu()) +
                       "; lower the one or raise the other");
    }
    interface.make_kernel_deaf();
    interface.bring_up();
  }
  probe(config, shape);
  try {
    configure(config, buffers);
  } catch (const SetupError&) {
    rte_eth_dev_close(id_);
    throw;
  }
}

Port::~Port() {
  rte_eth_dev_stop(id_);
  rte_eth_dev_info info{};
  rte_eth_dev_info_get(id_, &info);
  rte_eth_dev_close(id_);
  if (probed_ && info.device != nullptr) rte_dev_remove(info.device);
}

void Port::fail(const std::string& doing, int error) const {
  throw SetupError("port " + config_.name + " (" + config_.device + "): " + doing + ": " +
                   rte_strerror(error) +
                   (error == EPERM ? "; run as root or with CAP_NET_ADMIN and CAP_NET_RAW" : "") +
                   "; DPDK's own words are on standard error");
}

void Port::probe(const DataplaneConfig& config, const BufferShape& shape) {
  const std::string name = device_name(config_.device);
  // A device may be there already: named on the EAL's command line, or made by a test.
  if (rte_eth_dev_get_port_by_name(name.c_str(), &id_) == 0) return;
  const std::string device = complete_device(config_.device, {config.workers, shape.frame_bytes});
  if (const int error = rte_dev_probe(device.c_str())) fail("no such device (" + device + ")", -error);
  if (rte_eth_dev_get_port_by_name(name.c_str(), &id_) != 0) fail("not an Ethernet device", ENODEV);
  probed_ = true;
}

void Port::configure(const DataplaneConfig& config, const Buffers& buffers) {
  rte_eth_dev_info info{};
  if (const int error = rte_eth_dev_info_get(id_, &info)) fail("reading what it can do", -error);
  rx_queues_ = static_cast<uint16_t>(std::min<unsigned>(config.workers, info.max_rx_queues));
  tx_queues_ = static_cast<uint16_t>(std::min<unsigned>(config.workers, info.max_tx_queues));
  if (config_.device.starts_with("net_af_packet") && info.max_rx_queues > config.workers) {
    throw SetupError("port " + config_.name +
                     ": qpairs is larger than the number of workers, so some queues would have "
                     "no reader; leave qpairs out");
  }
  rte_eth_conf conf{};
  udp_checksum_by_port_ = (info.tx_offload_capa & kUdpChecksumTx) != 0;
  gathers_ = (info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS) != 0;
  conf.txmode.offloads = info.tx_offload_capa & (kUdpChecksumTx | RTE_ETH_TX_OFFLOAD_MULTI_SEGS);
  conf.rxmode.offloads = info.rx_offload_capa & kUdpChecksumRx;
  const uint64_t spread_by = info.flow_type_rss_offloads & (RTE_ETH_RSS_IP | RTE_ETH_RSS_UDP);
  if (rx_queues_ > 1 && spread_by != 0) {
    conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
    conf.rx_adv_conf.rss_conf.rss_hf = spread_by;
  }
  if (const int error = rte_eth_dev_configure(id_, rx_queues_, tx_queues_, &conf))
    fail("configuring", -error);
  uint16_t rx_places = static_cast<uint16_t>(config.rx_descriptors);
  uint16_t tx_places = static_cast<uint16_t>(config.tx_descriptors);
  rte_eth_dev_adjust_nb_rx_tx_desc(id_, &rx_places, &tx_places);
  const unsigned socket = static_cast<unsigned>(rte_eth_dev_socket_id(id_));
  rte_mempool* pool = device_gives_datagrams(config_.device) ? buffers.packets() : buffers.frames();
  for (uint16_t queue = 0; queue < rx_queues_; ++queue) {
    const int error = rte_eth_rx_queue_setup(id_, queue, rx_places, socket, nullptr, pool);
    if (error != 0) fail("a receive queue", -error);
  }
  for (uint16_t queue = 0; queue < tx_queues_; ++queue) {
    if (const int error = rte_eth_tx_queue_setup(id_, queue, tx_places, socket, nullptr))
      fail("a transmit queue", -error);
  }
  if (device_interface(config_.device).empty()) {
    const int error = rte_eth_dev_set_mtu(id_, config_.mtu);
    if (error != 0 && error != -ENOTSUP) fail("setting the MTU", -error);
  }
  rte_ether_addr address{};
  rte_eth_macaddr_get(id_, &address);
  std::memcpy(mac_.bytes.data(), address.addr_bytes, mac_.bytes.size());
}

void Port::start() {
  if (const int error = rte_eth_dev_start(id_)) fail("starting", -error);
}

std::string Port::driver() const {
  rte_eth_dev_info info{};
  return rte_eth_dev_info_get(id_, &info) == 0 && info.driver_name != nullptr ? info.driver_name : "";
}

Port::Counters Port::counters() const {
  rte_eth_stats stats{};
  if (rte_eth_stats_get(id_, &stats) != 0) return {};
  return {stats.ipackets, stats.opackets, stats.imissed + stats.rx_nombuf, stats.ierrors, stats.oerrors};
}

}  // namespace vedette::dataplane
