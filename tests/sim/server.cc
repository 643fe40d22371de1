#include "tests/sim/server.h"

#include <algorithm>

#include "parsers/pidf.h"
#include "parsers/pres_rules.h"
#include "tests/sim/fake_hashes.h"


namespace vedette::sim {
namespace {

using engine::Duration;
using engine::Instant;

constexpr size_t kBurst = 8;
constexpr size_t kSlotsMax = 32;
// A worker that says for this many turns that it has work, and does none, will never do any.
constexpr unsigned kIdleTurnsMax = 20'000;
// Of a document that an operator sets.
constexpr size_t kNormalisedBytesMax = 65'536;

}  // namespace

Server::Server(Stage& stage, const engine::EngineConfig& config, Laws& laws, Random random)
    : stage_(stage), config_(config), laws_(laws), random_(random) {
  const unsigned shards = static_cast<unsigned>(random_.between({1, stage.preset.shards_max}));
  partitions_ = engine::PartitionMap::spread_evenly(shards);
  const uint32_t capacity = config.limits.datagram_bytes_max;
  buffers_.resize(kSlotsMax * capacity);
  slots_.resize(kSlotsMax);
  for (size_t i = 0; i < kSlotsMax; ++i) slots_[i] = {.bytes = &buffers_[i * capacity], .capacity = capacity};
  for (unsigned i = 0; i < shards; ++i) workers_.push_back(std::make_unique<Worker>());
  nonce_key_.id = 1;
  for (uint8_t& byte : nonce_key_.secret) byte = static_cast<uint8_t>(random_.next());
  start_shards();
}

Server::~Server() = default;

void Server::start_shards() {
  ++lives_;
  for (size_t i = 0; i < workers_.size(); ++i) {
    Worker& worker = *workers_[i];
    worker.shard.reset();
    worker.arena = std::make_unique<Arena>();
    engine::ShardEnvironment environment = {.index = {static_cast<uint16_t>(i)},
                                            .partitions = &partitions_,
                                            .config = &config_,
                                            .hashes = fake_hashes(),
                                            .documents = worker.arena.get(),
                                            .nonce_key = nonce_key_};
    for (uint8_t& byte : environment.random_seed) byte = static_cast<uint8_t>(random_.next());
    worker.shard = std::make_unique<engine::Shard>(environment);
    worker.rx.clear();
    worker.handed.clear();
    worker.handed_source.clear();
    worker.handed_from.assign(workers_.size(), 0);
  }
}

void Server::restart() {
  stage_.trace.note("the engine is killed and starts again");
  past_counters_.push_back(counters());
  // counters() sums earlier lives as well: keep that one sum alone.
  past_counters_.erase(past_counters_.begin(), past_counters_.end() - 1);
  for (uint8_t& byte : nonce_key_.secret) byte = static_cast<uint8_t>(random_.next());
  start_shards();
  laws_.on_restart();
}

void Server::rotate_nonce_keys() {
  previous_nonce_key_ = nonce_key_;
  ++nonce_key_.id;
  for (uint8_t& byte : nonce_key_.secret) byte = static_cast<uint8_t>(random_.next());
  engine::ControlMessage message;
  message.kind = engine::ControlMessage::Kind::kNonceKeys;
  message.current = nonce_key_;
  message.previous = previous_nonce_key_;
  for (size_t i = 0; i < workers_.size(); ++i) {
    engine::Outbox out = lend(engine::Shard::kOutputsPerCallMax);
    workers_[i]->shard->on_control(stage_.now(), message, out);
    drain(i, out);
    wake(i, stage_.now());
  }
}

void Server::end_watchers(std::string_view aor, engine::EndReason reason) {
  laws_.on_ended_by_operator(aor, reason);
  engine::ControlMessage message;
  message.kind = engine::ControlMessage::Kind::kEndWatchers;
  message.end_reason = reason;
  tell(message, aor);
}

void Server::ask(engine::ControlMessage::Kind kind, std::string_view aor) {
  engine::ControlMessage message;
  message.kind = kind;
  tell(message, aor);
}

void Server::tell(engine::ControlMessage message, std::string_view aor) {
  ++queries_;
  for (size_t i = 0; i < workers_.size(); ++i) tell_shard(i, message, aor);
}

void Server::tell_shard(size_t index, engine::ControlMessage message, std::string_view aor) {
  message.query = queries_;
  message.aor_length = static_cast<uint16_t>(aor.copy(message.aor.data(), engine::kAorBytesMax));
  engine::Outbox out = lend(engine::Shard::kOutputsPerCallMax);
  workers_[index]->shard->on_control(stage_.now(), message, out);
  drain(index, out);
  wake(index, stage_.now());
}

bool Server::change_rules(std::string_view aor, const std::string& document) {
  engine::ControlMessage message;
  message.kind = engine::ControlMessage::Kind::kRemoveRules;
  std::string bytes(parsers::kRuleSetBytesMax + document.size(), '\0');
  if (!document.empty()) {
    message.kind = engine::ControlMessage::Kind::kLoadRules;
    const parsers::RulesReport report = parsers::compile_rules(document, {bytes.data(), parsers::kRuleSetBytesMax});
    VEDETTE_CHECK(report.error == parsers::RulesError::kOk);
    parsers::Writer names(bytes.data() + report.length, bytes.size() - report.length);
    parsers::list_rule_ids(document, names);
    message.rules = {bytes.data(), static_cast<uint32_t>(report.length), static_cast<uint32_t>(names.length()),
                     static_cast<uint32_t>(report.rules), static_cast<uint32_t>(document.size())};
  }
  return tell_owner(message, aor, {engine::Counter::kRuleSetsLoaded, engine::Counter::kRuleSetsRemoved}) > 0;
}

bool Server::change_hard_state(std::string_view aor, const std::string& document, Duration lifetime) {
  engine::ControlMessage message;
  message.kind = engine::ControlMessage::Kind::kRemoveHardState;
  std::vector<char> normalised(kNormalisedBytesMax);
  std::string text;
  if (!document.empty()) {
    message.kind = engine::ControlMessage::Kind::kSetHardState;
    parsers::PidfDocument read;
    VEDETTE_CHECK(parsers::normalise_pidf(document, normalised, read) == parsers::ParseError::kOk);
    text.resize(engine::PublishedState::text_bytes(read));
    message.hard_state = {engine::PublishedState::write(read, {normalised.data(), read.length}, text.data()),
                          static_cast<uint32_t>(document.size()), static_cast<uint32_t>(lifetime.to_seconds())};
  }
  return tell_owner(message, aor, {engine::Counter::kHardStatesSet, engine::Counter::kHardStatesRemoved}) > 0;
}

uint64_t Server::tell_owner(engine::ControlMessage message, std::string_view aor,
                            std::initializer_list<engine::Counter> counters) {
  const size_t owner = partitions_.owner(engine::partition_of_aor(aor)).value;
  const auto sum = [&] {
    uint64_t total = 0;
    for (const engine::Counter counter : counters) total += workers_[owner]->shard->counters().get(counter);
    return total;
  };
  const uint64_t before = sum();
  ++queries_;
  tell_shard(owner, message, aor);
  return sum() - before;
}

void Server::on_packet(const Packet& packet) {
  const size_t index = random_.below(workers_.size());
  Worker& worker = *workers_[index];
  if (worker.rx.size() >= stage_.preset.rx_queue_slots) {
    ++drops_.rx_queue;
    return;
  }
  const engine::Flow flow = {.local = packet.to, .remote = packet.from};
  worker.rx.push_back({Bytes(packet.bytes), flow, packet.corrupted});
  wake(index, stage_.now() + Duration::microseconds(static_cast<int64_t>(random_.between({1, 20}))));
}

void Server::wake(size_t index, Instant when) {
  Worker& worker = *workers_[index];
  when = std::max(when, worker.stalled_until);
  if (when >= worker.wakes_at) return;
  worker.wakes_at = when;
  const uint64_t number = ++worker.wake_number;
  stage_.clock.at(when, [this, index, number] {
    if (workers_[index]->wake_number == number) turn(index);
  });
}

// One turn of a worker's poll loop: other cores' messages, own datagrams, then time.
void Server::turn(size_t index) {
  Worker& worker = *workers_[index];
  worker.wakes_at = Instant::never();
  if (random_.chance(stage_.preset.stall_chance)) {
    worker.stalled_until = stage_.now() + random_.between({Duration::milliseconds(1), Duration::milliseconds(200)});
  }
  bool did_something = take_handed(worker, index);
  did_something |= take_arrived(worker, index);
  laws_.on_own_work();
  engine::Outbox out = lend(random_.between({1, kSlotsMax}));
  worker.shard->on_time(stage_.now(), out);
  note_starvation(worker);
  did_something |= drain(index, out);
  const Instant deadline = worker.shard->next_deadline();
  const Instant next_turn = stage_.now() + Duration::microseconds(static_cast<int64_t>(random_.between({5, 50})));
  const bool has_more = !worker.rx.empty() || !worker.handed.empty() || deadline <= stage_.now();
  worker.idle_turns = has_more && !did_something ? worker.idle_turns + 1 : 0;
  if (worker.idle_turns > kIdleTurnsMax) {
    stage_.verdict.broken({.law = "a shard that says it has work left does some of it in its turns",
                           .seen = "20,000 turns of shard " + std::to_string(index) + " without any output"});
  }
  if (has_more) {
    wake(index, next_turn);
  } else if (deadline != Instant::never()) {
    wake(index, deadline);
  }
}

void Server::note_starvation(Worker& worker) {
  const uint64_t refusals = worker.shard->counters().refusals[static_cast<size_t>(engine::Reason::kDocumentsFull)];
  if (refusals != worker.documents_refused) stage_.starved_at = stage_.now();
  worker.documents_refused = refusals;
}

bool Server::take_handed(Worker& worker, size_t index) {
  size_t taken = 0;
  for (; taken < kBurst && !worker.handed.empty(); ++taken) {
    const Handed handed = std::move(worker.handed.front());
    worker.handed.pop_front();
    --worker.handed_from[worker.handed_source.front()];
    worker.handed_source.pop_front();
    engine::Outbox out = lend(engine::Shard::kOutputsPerCallMax);
    switch (handed.kind) {
      case engine::PeerKind::kDatagram:
        laws_.on_taken({handed.bytes.view(), handed.flow, handed.corrupted});
        break;
      case engine::PeerKind::kForwardNotify:
      case engine::PeerKind::kForwardResend: laws_.on_own_work(); break;
      case engine::PeerKind::kConnectionLost:
      case engine::PeerKind::kVerified:
      case engine::PeerKind::kNotifyUndeliverable: break;   // The control thread's word, which is not simulated.
      case engine::PeerKind::kNotifyFailed: laws_.on_notify_failed(handed.bytes.view()); break;
    }
    worker.shard->on_peer(stage_.now(), {handed.kind, handed.bytes.view(), handed.flow}, out);
    drain(index, out);
  }
  return taken > 0;
}

bool Server::take_arrived(Worker& worker, size_t index) {
  size_t taken = 0;
  for (; taken < kBurst && !worker.rx.empty(); ++taken) {
    Arrived arrived = std::move(worker.rx.front());
    worker.rx.pop_front();
    engine::Outbox out = lend(engine::Shard::kOutputsPerCallMax);
    laws_.on_arrival({arrived.bytes.view(), arrived.flow, arrived.corrupted});
    const engine::DatagramFate fate =
        worker.shard->on_datagram(stage_.now(), {arrived.bytes.view(), arrived.flow}, out);
    if (fate.hand_off) {
      if (!out.committed().empty() || fate.owner.value == index || fate.owner.value >= workers_.size()) {
        stage_.verdict.broken({.law = "a datagram that is handed off goes to another shard and causes nothing else",
                               .seen = "owner " + std::to_string(fate.owner.value) + " seen by shard " +
                                       std::to_string(index)});
        return true;
      }
      hand(index, fate.owner,
           {engine::PeerKind::kDatagram, std::move(arrived.bytes), arrived.flow, arrived.corrupted});
    } else {
      laws_.on_taken({arrived.bytes.view(), arrived.flow, arrived.corrupted});
      drain(index, out);
    }
  }
  return taken > 0;
}

void Server::hand(size_t from, engine::ShardIndex to, Handed handed) {
  Worker& worker = *workers_[to.value];
  if (worker.handed_from[from] >= stage_.preset.peer_ring_slots) {
    ++drops_.peer_ring;
    return;
  }
  ++worker.handed_from[from];
  worker.handed_source.push_back(static_cast<uint16_t>(from));
  worker.handed.push_back(std::move(handed));
  wake(to.value, stage_.now() + Duration::microseconds(static_cast<int64_t>(random_.between({1, 10}))));
}

bool Server::drain(size_t index, engine::Outbox& out) {
  for (const engine::OutSlot& slot : out.committed()) {
    const std::string_view bytes(slot.bytes, slot.length);
    switch (slot.kind) {
      case engine::OutKind::kDatagram:
        laws_.on_output(bytes, slot.flow);
        stage_.network.send({.from = slot.flow.local, .to = slot.flow.remote, .bytes = std::string(bytes)});
        break;
      case engine::OutKind::kPeer:
        if (slot.shard.value >= workers_.size() || slot.shard.value == index) {
          stage_.verdict.broken({.law = "a peer message goes to another shard that exists",
                                 .seen = "to shard " + std::to_string(slot.shard.value)});
          break;
        }
        laws_.on_peer_output(slot.peer_kind, bytes);
        hand(index, slot.shard, {slot.peer_kind, Bytes(bytes), slot.flow, false});
        break;
      case engine::OutKind::kControl: laws_.on_control_output(bytes); break;
    }
  }
  const bool any = !out.committed().empty();
  out.clear();
  return any;
}

engine::Outbox Server::lend(size_t slots) {
  for (engine::OutSlot& slot : slots_) {
    slot = {.bytes = slot.bytes, .capacity = slot.capacity};
  }
  return engine::Outbox(std::span(slots_).first(slots));
}

uint32_t Server::subscription_count() const {
  uint32_t sum = 0;
  for (const auto& worker : workers_) sum += worker->shard->subscription_count();
  return sum;
}

void Server::check_invariants() const {
  for (const auto& worker : workers_) worker->shard->check_invariants();
}

uint64_t Server::arena_bytes_out() const {
  uint64_t sum = 0;
  for (const auto& worker : workers_) sum += worker->arena->bytes_out();
  return sum;
}

engine::Counters Server::counters() const {
  engine::Counters sum;
  const auto add = [&sum](const engine::Counters& counters) {
    for (size_t i = 0; i < sum.values.size(); ++i) sum.values[i] += counters.values[i];
    for (size_t i = 0; i < sum.refusals.size(); ++i) sum.refusals[i] += counters.refusals[i];
  };
  for (const engine::Counters& past : past_counters_) add(past);
  for (const auto& worker : workers_) add(worker->shard->counters());
  return sum;
}

}  // namespace vedette::sim
