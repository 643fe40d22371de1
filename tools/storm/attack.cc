#include "tools/storm/attack.h"

#include <array>
#include <cstring>

namespace vedette::storm {
namespace {

constexpr uint32_t kSourcesBegin = 0x0a800000;   // 10.128.0.0, beyond all users.
constexpr uint32_t kSpreadSources = 65'536, kRandomSources = 0x7f0000;
// Places on the wire that the users have to themselves; and how much is put there at once.
constexpr unsigned kLeftFree = 512;
constexpr unsigned kAtOnce = 64;
constexpr std::string_view kNumber = "########";
constexpr std::array<std::string_view, 5> kNames = {"single_source", "spread", "wrong_digest", "malformed", "random"};

bool is_ours(const engine::Endpoint& endpoint) {
  return endpoint.address.v4_host_order() - kSourcesBegin < kRandomSources;
}

uint32_t sources_of(AttackKind kind) {
  if (kind == AttackKind::kSingleSource) return 1;
  return kind == AttackKind::kRandom ? kRandomSources : kSpreadSources;
}

std::string datagram(AttackKind kind, const std::string& domain) {
  const std::string number(kNumber);
  const std::string uri = "sip:u0000000@" + domain;
  std::string out = "SUBSCRIBE " + uri + " SIP/2.0\r\n" +
                    "Via: SIP/2.0/UDP 10.128.0.1:5060;branch=z9hG4bK" + number + ";rport\r\n" +
                    "Max-Forwards: 70\r\nFrom: <" + uri + ">;tag=" + number + "\r\nTo: <" + uri + ">\r\n" +
                    "Call-ID: " + number + "\r\nCSeq: 1 SUBSCRIBE\r\nContact: <sip:u@10.128.0.1:5060>\r\n" +
                    "Event: presence\r\nExpires: 600\r\nAccept: application/pidf+xml\r\n";
  if (kind == AttackKind::kMalformed) return out.substr(0, out.find("CSeq") + 6);
  if (kind == AttackKind::kWrongDigest) {
    const std::string nonce = number + number + number + number;
    out += "Authorization: Digest username=\"u0000000\", realm=\"" + domain + "\", nonce=\"" + nonce + "\", uri=\"" +
           uri + "\", response=\"" + std::string(56, '0') + number +
           "\", cnonce=\"1\", nc=00000001, qop=auth, algorithm=SHA-256\r\n";
  }
  return out + "Content-Length: 0\r\n\r\n";
}

}  // namespace

std::string_view to_string(AttackKind kind) { return kNames[static_cast<size_t>(kind)]; }

std::optional<AttackKind> attack_called(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<AttackKind>(i);
  }
  return std::nullopt;
}

AttackWire::AttackWire(RingWire& wire, AttackKind kind, std::string_view domain)
    : wire_(wire), kind_(kind), template_(datagram(kind, std::string(domain))) {
  for (size_t at = 0; (at = template_.find(kNumber, at)) != std::string::npos; at += kNumber.size()) {
    numbers_.push_back(at);
  }
}

std::span<const Incoming> AttackWire::receive() {
  incoming_.clear();
  for (const Incoming& one : wire_.receive()) {
    if (is_ours(one.to)) {
      ++answered_;
    } else {
      incoming_.push_back(one);
    }
  }
  return incoming_;
}

void AttackWire::flush() {
  wire_.flush();
  if (!is_on_) return;
  attack();
  wire_.flush();
}

void AttackWire::attack() {
  for (unsigned i = 0; i < kAtOnce && wire_.places_free() > kLeftFree; ++i) {
    char* const room = wire_.lend();
    if (room == nullptr) return;
    state_ = state_ * 6364136223846793005 + 1442695040888963407;
    uint64_t number = state_ >> 32;
    std::array<char, kNumber.size()> digits;
    for (char& digit : digits) {
      digit = "0123456789abcdef"[number & 15];
      number >>= 4;
    }
    std::memcpy(room, template_.data(), template_.size());
    for (const size_t at : numbers_) std::memcpy(room + at, digits.data(), digits.size());
    const uint32_t source = static_cast<uint32_t>(state_ >> 33) % sources_of(kind_);
    wire_.send(template_.size(), {engine::IpAddress::v4(kSourcesBegin + source), 5060}, static_cast<unsigned>(sent_));
    ++sent_;
  }
}

}  // namespace vedette::storm
