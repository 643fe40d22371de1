// Character classes of the SIP grammar (RFC 3261 §25.1, RFC 3966 §3) as one table of bits.
// Used by the parsers of this folder only. No state; any thread.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "parsers/simd.h"

namespace vedette::parsers {

enum CharClass : uint16_t {
  kAlphaChar = 1u << 0,
  kDigitChar = 1u << 1,
  kHexChar = 1u << 2,
  kSpaceChar = 1u << 3,        // SP and HTAB.
  kTokenChar = 1u << 4,        // token
  kWordChar = 1u << 5,         // word, as in Call-ID
  kHostChar = 1u << 6,         // hostname with "_", which real host names have.
  kUserChar = 1u << 7,         // user without "escaped"
  kPasswordChar = 1u << 8,     // password without "escaped"
  kUriParamChar = 1u << 9,     // paramchar without "escaped"
  kUriHeaderChar = 1u << 10,   // hnv-unreserved and unreserved
  kSchemeChar = 1u << 11,      // scheme after its first letter
  kParamValueChar = 1u << 12,  // gen-value that is no quoted string: token, or host with its IPv6 references.
  kVisibleChar = 1u << 13,     // 0x21 to 0x7e without < > ": what any URI is made of, at most.
  kSeparatorChar = 1u << 14,   // visual-separator of a telephone number
};

inline constexpr std::array<uint16_t, 256> kCharClasses = [] {
  std::array<uint16_t, 256> table{};
  const auto add = [&table](std::string_view chars, unsigned classes) {
    for (const char c : chars) {
      auto& entry = table[static_cast<unsigned char>(c)];
      entry = static_cast<uint16_t>(entry | classes);
    }
  };
  constexpr unsigned kUnreserved = kUserChar | kPasswordChar | kUriParamChar | kUriHeaderChar;
  constexpr unsigned kAlphanum =
      kUnreserved | kTokenChar | kWordChar | kHostChar | kSchemeChar | kParamValueChar;
  add("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", kAlphanum | kAlphaChar);
  add("0123456789", kAlphanum | kDigitChar);
  add("0123456789abcdefABCDEF", kHexChar);
  add(" \t", kSpaceChar);
  add("-.!%*_+`'~", kTokenChar | kWordChar | kParamValueChar);
  add("()<>:\\\"/[]?{}", kWordChar);
  add("[]:", kParamValueChar);
  add("-._", kHostChar);
  add("-_.!~*'()", kUnreserved);
  add("&=+$,;?/", kUserChar);
  add("&=+$,", kPasswordChar);
  add("[]/:&+$", kUriParamChar);
  add("[]/?:+$", kUriHeaderChar);
  add("+-.", kSchemeChar);
  add("-.()", kSeparatorChar);
  for (unsigned c = 0x21; c < 0x7f; ++c) {
    if (c != '<' && c != '>' && c != '"') table[c] = static_cast<uint16_t>(table[c] | kVisibleChar);
  }
  return table;
}();

constexpr bool is(CharClass wanted, char c) {
  return (kCharClasses[static_cast<unsigned char>(c)] & wanted) != 0;
}

// The same classes for sixteen characters at a time, by the number of their bit.
inline constexpr std::array<ByteSet, 15> kByteSets = [] {
  std::array<ByteSet, 15> sets{};
  for (unsigned c = 0; c < 0x80; ++c) {
    for (unsigned bit = 0; bit < sets.size(); ++bit) {
      if ((kCharClasses[c] >> bit & 1) != 0) sets[bit].add(static_cast<unsigned char>(c));
    }
  }
  return sets;
}();

constexpr const ByteSet& set_of(CharClass wanted) {
  return kByteSets[static_cast<size_t>(std::countr_zero(static_cast<unsigned>(wanted)))];
}

// The first character that is not of the class, or the end. What stands before `next` may be read, too.
inline const char* skip(CharClass wanted, const char* readable, const char* next, const char* end) {
  return find_outside(set_of(wanted), readable, next, end);
}

inline bool all(CharClass wanted, std::string_view text) {
  const char* const end = text.data() + text.size();
  return skip(wanted, text.data(), text.data(), end) == end;
}

// White space, a line end, or another control character: whatever makes plain text worth a closer look.
constexpr bool is_low(char c) { return static_cast<unsigned char>(c) <= ' '; }

constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

// The value of a hexadecimal digit, which `c` must be.
constexpr unsigned hex_value(char c) {
  return c <= '9' ? static_cast<unsigned>(c - '0') : static_cast<unsigned>(to_lower(c) - 'a') + 10;
}

}  // namespace vedette::parsers
