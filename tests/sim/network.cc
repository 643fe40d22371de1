#include "tests/sim/network.h"

#include <algorithm>
#include <memory>

#include "tests/sim/trace.h"

namespace vedette::sim {

Network::Network(EventQueue& clock, Trace& trace, const Faults& faults, Random random)
    : clock_(clock), trace_(trace), faults_(faults), random_(random) {}

void Network::attach(const engine::Endpoint& at, Receiver& receiver) { receivers_[at] = &receiver; }

const Network::Line& Network::line_of(const engine::Endpoint& actor) {
  const auto found = lines_.find(actor);
  if (found != lines_.end()) return found->second;
  static constexpr std::array<double, 4> kLossFactors = {0, 1, 1, 2};
  const Line line = {random_.between(faults_.delay), kLossFactors[random_.below(kLossFactors.size())]};
  return lines_.emplace(actor, line).first->second;
}

void Network::send(Packet packet) {
  trace_.record(WireEvent::kSent, packet);
  // The slower and worse of the two ends' lines counts; the server's own is seeded like every other.
  const Line& from = line_of(packet.from);
  const Line& to = line_of(packet.to);
  const engine::Duration delay = std::max(from.delay, to.delay);
  const double loss = faults_.loss * (from.loss_factor + to.loss_factor) / 2;
  const engine::Duration jitter = engine::Duration::microseconds(static_cast<int64_t>(random_.below(300)));
  if (random_.chance(loss)) return;
  if (random_.chance(faults_.duplication)) {
    deliver_after(delay + jitter + random_.between({{}, faults_.reordering_delay}), packet);
  }
  if (random_.chance(faults_.corruption)) {
    corrupt(packet.bytes);
    packet.corrupted = true;
  }
  engine::Duration held = {};
  if (random_.chance(faults_.reordering)) held = random_.between({{}, faults_.reordering_delay});
  deliver_after(delay + jitter + held, std::move(packet));
}

void Network::deliver_after(engine::Duration delay, Packet packet) {
  clock_.after(delay, [this, packet = std::move(packet)] {
    const auto receiver = receivers_.find(packet.to);
    if (receiver == receivers_.end()) return;
    trace_.record(WireEvent::kReceived, packet);
    receiver->second->on_packet(packet);
  });
}

void Network::heal() {
  faults_.loss = faults_.duplication = faults_.corruption = faults_.reordering = 0;
}

void Network::corrupt(std::string& bytes) {
  const uint64_t times = random_.between({1, 3});
  for (uint64_t i = 0; i < times && !bytes.empty(); ++i) corrupt_once(bytes);
}

void Network::corrupt_once(std::string& bytes) {
  const size_t at = random_.below(bytes.size());
  const size_t count = random_.between({1, std::min<size_t>(16, bytes.size() - at)});
  switch (random_.below(8)) {
    case 0: bytes[at] = static_cast<char>(random_.next()); break;
    case 1: bytes[at] = static_cast<char>(bytes[at] ^ (1 << random_.below(8))); break;
    // A digit becomes another digit: the message stays well-formed and means something else.
    case 2: {
      const size_t digit = bytes.find_first_of("0123456789", at);
      if (digit != std::string::npos) bytes[digit] = static_cast<char>('0' + random_.below(10));
      break;
    }
    case 3: bytes.resize(at); break;
    case 4: bytes.erase(at, count); break;
    case 5: bytes.insert(at, bytes.substr(random_.below(bytes.size()), count)); break;
    case 6: bytes.insert(at, std::string(count, static_cast<char>(random_.next()))); break;
    default: {
      const size_t other = random_.below(bytes.size());
      std::swap(bytes[at], bytes[other]);
      break;
    }
  }
}

}  // namespace vedette::sim
