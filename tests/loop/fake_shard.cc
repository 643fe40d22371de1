// A stand-in for engine::Shard that does what a datagram's first word says, so that the dataplane is tested
// by itself. It implements the class of engine/shard.h and is linked in place of the real one.
//
// "echo ...": the same bytes back to where they came from.
// "big N": N bytes back.
// "many N": N datagrams back, "1", "2" and so on: four at most at once, the rest by on_time.
// "own K ...": belongs to shard K, where it is answered.
// "peer K": says hello to shard K, which answers the flow with "K greeted".
// "record TEXT": a record for the control thread.
// "list N": N records for the control thread, as fast as it reads them.
// "away ADDRESS": a datagram to ADDRESS instead of back.
// "verify ...": is verified first, and then answered "verdict N".
// Anything else: silence.
#include <charconv>
#include <cstring>
#include <string>

#include "engine/base/check.h"
#include "engine/shard.h"

namespace vedette::engine {
namespace {

unsigned number_after(std::string_view text, std::string_view word) {
  text.remove_prefix(word.size());
  unsigned number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

void fill(Outbox& out, std::string_view bytes, const OutSlot& like) {
  OutSlot* slot = out.try_slot();
  VEDETTE_CHECK(slot != nullptr && bytes.size() <= slot->capacity);
  std::memcpy(slot->bytes, bytes.data(), bytes.size());
  slot->length = static_cast<uint32_t>(bytes.size());
  slot->kind = like.kind;
  slot->peer_kind = like.peer_kind;
  slot->shard = like.shard;
  slot->flow = like.flow;
  if (like.kind == OutKind::kControl && out.control_room() > 0) return out.commit_control();
  out.commit();
}

}  // namespace

struct Shard::State {
  ShardEnvironment environment;
  Counters counters;
  Instant clock;
  unsigned to_send = 0;
  unsigned sent = 0;
  unsigned to_list = 0;
  Flow target;

  unsigned own() const { return environment.index.value; }
  void send(Outbox& out, std::string_view bytes, const Flow& flow) { fill(out, bytes, {.flow = flow}); }
  void send_some(Outbox& out, size_t most) {
    for (; most > 0 && sent < to_send && out.room() > 0; --most) send(out, std::to_string(++sent), target);
  }
  void record(Outbox& out, const std::string& text) {
    const ControlReplyHeader header{ControlReplyHeader::Kind::kSummary, 7, environment.index};
    fill(out, std::string(reinterpret_cast<const char*>(&header), sizeof header) + text,
         {.kind = OutKind::kControl});
  }
  void list_some(Outbox& out) {
    for (; to_list > 0 && out.room() > 0 && out.control_room() > 0; --to_list)
      record(out, std::to_string(to_list));
  }
  void answer(const Datagram& datagram, Outbox& out);
  void see(Instant now) {
    VEDETTE_CHECK(now >= clock);
    clock = now;
  }
};

void Shard::State::answer(const Datagram& datagram, Outbox& out) {
  const std::string_view bytes = datagram.bytes;
  if (bytes.starts_with("echo")) return send(out, bytes, datagram.flow);
  if (bytes.starts_with("big "))
    return send(out, std::string(number_after(bytes, "big "), 'b'), datagram.flow);
  if (bytes.starts_with("many ")) {
    to_send = number_after(bytes, "many ");
    sent = 0;
    target = datagram.flow;
    return send_some(out, kOutputsPerCallMax);
  }
  if (bytes.starts_with("peer ")) {
    const ShardIndex shard{static_cast<uint16_t>(number_after(bytes, "peer "))};
    return fill(out, "hello",
                {.kind = OutKind::kPeer,
                 .peer_kind = PeerKind::kForwardNotify,
                 .shard = shard,
                 .flow = datagram.flow});
  }
  if (bytes.starts_with("record ")) return record(out, std::string(bytes.substr(7)));
  if (bytes.starts_with("list ")) {
    to_list = number_after(bytes, "list ");
    return;
  }
  if (bytes.starts_with("away ")) {
    Flow flow = datagram.flow;
    VEDETTE_CHECK(IpAddress::parse(bytes.substr(5), flow.remote.address));
    return send(out, "gone", flow);
  }
}

Shard::Shard(const ShardEnvironment& environment) : state_(std::make_unique<State>()) {
  state_->environment = environment;
  VEDETTE_CHECK(environment.documents != nullptr);
}

Shard::~Shard() = default;

DatagramFate Shard::on_datagram(Instant now, const Datagram& datagram, Outbox& out) {
  state_->see(now);
  VEDETTE_CHECK(out.room() >= kOutputsPerCallMax);
  // The shard's memory is used as the real one uses it.
  void* memory = state_->environment.documents->allocate(datagram.bytes.size() + 1, 8);
  state_->environment.documents->deallocate(memory, datagram.bytes.size() + 1, 8);
  if (datagram.bytes.starts_with("own ")) {
    const unsigned owner = number_after(datagram.bytes, "own ");
    if (owner != state_->own()) return {.hand_off = true, .owner = {static_cast<uint16_t>(owner)}};
    state_->send(out, std::to_string(owner) + " got it at once", datagram.flow);
    return {};
  }
  if (datagram.bytes.starts_with("verify ")) return {.verify = true};
  state_->answer(datagram, out);
  return {};
}

void Shard::on_delay(Instant, Duration) {}

DatagramFate Shard::on_peer(Instant now, const PeerMessage& message, Outbox& out) {
  state_->see(now);
  VEDETTE_CHECK(out.room() >= kOutputsPerCallMax);
  const std::string own = std::to_string(state_->own());
  if (message.kind == PeerKind::kDatagram) {
    VEDETTE_CHECK(number_after(message.bytes, "own ") == state_->own());
    state_->send(out, own + " got it from another", message.flow);
  } else if (message.kind == PeerKind::kVerified) {
    state_->send(out, "verdict " + std::to_string(static_cast<unsigned>(message.verdict)), message.flow);
  } else {
    VEDETTE_CHECK(message.bytes == "hello");
    state_->send(out, own + " greeted", message.flow);
  }
  return {};
}

void Shard::on_control(Instant now, const ControlMessage& message, Outbox& out) {
  state_->see(now);
  const ControlReplyHeader header{ControlReplyHeader::Kind::kEnd, message.query, state_->environment.index};
  fill(out, {reinterpret_cast<const char*>(&header), sizeof header}, {.kind = OutKind::kControl});
}

void Shard::on_time(Instant now, Outbox& out) {
  state_->see(now);
  state_->send_some(out, out.room());
  state_->list_some(out);
}

Instant Shard::next_deadline() const {
  return state_->sent < state_->to_send || state_->to_list > 0 ? state_->clock : Instant::never();
}

const Counters& Shard::counters() const { return state_->counters; }
uint32_t Shard::subscription_count() const { return 0; }
void Shard::check_invariants() const {}
uint64_t shard_bytes(const Limits&) { return 0; }

}  // namespace vedette::engine
