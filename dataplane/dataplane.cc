#include "dataplane/dataplane.h"

#include <pthread.h>
#include <rte_lcore.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <future>
#include <thread>
#include <utility>

#include "dataplane/config_check.h"
#include "dataplane/cpus.h"
#include "dataplane/eal.h"
#include "dataplane/exception_path.h"
#include "dataplane/flow_rules.h"
#include "dataplane/poll_loop.h"
#include "dataplane/ring.h"
#include "dataplane/seal.h"
#include "dataplane/shard_seed.h"
#include "dataplane/worker.h"
#include "engine/address_prefix.h"
#include "engine/partition.h"
#include "engine/shard.h"

namespace vedette::dataplane {
namespace {

// What the EAL and the drivers take for themselves.
constexpr uint64_t kEalBytes = uint64_t{48} << 20;

uint64_t rings_bytes(const DataplaneConfig& config) {
  const uint64_t per_worker = config.workers * ring_bytes(sizeof(void*), config.handoff_ring_size) +
                              ring_bytes(sizeof(engine::ControlMessage), config.control_messages_max) +
                              ring_bytes(sizeof(ControlRecord), config.control_records_max) +
                              ring_bytes(sizeof(void*), config.exception_ring_size) +
                              2 * config.stream_threads * ring_bytes(sizeof(void*), config.stream_ring_size) +
                              2 * ring_bytes(sizeof(void*), config.verification_ring_size) +
                              ring_bytes(sizeof(ResolveRequest), config.unresolved_held_max);
  return config.workers * per_worker +
         config.ports.size() * ring_bytes(sizeof(void*), config.exception_ring_size);
}

uint64_t eal_bytes(const DataplaneConfig& config, const BufferShape& shape) {
  return shape.bytes() + rings_bytes(config) + kEalBytes;
}

BufferShape checked_shape(const DataplaneConfig& config, const ShardSupply& supply) {
  check_config(config, supply.engine->limits.datagram_bytes_max);
  return BufferShape::of(config, supply.engine->limits.datagram_bytes_max);
}

std::unique_ptr<StreamRings> make_verification_rings(const DataplaneConfig& config, const ShardSupply& supply,
                                                     const Buffers& buffers) {
  if (!supply.engine->checks_identities()) return nullptr;
  const StreamRings::Shape shape{config.workers, 1, config.verification_ring_size, "verified", "verify"};
  return std::make_unique<StreamRings>(shape, buffers);
}

// What a port without a TAP is: its configured addresses, and one station that gets everything.
ForwardingTable::Contents fixed_contents(const DataplaneConfig& config) {
  ForwardingTable::Contents contents;
  bool has_default = false;
  for (uint16_t index = 0; index < config.ports.size(); ++index) {
    const PortConfig& port = config.ports[index];
    if (!port.tap_name.empty()) continue;
    for (const std::string& text : port.addresses) {
      engine::AddressPrefix prefix;
      if (!engine::AddressPrefix::parse(text, prefix))
        throw SetupError("port " + port.name + ": \"" + text + "\" is no address");
      contents.addresses.push_back({index, prefix.address});
      contents.routes.push_back({prefix_of(prefix.address, prefix.bits), prefix.bits, index, std::nullopt});
    }
    MacAddress peer;
    if (!parse_mac(port.peer_mac, peer)) {
      throw SetupError("port " + port.name + ": a port without a tap needs peer_mac = \"02:00:00:00:00:02\"");
    }
    contents.fixed_peers.push_back({index, peer});
    // The first such port takes what no route says otherwise.
    if (!std::exchange(has_default, true)) {
      contents.routes.push_back({engine::IpAddress::v4(0), 96, index, std::nullopt});
      contents.routes.push_back({engine::IpAddress(), 0, index, std::nullopt});
    }
  }
  return contents;
}

}  // namespace

struct Dataplane::State {
  State(const DataplaneConfig& wanted, const ShardSupply& supply);
  ~State();

  void make_ports();
  void make_taps();
  void make_workers(const ShardSupply& supply);
  void run(Worker& worker, std::promise<void>& ready);
  void watch(int descriptor);

