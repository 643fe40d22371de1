// Via of plain shapes. Included by parsers/kernel*.cc alone (see plain_window.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "parsers/plain_window.h"
#include "parsers/via.h"

namespace vedette::parsers {
namespace {

constexpr size_t kSentProtocolBytes = 12;
constexpr size_t kShortestVia = 24;     // Shorter values are not looked at.

// With a transport of three letters and one SP.
inline bool read_sent_protocol(const char* via, ViaTransport& transport) {
  uint64_t protocol = 0;
  uint32_t name = 0;
  std::memcpy(&protocol, via, sizeof protocol);
  std::memcpy(&name, via + sizeof protocol, sizeof name);
  if (protocol != letters("SIP/2.0/")) return false;
  switch (name) {
    case letters("UDP "): transport = ViaTransport::kUdp; return true;
    case letters("TCP "): transport = ViaTransport::kTcp; return true;
    case letters("TLS "): transport = ViaTransport::kTls; return true;
    case letters("WSS "): transport = ViaTransport::kWss; return true;
    default: return false;
  }
}

// What stands behind the sent-protocol.
template <typename Vectors, bool kIsShort>
class PlainVia : PlainWindow<Vectors, kIsShort> {
  using Window = PlainWindow<Vectors, kIsShort>;

 public:
  [[gnu::always_inline]] PlainVia(std::string_view text, PlainCopy& copy) : Window(text, copy) {}

  [[gnu::always_inline]] bool read(Via& out) {
    const char* const sent_by = this->here();
    bool has_port = false;
    if (!this->read_hostport(out.host, out.port, has_port) || (has_port && out.port == 0)) return false;
    const char* const params = this->here();
    out.sent_by = view(sent_by, params);
    for (size_t count = 0; this->take(';'); ++count) {
      if (count == kPlainParamsMax || !read_param(out)) return false;
    }
    if (params != this->here()) out.params = view(params, this->here());
    out.text = view(sent_by - kSentProtocolBytes, this->here());
    return this->at_end();
  }

 private:
  [[gnu::always_inline]] bool read_param(Via& out) {
    const uint64_t word = this->template peek_word<uint64_t>();
    // A small letter is that or a capital one; "=" is looked at as it is.
    constexpr uint64_t kSmallName = kSmallWord >> 16;
    if ((word | kSmallName) << 8 == letters("branch=") << 8) {
      this->at_ += 7;
      return out.branch.empty() && this->template take_some<PlainClass::kToken>(out.branch);
    }
    constexpr uint64_t kRport = letters("rport");
    if (((word | kSmallWord) & 0xffffffffff) == kRport) {
      this->at_ += 5;
      if (out.has_rport) return false;
      out.has_rport = true;
      return !this->take('=') || this->read_port(out.rport);
    }
    return read_other_param(word, out);
  }

  bool read_other_param(uint64_t word, Via& out) {
    std::string_view name;
    std::string_view value;
    bool quoted = false;
    if (!Window::read_param(name, value, quoted)) return false;
    const uint64_t small = Vectors::low_bits(word | kSmallWord, 8 * name.size());
    if (name.size() == 6 && small == letters("branch")) return false;
    if (name.size() != 8 || small != letters("received")) return true;
    if (!out.received.empty() || quoted || value.empty()) return false;
    out.received = value;
    return true;
  }
};

// Kernel::next_plain_via.
template <typename Vectors>
bool next_plain_via(std::string_view& rest, Via& out) {
  if (rest.size() < kShortestVia) return false;
  // What the first bytes must be is known, so that the window begins behind them.
  Vectors::clear(out);
  if (!read_sent_protocol(rest.data(), out.transport)) return false;
  const std::string_view text = view(rest.data() + kSentProtocolBytes, rest.data() + rest.size());
  PlainCopy copy;
  const bool is_plain = text.size() <= kShortTextMax ? PlainVia<Vectors, true>(text, copy).read(out)
                                                     : PlainVia<Vectors, false>(text, copy).read(out);
  if (!is_plain) return false;
  rest = {};
  return true;
}

}  // namespace
}  // namespace vedette::parsers
