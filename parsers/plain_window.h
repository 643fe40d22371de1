// A reader of values of plain shapes, as nearly all are: no folds and no white space but where everybody puts it, no
// escapes, no IPv6. It reads by masks of the next 64 bytes, one mask for each class of characters, so that the end of
// a token costs one count of zeros. Included by parsers/kernel*.cc alone, which are built for different processors:
// nothing here may be an inline function that the linker could share between them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "parsers/plain_classes.h"

namespace vedette::parsers {
namespace {

// Below every limit that the other parsers have.
constexpr size_t kPlainParamsMax = 8;
constexpr size_t kPortDigitsMax = 5;
constexpr size_t kShortTextMax = kWindowBytes - 1;
constexpr size_t kUnknown = 64;   // Bits of a mask: nothing was found.

inline std::string_view view(const char* begin, const char* end) { return {begin, static_cast<size_t>(end - begin)}; }

// The letters of a short name in lower case as a number; for comparison with constants of the same making.
constexpr uint64_t letters(std::string_view name) {
  uint64_t word = 0;
  for (size_t i = 0; i < name.size(); ++i) word |= static_cast<uint64_t>(static_cast<unsigned char>(name[i])) << 8 * i;
  return word;
}
constexpr uint64_t kSmallWord = 0x2020202020202020;

// RFC 3986 §3.2.2: 0 to 255 in three digits; leading zeros, of RFC 3261 §25.1, are taken as well.
inline bool is_octet(const char* digits) {
  return digits[0] < '2' || (digits[0] == '2' && (digits[1] < '5' || (digits[1] == '5' && digits[2] <= '5')));
}

// Not a part of the reader: what has an address is kept in memory.
struct alignas(kWindowBytes) PlainCopy {
  char bytes[kWindowBytes + sizeof(uint64_t)];
};

// `Vectors` gives masks of 64 bytes: bit i for byte i. A short text is all in the window, with zeros behind it, which
// are in no class: so the end of every token is found there. Of a long one the window is moved on when a token does not
// end in it. Everything is inlined, so that all of a reader but its window is kept in registers.
template <typename Vectors, bool kIsShort>
class PlainWindow {
 protected:
  // Not for an empty text, nor a short one that is longer than kShortTextMax.
  [[gnu::always_inline]] PlainWindow(std::string_view text, PlainCopy& copy)
      : window_(text.data()), size_(text.size()), copy_(copy.bytes) {
    std::memset(copy_ + kWindowBytes, 0, sizeof copy.bytes - kWindowBytes);
    if constexpr (kIsShort) {
      block_ = Vectors::load_short(window_, size_, copy_);
    } else {
      look();
    }
  }

  [[gnu::always_inline]] const char* here() const { return window_ + at_; }
  [[gnu::always_inline]] size_t left() const { return size_ - at_; }
  [[gnu::always_inline]] bool at_end() const { return at_ == size_; }
  // The next byte; 0 at the end.
  [[gnu::always_inline]] char peek() const {
    if constexpr (kIsShort) return copy_[at_];
    return at_ < size_ ? window_[at_] : '\0';
  }
  [[gnu::always_inline]] bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  // The next bytes as a number, with zeros behind the end. What is known by them is passed without a count, so that
  // they, too, are to be in the window.
  template <typename Word>
  [[gnu::always_inline]] Word peek_word() {
    if constexpr (!kIsShort) {
      if (at_ > kKnownBytes) look();
    }
    Word word = 0;
    std::memcpy(&word, kIsShort || size_ < kWindowBytes ? copy_ + at_ : here(), sizeof word);
    return word;
  }

  // How many characters of the class come next; kUnknown when they do not end in what can be known of one window.
  template <PlainClass kClass>
  [[gnu::always_inline]] size_t count() {
    if constexpr (kIsShort) {
      return Vectors::count_zeros(Vectors::template outside<kClass>(block_) >> at_);
    } else {
      const size_t length = count_in_window<kClass>();
      if (length != kUnknown || at_ == 0) return length;
      look();
      return count_in_window<kClass>();
    }
  }

  // Moves over the characters of a class; false when there are none or too many.
  template <PlainClass kClass>
  [[gnu::always_inline]] bool take_some(std::string_view& out) {
    const size_t length = count<kClass>();
    out = {here(), length};
    at_ += length;
    return length - 1 < kUnknown - 1;
  }

  // At the opening quote. `inside` comes without its quotes.
  [[gnu::always_inline]] bool take_quoted(std::string_view& inside) {
    ++at_;
    const char* const begin = here();
    size_t length = count<PlainClass::kQuotedText>();
    if constexpr (!kIsShort) {
      for (; length == kUnknown; length = count<PlainClass::kQuotedText>()) at_ += kKnownBytes;
    }
    at_ += length;
    inside = view(begin, here());
    return take('"');
  }

  // Makes the window of a long text reach as far as it can.
  [[gnu::always_inline]] void look() {
    window_ += at_;
    size_ -= at_;
    at_ = 0;
    block_ = size_ < kWindowBytes ? Vectors::load_short(window_, size_, copy_) : Vectors::load(window_);
  }