  const DataplaneConfig config;
  const BufferShape shape;
  const std::vector<std::vector<unsigned>> places;  // CPUs of each worker.
  const bool eal_started;
  Buffers buffers;
  std::vector<std::unique_ptr<Port>> ports;
  std::unique_ptr<FlowRules> rules;   // Of the ports, so gone before them.
  HandOff hand_off;
  KernelRings kernel_rings;
  StreamRings stream_rings;
  std::unique_ptr<StreamRings> verification_rings;  // Null: no identities are checked.
  Quiesce quiesce;
  FateCounters service_fates;
  KernelMirror mirror;
  ExceptionPath exceptions;
  engine::PartitionMap partitions;
  WorkerSurroundings around;
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<std::thread> threads;
  int epoll = -1;
  uint64_t memory_bytes = 0;
};

Dataplane::State::State(const DataplaneConfig& wanted, const ShardSupply& supply)
    : config(wanted),
      shape(checked_shape(config, supply)),
      places(place_workers(config.cpus, config.workers, allowed_cpus())),
      eal_started((start_eal(config, eal_bytes(config, shape)), true)),
      buffers(shape),
      hand_off(config),
      kernel_rings(config, static_cast<unsigned>(config.ports.size())),
      stream_rings({config.workers, config.stream_threads, config.stream_ring_size, "streamin", "streamout"}, buffers),
      verification_rings(make_verification_rings(config, supply, buffers)),
      quiesce(config.workers),
      mirror(config, fixed_contents(config), quiesce, service_fates),
      exceptions({config.workers, &buffers, &kernel_rings, &mirror, &service_fates}),
      partitions(engine::PartitionMap::spread_evenly(config.workers)) {
  epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) throw SetupError(std::string("epoll: ") + std::strerror(errno));
  make_ports();
  make_taps();
  make_workers(supply);
}

Dataplane::State::~State() {
  workers.clear();  // Before the ports that they hold frames for.
  if (epoll >= 0) close(epoll);
}

void Dataplane::State::watch(int descriptor) {
  epoll_event event{};
  event.events = EPOLLIN;
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) != 0) {
    throw SetupError(std::string("epoll: ") + std::strerror(errno));
  }
}

void Dataplane::State::make_ports() {
  for (uint8_t index = 0; index < config.ports.size(); ++index) {
    ports.push_back(std::make_unique<Port>(index, config, buffers, shape));
  }
  std::vector<FlowRules::Target> targets;
  for (const auto& port : ports) targets.push_back({port->config().name, port->id()});
  rules = std::make_unique<FlowRules>(std::move(targets), config.sip_port);
}

void Dataplane::State::make_taps() {
  for (const auto& port : ports) {
    const PortConfig& wanted = port->config();
    if (wanted.tap_name.empty()) {
      exceptions.add_port(nullptr);
      continue;
    }
    auto tap = std::make_unique<Tap>(
        TapShape{wanted.tap_name, port->mac(), wanted.mtu, port->unfinished_checksums()});
    watch(tap->descriptor());
    mirror.add_port({port->index(), tap->interface_index()}, wanted);
    exceptions.add_port(std::move(tap));
  }
  watch(mirror.descriptor());
  mirror.read_everything();
}

void Dataplane::State::make_workers(const ShardSupply& supply) {
  around = {&config,       supply.engine,       &ports,   &buffers, &hand_off, &kernel_rings,
            &stream_rings, verification_rings.get(), &quiesce, Clock::set_by_wall_clock()};
  for (unsigned index = 0; index < config.workers; ++index) {
    engine::ShardEnvironment environment;
    environment.index = {static_cast<uint16_t>(index)};
    environment.partitions = &partitions;
    environment.config = supply.engine;
    environment.hashes = supply.hashes(index);
    environment.random_seed = shard_seed(environment.hashes, supply.random_seed, index);
    environment.nonce_key = supply.nonce_key;
    workers.push_back(std::make_unique<Worker>(index, around, environment));
    memory_bytes += workers.back()->arena->reserved_bytes() / 2 + engine::shard_bytes(supply.engine->limits);
  }
  memory_bytes += eal_bytes(config, shape);
}

