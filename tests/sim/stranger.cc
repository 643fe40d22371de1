#include "tests/sim/stranger.h"

#include <array>

namespace vedette::sim {

Stranger::Stranger(Stage& stage, engine::Endpoint own, const std::vector<std::unique_ptr<Phone>>& victims,
                   Random random)
    : stage_(stage), own_(own), victims_(victims), random_(random) {
  stage.network.attach(own, *this);
}

void Stranger::start() {
  stage_.clock.after(random_.between({{}, stage_.preset.think_max}), [this] { act(); });
}

void Stranger::send_as(const engine::Endpoint& from, std::string bytes) {
  stage_.network.send({.from = from, .to = stage_.server_for(from), .bytes = std::move(bytes)});
}

void Stranger::act() {
  if (stage_.phase != Phase::kSafety) return;
  const Phone& victim = *random_.pick(victims_);
  switch (random_.below(8)) {
    case 7: send_as(victim.agent().own(), with_new_branch(victim.agent().last_request())); break;
    case 6:
      // A flood: more at once than a small queue holds.
      for (uint64_t i = random_.between({10, 40}); i > 0; --i) send(strange_request());
      break;
    case 0: send(garbage()); break;
    case 1: send(strange_request()); break;
    case 2: send(stray_response()); break;
    case 3: send(victim.agent().last_request()); break;
    case 4:
      // A forged source: the same family as the victim's.
      send_as(victim.agent().own(), victim.agent().last_request());
      break;
    default: {
      // The victim's request, cut off somewhere.
      std::string bytes = victim.agent().last_request();
      bytes.resize(random_.below(bytes.size() + 1));
      send(std::move(bytes));
    }
  }
  stage_.clock.after(random_.between({stage_.preset.think_min, stage_.preset.think_max}), [this] { act(); });
}

// Its own transaction, so that no memory of the original's answer hides what becomes of it.
std::string Stranger::with_new_branch(std::string bytes) {
  static constexpr std::string_view kMark = "branch=z9hG4bK";
  const size_t at = bytes.find(kMark);
  if (at != std::string::npos) bytes.replace(at + kMark.size(), 16, random_.hex());
  return bytes;
}

std::string Stranger::garbage() {
  static constexpr std::array<std::string_view, 6> kPieces = {"\r\n\r\n", "",     "GET / HTTP/1.1\r\n\r\n",
                                                              "SIP/2.0",  "\r\n", "OPTIONS"};
  if (random_.chance(0.5)) return std::string(kPieces[random_.below(kPieces.size())]);
  std::string bytes(random_.below(600), '\0');
  for (char& byte : bytes) byte = static_cast<char>(random_.next());
  return bytes;
}

std::string Stranger::strange_request() {
  static constexpr std::array<std::string_view, 10> kMethods = {"OPTIONS", "INVITE", "MESSAGE", "BYE", "CANCEL",
                                                                "NOTIFY",  "ACK",    "FOO",     "INFO", "REFER"};
  static constexpr std::array<std::string_view, 7> kUris = {"sip:presence.test", "sip:user0@presence.test",
                                                            "sip:nobody@presence.test", "sip:user1@elsewhere.test",
                                                            "tel:+358501234", "http://x/", "sips:user2@presence.test"};
  const std::string method(kMethods[random_.below(kMethods.size())]);
  return method + " " + std::string(kUris[random_.below(kUris.size())]) + " SIP/2.0\r\n" + strange_vias() +
         "From: <sip:stranger@elsewhere.test>;tag=" + random_.hex() +
         "\r\nTo: <sip:user0@presence.test>" + (random_.chance(0.3) ? ";tag=" + random_.hex() : "") +
         "\r\nCall-ID: " + random_.hex() + "\r\nCSeq: 1 " + method +
         "\r\nMax-Forwards: " + std::to_string(random_.below(71)) + "\r\nContact: <sip:stranger@" +
         to_text(own_) + ">\r\nContent-Length: 0\r\n\r\n";
}

std::string Stranger::strange_vias() {
  // Behind the sent-by: good ones, malformed ones, more of either. Or in its place.
  static constexpr std::array<std::string_view, 7> kEnds = {
      ";;,;,,", ";rport;branch=z9hG4bKother", " (x",      ";rport=x",
      ", SIP/2.0/TCP a;;", "\r\nVia: SIP/2.0/UDP", "\r\nv:"};
  const std::string end = random_.chance(0.7) ? "" : std::string(kEnds[random_.below(kEnds.size())]);
  const std::string host = random_.chance(0.9) ? to_text(own_) : to_text(own_) + "(x)";
  return "Via: SIP/2.0/UDP " + host + ";branch=z9hG4bK" + random_.hex() + end + "\r\n";
}

std::string Stranger::stray_response() {
  const std::string branch = random_.chance(0.5) ? "z9hG4bKv" + random_.hex() : "z9hG4bK" + random_.hex();
  return "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP " + to_text(stage_.server_for(own_)) + ";branch=" + branch +
         "\r\nFrom: <sip:a@presence.test>;tag=1\r\nTo: <sip:b@presence.test>;tag=2\r\nCall-ID: " + random_.hex() +
         "\r\nCSeq: 1 NOTIFY\r\nContent-Length: 0\r\n\r\n";
}

}  // namespace vedette::sim
