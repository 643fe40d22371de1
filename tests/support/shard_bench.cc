#include "tests/support/shard_bench.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "parsers/message.h"
#include "parsers/param.h"
#include "parsers/pres_rules.h"
#include "parsers/via.h"

namespace vedette::support {

using namespace vedette::engine;

namespace {

constexpr size_t kSlots = 8;

template <typename Digest>
void spread(void*, std::span<const std::string_view> parts, Digest& out) {
  uint64_t state = 0xcbf29ce484222325;
  for (const std::string_view part : parts) {
    for (const char c : part) state = (state ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  }
  for (size_t i = 0; i < out.size(); ++i) {
    state ^= state >> 29;
    state = (state + i + 1) * 0x9e3779b97f4a7c15;
    out[i] = static_cast<uint8_t>(state >> 56);
  }
}

std::string with_line_ends(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const size_t end = out.find("\r\n\r\n");
  if (end == std::string::npos) return out;
  if (out.find("Content-Length") == std::string::npos) {
    out.insert(end + 2, "Content-Length: " + std::to_string(out.size() - end - 4) + "\r\n");
  }
  return out;
}

}  // namespace

std::string Sent::header(std::string_view name) const {
  parsers::Message message;
  if (parsers::parse_message(text, message) != parsers::ParseError::kOk) return "unparseable";
  for (size_t i = 0; i < message.header_count(); ++i) {
    const auto& field = message.header(i);
    if (parsers::equal_ignoring_case(message.name(field), name)) return std::string(message.value(field));
  }
  return {};
}

EngineConfig bench_config() {
  EngineConfig config;
  config.domains = {Domain{.name = "example.com", .authenticate = false}};
  config.subscription.min = config.publication.min = config.registration.min = Duration::seconds(10);
  // What is granted is what was asked for, and what a test sees changes at once, unless it is about that.
  config.subscription.spread_percent = config.publication.spread_percent = config.registration.spread_percent = 0;
  config.limits.retry_after_spread_seconds = 0;
  config.pace.interval.fill(Duration());
  config.limits.presentities_max = config.limits.subscriptions_max = config.limits.publications_max = 1024;
  config.limits.bindings_max = config.limits.server_transactions_max = config.limits.replay_windows_max = 1024;
  return config;
}

Hashes bench_hashes() { return {spread<Md5Digest>, spread<Sha256Digest>, nullptr}; }

Flow bench_flow(std::string_view remote_address, uint16_t remote_port) {
  Flow flow;
  EXPECT_TRUE(IpAddress::parse(remote_address, flow.remote.address));
  flow.remote.port = remote_port;
  EXPECT_TRUE(IpAddress::parse(flow.remote.address.is_v4() ? "192.0.2.254" : "2001:db8::fe", flow.local.address));
  flow.local.port = 5060;
  return flow;
}

ShardBench::ShardBench(EngineConfig config, unsigned shards, const Hashes& hashes)
    : config_(std::move(config)), partitions_(PartitionMap::spread_evenly(shards)) {
  for (unsigned i = 0; i < shards; ++i) {
    ShardEnvironment environment;
    environment.index = ShardIndex{static_cast<uint16_t>(i)};
    environment.partitions = &partitions_;
    environment.config = &config_;
    environment.hashes = hashes;
    environment.random_seed.fill(static_cast<uint8_t>(i + 1));
    arenas_.push_back(std::make_unique<std::pmr::unsynchronized_pool_resource>());
    environment.documents = arenas_.back().get();
    shards_.push_back(std::make_unique<Shard>(environment));
  }
  buffers_.assign(kSlots, std::vector<char>(config_.limits.datagram_bytes_max));
  for (auto& buffer : buffers_) {
    OutSlot slot;
    slot.bytes = buffer.data();
    slot.capacity = static_cast<uint32_t>(buffer.size());
    slots_.push_back(slot);
  }
}

std::vector<Sent> ShardBench::send(std::string_view text, std::string_view from, unsigned at) {
  return send_raw(with_line_ends(text), bench_flow(from), at);
}

std::vector<Sent> ShardBench::send_raw(std::string_view bytes, const Flow& flow, unsigned at) {
  std::vector<Sent> sent;
  Outbox out(slots_);
  const DatagramFate fate = shards_[at]->on_datagram(now_, {bytes, flow}, out);
  drain(out, sent);
  if (fate.verify) unverified_.push_back({at, std::string(bytes), flow});
  if (fate.hand_off) {
    peers_.push_back({fate.owner.value, {{PeerKind::kDatagram, {}, flow}, std::string(bytes)}});
  }
  settle(sent);
  return sent;
}

void ShardBench::drain(Outbox& out, std::vector<Sent>& sent) {
  for (const OutSlot& slot : out.committed()) {
    const std::string bytes(slot.bytes, slot.length);
    if (slot.kind == OutKind::kDatagram) sent.push_back({bytes, slot.flow});
    if (slot.kind == OutKind::kPeer) peers_.push_back({slot.shard.value, {{slot.peer_kind, {}, slot.flow}, bytes}});
    if (slot.kind == OutKind::kControl) {
      ControlReplyHeader header;
      std::memcpy(&header, bytes.data(), sizeof header);
      if (header.kind != ControlReplyHeader::Kind::kEnd) rows_.push_back(bytes.substr(sizeof header));
    }
  }
  out.clear();
}

void ShardBench::settle(std::vector<Sent>& sent) {
  Outbox out(slots_);
  for (bool busy = true; busy;) {
    busy = false;
    while (!peers_.empty()) {
      auto [to, item] = std::move(peers_.front());
      peers_.pop_front();
      item.first.bytes = item.second;
      if (shards_[to]->on_peer(now_, item.first, out).verify) {
        unverified_.push_back({to, item.second, item.first.flow});
      }
      drain(out, sent);
      busy = true;
    }
    for (auto& shard : shards_) {
      if (shard->next_deadline() > now_) continue;
      shard->on_time(now_, out);
      drain(out, sent);
      busy = true;
    }
  }
  check();
}

std::vector<Sent> ShardBench::advance(Duration duration) {
  std::vector<Sent> sent;
  const Instant end = now_ + duration;
  while (true) {
    Instant next = Instant::never();
    for (const auto& shard : shards_) next = std::min(next, shard->next_deadline());
    if (next > end) break;
    now_ = std::max(now_, next);
    settle(sent);
  }
  now_ = end;
  settle(sent);
  return sent;
}

std::vector<Sent> ShardBench::answer(const Sent& notify, std::string_view status, std::string_view headers) {
  std::string text = "SIP/2.0 " + std::string(status) + "\r\n";
  for (const char* name : {"Via", "From", "To", "Call-ID", "CSeq"}) {
    text += std::string(name) + ": " + notify.header(name) + "\r\n";
  }
  text += std::string(headers) + "Content-Length: 0\r\n\r\n";
  return send_raw(text, notify.flow);
}

std::vector<Sent> ShardBench::lose(const Flow& flow) {
  std::vector<Sent> sent;
  for (auto& shard : shards_) {
    Outbox out(slots_);
    shard->on_peer(now_, {PeerKind::kConnectionLost, {}, flow}, out);
    drain(out, sent);
  }
  settle(sent);
  return sent;
}

std::vector<Sent> ShardBench::give_back(const Sent& notify) {
  parsers::Message message;
  parsers::Via via;
  Partition partition;
  EXPECT_EQ(parsers::parse_message(notify.text, message), parsers::ParseError::kOk);
  std::string_view vias = message.value(parsers::HeaderId::kVia);
  EXPECT_EQ(parsers::next_via(vias, via), parsers::ParseError::kOk);
  EXPECT_TRUE(partition_of_branch(via.branch, partition));
  const unsigned owner = partitions_.owner(partition).value;
  peers_.push_back({owner, {{PeerKind::kNotifyUndeliverable, {}, notify.flow}, notify.text}});
  std::vector<Sent> sent;
  settle(sent);
  return sent;
}

std::vector<Sent> ShardBench::give_verdict(Reason verdict) {
  std::vector<Sent> sent;
  if (unverified_.empty()) {
    ADD_FAILURE() << "nothing waits for a verdict";
    return sent;
  }
  const Unverified request = std::move(unverified_.front());
  unverified_.pop_front();
  Outbox out(slots_);
  const DatagramFate fate =
      shards_[request.shard]->on_peer(now_, {PeerKind::kVerified, request.bytes, request.flow, verdict}, out);
  EXPECT_FALSE(fate.hand_off || fate.verify);
  drain(out, sent);
  settle(sent);
  return sent;
}

std::vector<std::string> ShardBench::ask(ControlMessage::Kind kind, std::string_view aor) {
  ControlMessage message;
  message.kind = kind;
  tell(message, aor);
  return rows_;
}

std::vector<Sent> ShardBench::end_watchers(std::string_view aor, EndReason reason) {
  ControlMessage message;
  message.kind = ControlMessage::Kind::kEndWatchers;
  message.end_reason = reason;
  return tell(message, aor);
}

std::vector<Sent> ShardBench::load_rules(std::string_view aor, std::string_view document) {
  ControlMessage message;
  message.kind = document.empty() ? ControlMessage::Kind::kRemoveRules : ControlMessage::Kind::kLoadRules;
  std::vector<char> bytes(parsers::kRuleSetBytesMax + document.size());
  if (!document.empty()) {
    const parsers::RulesReport report = parsers::compile_rules(document, bytes);
    if (report.error != parsers::RulesError::kOk) {
      ADD_FAILURE() << "rules, line " << report.line << ": " << parsers::to_string(report.error);
      return {};
    }
    parsers::Writer names(bytes.data() + report.length, bytes.size() - report.length);
    parsers::list_rule_ids(document, names);
    message.rules = {bytes.data(), static_cast<uint32_t>(report.length), static_cast<uint32_t>(names.length()),
                     static_cast<uint32_t>(report.rules), static_cast<uint32_t>(document.size())};
  }
  return tell(message, aor, owner_of(aor));
}

std::vector<Sent> ShardBench::set_hard_state(std::string_view aor, std::string_view document, Duration lifetime) {
  ControlMessage message;
  message.kind = document.empty() ? ControlMessage::Kind::kRemoveHardState : ControlMessage::Kind::kSetHardState;
  std::vector<char> normalised(65'536), text;
  if (!document.empty()) {
    parsers::PidfDocument read;
    const parsers::ParseError error = parsers::normalise_pidf(document, normalised, read);
    if (error != parsers::ParseError::kOk) {
      ADD_FAILURE() << "hard state: " << parsers::to_string(error);
      return {};
    }
    text.resize(PublishedState::text_bytes(read));
    message.hard_state = {PublishedState::write(read, {normalised.data(), read.length}, text.data()),
                          static_cast<uint32_t>(document.size()), static_cast<uint32_t>(lifetime.to_seconds())};
  }
  return tell(message, aor, owner_of(aor));
}

std::vector<Sent> ShardBench::tell(ControlMessage message, std::string_view aor, std::optional<unsigned> only) {
  rows_.clear();
  message.aor_length = static_cast<uint16_t>(aor.size());
  std::copy(aor.begin(), aor.end(), message.aor.begin());
  std::vector<Sent> sent;
  Outbox out(slots_);
  for (unsigned i = 0; i < shards_.size(); ++i) {
    if (only && i != *only) continue;
    shards_[i]->on_control(now_, message, out);
    drain(out, sent);
  }
  settle(sent);
  return sent;
}

uint64_t ShardBench::count(Counter counter) const {
  uint64_t sum = 0;
  for (const auto& shard : shards_) sum += shard->counters().get(counter);
  return sum;
}

uint64_t ShardBench::count(Reason reason) const {
  uint64_t sum = 0;
  for (const auto& shard : shards_) sum += shard->counters().get(reason);
  return sum;
}

uint32_t ShardBench::subscriptions() const {
  uint32_t sum = 0;
  for (const auto& shard : shards_) sum += shard->subscription_count();
  return sum;
}

void ShardBench::check() const {
  for (const auto& shard : shards_) shard->check_invariants();
}

unsigned ShardBench::owner_of(std::string_view aor) const {
  return partitions_.owner(partition_of_aor(aor)).value;
}

}  // namespace vedette::support