void Dataplane::State::run(Worker& worker, std::promise<void>& ready) {
  try {
    // Signals are the control thread's.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, nullptr);
    pthread_setname_np(pthread_self(), ("vedette-" + std::to_string(worker.index)).c_str());
    run_on(places[worker.index]);
    if (rte_thread_register() != 0)
      throw SetupError("DPDK has no place for another thread; use fewer workers");
  } catch (const SetupError&) {
    ready.set_exception(std::current_exception());
    return;
  }
  // jemalloc sets up what it keeps for this thread at the first allocation: before the seal.
  worker.arena->deallocate(worker.arena->allocate(1, 1), 1, 1);
  quiesce.enter(worker.index);
  ready.set_value();
  seal_poll_thread();
  poll_until_stopped(worker);
  unseal_poll_thread();
  quiesce.leave(worker.index);
  rte_thread_unregister();
}

Dataplane::Dataplane(const DataplaneConfig& config, const ShardSupply& supply)
    : state_(std::make_unique<State>(config, supply)) {}

Dataplane::~Dataplane() { stop(); }

void Dataplane::start() {
  State& state = *state_;
  if (!state.threads.empty()) return;
  state.quiesce.forget_stop();
  for (const auto& port : state.ports) port->start();
  for (const auto& worker : state.workers) {
    auto ready = std::make_shared<std::promise<void>>();
    std::future<void> readiness = ready->get_future();
    state.threads.emplace_back([&state, &worker, ready] { state.run(*worker, *ready); });
    try {
      readiness.get();
    } catch (const SetupError&) {
      stop();
      throw;
    }
  }
}

void Dataplane::stop() {
  state_->quiesce.order_stop();
  for (std::thread& thread : state_->threads) thread.join();
  state_->threads.clear();
}

unsigned Dataplane::workers() const { return state_->config.workers; }
Mailbox& Dataplane::mailbox(unsigned worker) { return state_->workers[worker]->mailbox; }
FateCounts Dataplane::fates(unsigned worker) const { return state_->workers[worker]->fates.read(); }
FateCounts Dataplane::service_fates() const { return state_->service_fates.read(); }
uint64_t Dataplane::memory_bytes() const { return state_->memory_bytes; }

PortRules Dataplane::drop_at_ports(const engine::AddressPrefix& source) { return state_->rules->drop(source); }
void Dataplane::admit_at_ports(const engine::AddressPrefix& source) { state_->rules->admit(source); }

bool Dataplane::try_to_shard(StreamWay way, const StreamMessage& message) {
  return state_->stream_rings.try_to_worker(way, message);
}

bool Dataplane::try_from_shard(StreamWay way, std::string& bytes, engine::Flow& flow) {
  return state_->stream_rings.try_from_worker(way, bytes, flow);
}

bool Dataplane::try_take_unverified(unsigned worker, std::string& bytes, engine::Flow& flow) {
  return state_->verification_rings != nullptr && state_->verification_rings->try_from_worker({worker, 0}, bytes, flow);
}

bool Dataplane::try_give_verdict(unsigned worker, const StreamMessage& message) {
  return state_->verification_rings != nullptr && state_->verification_rings->try_to_worker({worker, 0}, message);
}

int Dataplane::descriptor() const { return state_->epoll; }

std::vector<PortStatus> Dataplane::ports() const {
  std::vector<PortStatus> list;
  for (const auto& port : state_->ports) {
    const Port::Counters counters = port->counters();
    list.push_back({.name = port->config().name,
                    .device = port->config().device,
                    .driver = port->driver(),
                    .tap_name = port->config().tap_name,
                    .mac = port->mac().text(),
                    .mtu = port->config().mtu,
                    .rx_queues = port->rx_queues(),
                    .tx_queues = port->tx_queues(),
                    .checksums_by_hardware = port->udp_checksum_by_port(),
                    .frames_in = counters.frames_in,
                    .frames_out = counters.frames_out,
                    .missed = counters.missed,
                    .errors_in = counters.errors_in,
                    .errors_out = counters.errors_out});
  }
  return list;
}

void Dataplane::service() {
  state_->mirror.service();
  state_->exceptions.service();
}

}  // namespace vedette::dataplane