  // host [":" port]. Names of labels and IPv4 addresses; both are known by where their dots and hyphens are.
  // `has_port` is set, and never cleared.
  [[gnu::always_inline]] bool read_hostport(std::string_view& host, uint16_t& port, bool& has_port) {
    const size_t length = count<PlainClass::kHost>();
    if (length - 1 >= kUnknown - 1) return false;
    const uint64_t dots = Vectors::low_bits(Vectors::equal(block_, kPlainTables.dots) >> at_, length);
    const uint64_t no_ends = dots | Vectors::equal(block_, kPlainTables.hyphens) >> at_;
    // Every label begins and ends with another byte: so do the first and the last, and those beside each dot.
    const uint64_t ends = uint64_t{1} | uint64_t{1} << (length - 1) | dots << 1 | dots >> 1;
    if ((ends & no_ends) != 0) return false;
    // RFC 3261 §25.1: the last label is no number. If it is, all must be an IPv4 address. Of what it may end with, only
    // digits come before the letters.
    if (here()[length - 1] <= '9') {
      const uint64_t digits = ~Vectors::template outside<PlainClass::kDigit>(block_) >> at_;
      if (!ends_as_it_may(here(), length, dots, digits)) return false;
    }
    host = {here(), length};
    at_ += length;
    if (!take(':')) return true;
    has_port = true;
    return read_port(port);
  }

  [[gnu::always_inline]] bool read_port(uint16_t& port) {
    const size_t length = count<PlainClass::kDigit>();
    if (length - 1 >= kPortDigitsMax) return false;
    const unsigned first = static_cast<unsigned char>(*here()) - unsigned{'0'};
    at_ += length;
    // The last four, and zeros before them: something stands before every port.
    const unsigned missing = length < 4 ? static_cast<unsigned>(8 * (4 - length)) : 0;
    uint32_t digits = 0;
    std::memcpy(&digits, here() - sizeof digits, sizeof digits);
    digits = (digits & 0x0f0f0f0f) >> missing << missing;
    digits = (digits * (10 * 0x100 + 1)) >> 8 & 0x00ff00ff;
    uint32_t value = (digits * (100 * 0x10000 + 1)) >> 16;
    if (length == kPortDigitsMax) value += first * 10000;
    port = static_cast<uint16_t>(value);
    return value <= 65535;
  }

  // name ["=" value], behind the ";". The value is a token or a quoted string.
  [[gnu::always_inline]] bool read_param(std::string_view& name, std::string_view& value, bool& quoted) {
    value = {};
    quoted = false;
    if (!take_some<PlainClass::kToken>(name)) return false;
    if (!take('=')) return true;
    quoted = peek() == '"';
    return quoted ? take_quoted(value) : take_some<PlainClass::kToken>(value);
  }

  // Of a list: behind an element, to where the next one begins. False when none does although there is a comma.
  [[gnu::always_inline]] bool take_comma(std::string_view& rest) {
    if (!at_end()) {
      if (!take(',')) return false;
      take(' ');
      if (at_end() || is_low(peek())) return false;
      rest = {here(), left()};
      return true;
    }
    rest = {};
    return true;
  }

 private:
  template <PlainClass kClass>
  [[gnu::always_inline]] size_t count_in_window() const {
    uint64_t outside = Vectors::template outside<kClass>(block_);
    if (size_ >= kWindowBytes) outside = Vectors::low_bits(outside, kKnownBytes);
    return Vectors::count_zeros(outside >> at_);
  }

  // Of a host whose last byte is a digit.
  [[gnu::always_inline]] static bool ends_as_it_may(const char* host, size_t length, uint64_t dots, uint64_t digits) {
    digits = Vectors::low_bits(digits, length);
    const uint64_t others = Vectors::low_bits(~uint64_t{0}, length) ^ (digits | dots);
    if (others == 0) return is_ipv4(host, dots, digits);
    const size_t last_label = dots == 0 ? 0 : kUnknown - static_cast<size_t>(__builtin_clzll(dots));
    return others >> last_label != 0;
  }

  // Three dots, beside each of which digits stand: no four of them, and of three no more than 255.
  [[gnu::always_inline]] static bool is_ipv4(const char* host, uint64_t dots, uint64_t digits) {
    uint64_t triples = digits & digits >> 1 & digits >> 2;
    if (__builtin_popcountll(dots) != 3 || (triples & digits >> 3) != 0) return false;
    for (; triples != 0; triples &= triples - 1) {
      if (!is_octet(host + Vectors::count_zeros(triples))) return false;
    }
    return true;
  }

 protected:
  const char* window_;     // What the window shows, and all that stands behind it.
  size_t size_;
  size_t at_ = 0;          // Below 64, because no more than a few bytes are passed behind the end of a token.
  typename Vectors::Block block_;

 private:
  char* const copy_;       // Of the last window, whose bytes end in it, with zeros behind them.
};

}  // namespace
}  // namespace vedette::parsers
