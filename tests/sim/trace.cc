#include "tests/sim/trace.h"

#include <algorithm>

#include "tests/sim/fake_hashes.h"

namespace vedette::sim {
namespace {

std::string printable(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    if (c == '\r') continue;
    const bool plain = c == '\n' || (c >= ' ' && c < '\x7f');
    if (plain) {
      text += c;
    } else {
      text += "\\x" + to_hex({&c, 1});
    }
  }
  return text;
}

std::string_view first_line(std::string_view bytes) { return bytes.substr(0, bytes.find("\r\n")); }

std::string_view line_with(std::string_view bytes, std::string_view name) {
  const size_t at = bytes.find(name);
  return at == std::string_view::npos ? std::string_view() : first_line(bytes.substr(at + 2));
}

}  // namespace

void Trace::record(WireEvent event, const Packet& packet) {
  ++messages_;
  const uint64_t when = static_cast<uint64_t>(clock_.now().unix_nanoseconds());
  hash_ = hash_ * 0x9e3779b97f4a7c15 + when;
  hash_ ^= hash_text(packet.bytes) + static_cast<uint64_t>(event) + packet.from.port + uint64_t{packet.to.port} * 7;
  Entry entry = {clock_.now(), event, packet};
  if (print_ == TracePrint::kLines) print_line(stdout, entry);
  if (print_ == TracePrint::kMessages) {
    print_line(stdout, entry);
    std::fprintf(stdout, "%s\n", printable(packet.bytes).c_str());
  }
  if (kept_.size() < kKept) {
    kept_.push_back(std::move(entry));
    return;
  }
  kept_[next_] = std::move(entry);
  next_ = (next_ + 1) % kKept;
}

void Trace::note(std::string_view text) {
  if (print_ == TracePrint::kNothing) return;
  std::fprintf(stdout, "---- %.*s\n", static_cast<int>(text.size()), text.data());
}

void Trace::print_line(std::FILE* to, const Entry& entry) const {
  const std::string start = printable(first_line(entry.packet.bytes)).substr(0, 100);
  const std::string cseq = printable(line_with(entry.packet.bytes, "\r\nCSeq:"));
  const std::string call = printable(line_with(entry.packet.bytes, "\r\nCall-ID:"));
  const int64_t milliseconds = entry.when.unix_nanoseconds() / 1'000'000;
  std::fprintf(to, "%lld.%03lld %s %s > %s%s  %s  %s  %s\n", static_cast<long long>(milliseconds / 1000),
               static_cast<long long>(milliseconds % 1000), entry.event == WireEvent::kSent ? "sent    " : "received",
               to_text(entry.packet.from).c_str(), to_text(entry.packet.to).c_str(),
               entry.packet.corrupted ? " CORRUPTED" : "", start.c_str(), cseq.c_str(), call.c_str());
}

void Trace::print_last(std::FILE* to, std::string_view call_id, size_t count) const {
  std::vector<const Entry*> chosen;
  for (size_t i = kept_.size(); i > 0 && chosen.size() < count; --i) {
    const Entry& entry = kept_[(next_ + i - 1) % kept_.size()];
    if (call_id.empty() || entry.packet.bytes.find(call_id) != std::string::npos) chosen.push_back(&entry);
  }
  for (size_t i = chosen.size(); i > 0; --i) {
    print_line(to, *chosen[i - 1]);
    std::fprintf(to, "%s\n\n", printable(chosen[i - 1]->packet.bytes).c_str());
  }
}

}  // namespace vedette::sim
