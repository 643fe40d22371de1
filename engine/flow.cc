#include "engine/flow.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

namespace vedette::engine {
namespace {

constexpr std::array<uint8_t, 12> kV4Prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool parse_v4(std::string_view text, uint8_t* out) {
  for (int i = 0; i < 4; ++i) {
    const size_t end = i < 3 ? text.find('.') : text.size();
    if (end == std::string_view::npos || end == 0 || end > 3) return false;
    unsigned value = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + end, value);
    if (error != std::errc() || rest != text.data() + end || value > 255) return false;
    out[i] = static_cast<uint8_t>(value);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

// "0" to "255".
struct OctetText {
  std::array<char, 3> digits{};
  uint8_t length = 0;
};
constexpr std::array<OctetText, 256> kOctetTexts = [] {
  std::array<OctetText, 256> texts{};
  for (size_t i = 0; i < texts.size(); ++i) {
    OctetText& text = texts[i];
    if (i >= 100) text.digits[text.length++] = static_cast<char>('0' + i / 100);
    if (i >= 10) text.digits[text.length++] = static_cast<char>('0' + i / 10 % 10);
    text.digits[text.length++] = static_cast<char>('0' + i % 10);
  }
  return texts;
}();

// Every NOTIFY has one.
void write_v4(const uint8_t* octets, parsers::Writer& writer) {
  // All of a text is stored, its length as well, and what is too much of it written over.
  char bytes[4 * sizeof(OctetText)];
  char* const begin = writer.room() < sizeof bytes ? bytes : writer.position();
  char* to = begin;
  for (int i = 0; i < 4; ++i) {
    const OctetText& text = kOctetTexts[octets[i]];
    std::memcpy(to, &text, sizeof text);
    to[text.length] = '.';
    to += text.length + 1;
  }
  const auto length = static_cast<size_t>(to - begin) - 1;
  begin == bytes ? void(writer.put({bytes, length})) : void(writer.try_take(length));
}

// RFC 4291 §2.2: eight groups, one "::" for a run of zeros, the last 32 bits perhaps as a dotted quad.
bool parse_v6(std::string_view text, std::array<uint8_t, 16>& out) {
  std::array<uint8_t, 16> bytes{};
  size_t used = 0;
  size_t gap = SIZE_MAX;
  if (text.starts_with("::")) {
    gap = 0;
    text.remove_prefix(2);
  }
  while (!text.empty()) {
    if (used == 16) return false;
    const size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (colon == std::string_view::npos && group.find('.') != std::string_view::npos) {
      if (used > 12 || !parse_v4(group, bytes.data() + used)) return false;
      used += 4;
      break;
    }
    unsigned value = 0;
    if (group.empty() || group.size() > 4) return false;
    const auto [rest, error] = std::from_chars(group.data(), group.data() + group.size(), value, 16);
    if (error != std::errc() || rest != group.data() + group.size()) return false;
    bytes[used++] = static_cast<uint8_t>(value >> 8);
    bytes[used++] = static_cast<uint8_t>(value);
    if (colon == std::string_view::npos) break;
    text.remove_prefix(colon + 1);
    if (text.starts_with(':')) {
      if (gap != SIZE_MAX) return false;
      gap = used;
      text.remove_prefix(1);
    } else if (text.empty()) {
      return false;
    }
  }
  if (gap == SIZE_MAX) {
    if (used != 16) return false;
  } else {
    if (used == 16) return false;
    std::copy_backward(bytes.begin() + gap, bytes.begin() + used, bytes.end());
    std::fill(bytes.begin() + gap, bytes.begin() + gap + (16 - used), uint8_t{0});
  }
  out = bytes;
  return true;
}

}  // namespace

IpAddress IpAddress::v4(uint32_t host_order) {
  IpAddress address;
  std::copy(kV4Prefix.begin(), kV4Prefix.end(), address.bytes.begin());
  for (int i = 0; i < 4; ++i) address.bytes[12 + i] = static_cast<uint8_t>(host_order >> (24 - 8 * i));
  return address;
}

bool IpAddress::parse(std::string_view text, IpAddress& out) {
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') {
    return parse_v6(text.substr(1, text.size() - 2), out.bytes);
  }
  if (text.find(':') != std::string_view::npos) return parse_v6(text, out.bytes);
  std::array<uint8_t, 16> bytes{};
  std::copy(kV4Prefix.begin(), kV4Prefix.end(), bytes.begin());
  if (!parse_v4(text, bytes.data() + 12)) return false;
  out.bytes = bytes;
  return true;
}

bool IpAddress::is_v4() const {
  // Without a call: it is asked of every message.
  uint64_t first = 0;
  uint32_t second = 0;
  std::memcpy(&first, bytes.data(), sizeof first);
  std::memcpy(&second, bytes.data() + sizeof first, sizeof second);
  return first == 0 && second == std::bit_cast<uint32_t>(std::array<uint8_t, 4>{0, 0, 0xff, 0xff});
}

uint32_t IpAddress::v4_host_order() const {
  return uint32_t{bytes[12]} << 24 | uint32_t{bytes[13]} << 16 | uint32_t{bytes[14]} << 8 | bytes[15];
}

void IpAddress::write(parsers::Writer& writer) const {
  if (is_v4()) return write_v4(bytes.data() + kV4Prefix.size(), writer);
  // RFC 5952 §4: lower case, no leading zeros, the longest run of two or more zero groups as "::".
  std::array<unsigned, 8> groups{};
  for (size_t i = 0; i < 8; ++i) groups[i] = unsigned{bytes[2 * i]} << 8 | bytes[2 * i + 1];
  size_t run_at = 8, run_length = 1;
  for (size_t i = 0; i < 8; ++i) {
    size_t end = i;
    while (end < 8 && groups[end] == 0) ++end;
    if (end - i > run_length) {
      run_at = i;
      run_length = end - i;
    }
    if (end > i) i = end - 1;
  }
  for (size_t i = 0; i < 8;) {
    if (i == run_at) {
      writer.put("::");
      i += run_length;
      continue;
    }
    if (i > 0 && i != run_at + run_length) writer.put(':');
    unsigned digits = 1;
    while (digits < 4 && groups[i] >> (4 * digits) != 0) ++digits;
    writer.put_hex(groups[i], digits);
    ++i;
  }
}

void IpAddress::write_host(parsers::Writer& writer) const {
  if (is_v4()) {
    write(writer);
    return;
  }
  writer.put('[');
  write(writer);
  writer.put(']');
}

std::string_view to_string(Transport transport) {
  static constexpr std::array<std::string_view, 5> kNames = {"UDP", "TCP", "TLS", "WS", "WSS"};
  return kNames[static_cast<size_t>(transport)];
}

}  // namespace vedette::engine
