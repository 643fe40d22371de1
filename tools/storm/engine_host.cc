#include "tools/storm/engine_host.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>
#include <thread>

#include "dataplane/config_check.h"
#include "dataplane/eal.h"
#include "dataplane/setup_error.h"
#include "engine/control/crypto.h"
#include "engine/control/dataplane_workers.h"
#include "engine/control/shard_queries.h"
#include "engine/shard.h"
#include "tools/storm/requests.h"

namespace vedette::storm {
namespace {

constexpr uint16_t kMtu = 9'000;  // Documents of 4 kB go whole: fragments are not what is measured.
constexpr uint64_t kEalBytes = uint64_t{256} << 20;
constexpr uint32_t kSpare = 1'024;
// What a generator that lost its CPU for some milliseconds leaves in the rings must not use all of them up.
constexpr uint32_t kBuffersPerWorker = 4'096;
// Dialog lines, rounded as the store rounds them; and fragments and documents of a presentity of some
// devices.
constexpr uint64_t kBytesPerSubscription = 640, kBytesPerPresentity = 4'096;

uint32_t with_spare(uint64_t count) { return static_cast<uint32_t>(count + count / 16 + kSpare); }

engine::User user_of(uint32_t number, const std::string& domain, const engine::Hashes& hashes) {
  std::array<char, 64> name;
  parsers::Writer writer(name.data(), name.size());
  write_user(writer, number);
  engine::User user{.aor = std::string(writer.text()) + "@" + domain};
  const std::array<std::string_view, 5> a1 = {writer.text(), ":", domain, ":", RequestWriter::kPassword};
  hashes.sha256(hashes.context, a1, user.ha1_sha256);
  user.has_sha256 = true;
  return user;
}

engine::EngineConfig engine_config(const HostShape& shape, const Plan& plan) {
  const Population population(plan.population);
  engine::EngineConfig config;
  engine::Domain domain{.name = plan.population.domain, .authenticate = plan.digest};
  domain.algorithms = {engine::DigestAlgorithm::kSha256};
  config.domains = {domain};
  if (plan.digest) {
    const engine::Hashes hashes = control::openssl_hashes();
    for (uint32_t i = 0; i < std::max(plan.population.users, population.presentities()); ++i) {
      config.users.push_back(user_of(i, plan.population.domain, hashes));
    }
  }
  const auto pace = engine::Duration::milliseconds(static_cast<int64_t>(shape.pace_seconds * 1000));
  config.pace.interval.fill(pace);
  engine::Limits& limits = config.limits;
  const uint32_t numbers = population.numbers() + plan.workload.hammering * 6'000;
  limits.subscriptions_max = with_spare(numbers);
  limits.presentities_max = with_spare(std::max(population.presentities(), plan.population.users));
  limits.publications_max = with_spare(population.presentities());
  limits.bindings_max = with_spare(plan.registers ? population.endpoints() : 0);
  limits.replay_windows_max = plan.digest ? with_spare(plan.population.users) : kSpare;
  limits.subscriptions_per_presentity_max = limits.subscriptions_per_watcher_max = limits.subscriptions_max;
  limits.counted_watchers_max = with_spare(plan.population.users);
  // A million users come as fast as they can. Who is attacked has the limits that there are by default.
  if (!plan.is_attacked) {
    limits.source_requests_per_second = limits.source_responses_per_second = limits.user_requests_per_second = 0;
    limits.stranger_requests_per_second = 0;
    limits.overload_delay_ms = 10'000;
  }
  limits.document_bytes_max = limits.subscriptions_max * kBytesPerSubscription +
                              limits.presentities_max * (kBytesPerPresentity + 6 * plan.workload.body_bytes) +
                              limits.bindings_max * uint64_t{1'024} + (uint64_t{64} << 20);
  return config;
}

uint64_t nanoseconds_run(const std::filesystem::path& task) {
  std::ifstream schedstat(task / "schedstat");
  uint64_t nanoseconds = 0;
  return schedstat >> nanoseconds ? nanoseconds : 0;
}

}  // namespace

EngineHost::EngineHost(const HostShape& shape, const Plan& plan)
    : shape_(shape), engine_(engine_config(shape, plan)) {
  config_.workers = shape.workers;
  config_.cpus = shape.cpus;
  config_.idle = shape.idle;
  config_.mbufs_per_worker = kBuffersPerWorker;
  const RingShape rings{.lanes = shape.workers, .steers = !shape.spreads};
  const uint64_t buffers = uint64_t{rings.lanes} * rings.places * 2 * (kDatagramBytes + 512);
  const uint64_t workers = uint64_t{shape.workers} * config_.mbufs_per_worker * (uint64_t{20'480} + 16'384);
  config_.memory_mb = static_cast<uint32_t>((buffers + 2 * workers + kEalBytes) >> 20);
  dataplane::start_eal(config_, uint64_t{config_.memory_mb} << 20);
  wire_ = std::make_unique<RingWire>(rings);
  config_.ports = {dataplane::PortConfig{.name = "storm",
                                         .device = RingWire::device(),
                                         .addresses = {RingWire::server_prefix()},
                                         .peer_mac = RingWire::peer_mac(),
                                         .mtu = kMtu}};
  dataplane::ShardSupply supply;
  supply.engine = &engine_;
  supply.hashes = [](unsigned) { return control::openssl_hashes(); };
  control::fill_random(supply.random_seed);
  supply.nonce_key.id = 1;
  control::fill_random(supply.nonce_key.secret);
  dataplane_ = std::make_unique<dataplane::Dataplane>(config_, supply);
  dataplane::MacAddress mac;
  dataplane::parse_mac(dataplane_->ports()[0].mac, mac);
  wire_->connect(mac);
}

EngineHost::~EngineHost() { dataplane_->stop(); }

void EngineHost::start() { dataplane_->start(); }

std::map<std::string, int64_t> EngineHost::counters() const {
  control::DataplaneWorkers workers(*dataplane_);
  control::ShardQueries queries(workers);
  std::map<std::string, int64_t> sums;
  bool done = false;
  engine::ControlMessage message;
  message.kind = engine::ControlMessage::Kind::kCounters;
  queries.ask(std::chrono::steady_clock::now(), {message, std::nullopt, 100'000, nullptr},
              [&](const control::ShardAnswer& answer) {
                done = true;
                for (const control::ShardRow& row : answer.rows) {
                  const auto object = control::object_of(row);
                  sums["engine_" + object.at("name").get<std::string>()] += object.at("value").get<int64_t>();
                }
              });
  while (!done) {
    queries.on_turn(std::chrono::steady_clock::now());
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
  for (unsigned worker = 0; worker < shape_.workers; ++worker) {
    const dataplane::FateCounts fates = dataplane_->fates(worker);
    for (size_t i = 0; i < fates.size(); ++i) {
      sums["dataplane_" + std::string(to_string(static_cast<dataplane::Fate>(i)))] +=
          static_cast<int64_t>(fates[i]);
    }
  }
  return sums;
}

double EngineHost::cpu_seconds() const {
  uint64_t sum = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream comm(task.path() / "comm");
    std::string name;
    if (std::getline(comm, name) && name.starts_with("vedette-")) sum += nanoseconds_run(task.path());
  }
  return static_cast<double>(sum) / 1e9;
}

double EngineHost::busy_seconds() const {
  uint64_t sum = 0;
  for (unsigned worker = 0; worker < shape_.workers; ++worker) {
    sum += dataplane_->fates(worker)[static_cast<size_t>(dataplane::Fate::kBusyNanoseconds)];
  }
  return static_cast<double>(sum) / 1e9;
}

uint64_t EngineHost::record_bytes() const { return shape_.workers * engine::shard_bytes(engine_.limits); }

uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  uint64_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

double cpu_seconds_of(const std::vector<int>& pids) {
  uint64_t sum = 0;
  std::error_code gone;
  for (const int pid : pids) {
    for (const auto& task :
         std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task", gone)) {
      sum += nanoseconds_run(task.path());
    }
  }
  return static_cast<double>(sum) / 1e9;
}

}  // namespace vedette::storm
